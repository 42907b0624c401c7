"""Job handlers for tests. What ran is noted, with whose rows it saw."""

import time
from pathlib import Path

import structlog
from django.db import transaction

from payments.models import ApiKey
from tenants import jobs
from tenants.jobs import Claim, Later

KINDS = ("note", "stumble", "postpone", "finish_itself", "add_twin", "hang")
ran: list[tuple[str, set[str]]] = []
contexts: list[dict[str, object]] = []


def note(job: Claim) -> None:
    contexts[:] = [structlog.contextvars.get_contextvars()]
    ran.append((job.subject, rows_seen()))


def stumble(job: Claim) -> None:
    note(job)
    raise RuntimeError(f"stumbled over {job.subject} {'x' * 600}")


def postpone(job: Claim) -> None:
    note(job)
    raise Later(30)


def finish_itself(job: Claim) -> None:
    with transaction.atomic():
        note(job)
        jobs.finish(job)


def add_twin(job: Claim) -> None:
    """Somebody wants the same work while we are at it, and then we are put off."""
    jobs.add(kind=job.kind, tenant_id=job.tenant_id, subject=job.subject, once=True)
    raise Later(30)


def hang(job: Claim) -> None:
    """For a process that is killed here; the subject is the file that says so."""
    Path(job.subject).touch()
    time.sleep(60)


def rows_seen() -> set[str]:
    """The public ids of the merchants whose keys can be read where we are."""
    return {prefix[-8:] for prefix in ApiKey.objects.values_list("prefix", flat=True)}

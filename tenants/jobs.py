"""The one place that adds, claims, runs and finishes jobs. Rows are the truth; Huey (tenants/tasks.py) only rings.

A handler is a plain function `handler(job: Claim) -> None`. It may run twice and must not mind. It runs inside its
merchant's schema and outside any transaction. Raising `Later` puts it off; any other exception is retried with
growing delays and parked, visibly, after MAX_ATTEMPTS; from then on it is tried once an hour.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from uuid import UUID, uuid4

import orjson
import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_tenants.utils import tenant_context

from tenants import backoff
from tenants.directory import directory
from tenants.lanes import lanes
from tenants.models import Job, Tenant

# Upward calls, readable in one table: kind → dotted path of its handler.
JOBS: dict[str, str] = {
    "dispatch": "payments.dispatch.dispatch",
    "poll": "payments.polling.poll",
    "probe": "payments.probing.probe",
    "callback": "payments.callbacks.process",
    "seal": "payments.sealer.seal",
    "purge": "payments.idempotency.purge",
    "rescue": "payments.rescue.rescue",
}
MAX_ATTEMPTS = 12
# A dispatch job ends with the commit of the intent, before the provider is called.
DISPATCH_LEASE_SECONDS = 15.0
# A job that found its lane full is looked at again after so long, unless a place gets free earlier.
FULL_LANE_SECONDS = 0.2

log = structlog.get_logger("jobs")


@dataclass(slots=True)
class Claim:
    """A job in our hands until the lease ends; `token` fences every later write."""

    id: int
    tenant_id: int
    kind: str
    subject: str
    lane: str
    attempts: int
    token: UUID
    request_id: str
    is_finished: bool = False  # by its handler, together with its work


class Later(Exception):
    """Raised by a handler: nothing is wrong, run me again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class LeaseLost(Exception):
    """Somebody else holds the job now; whatever this process was about to write must not be written."""


def lease_seconds(lane: str = "") -> float:
    """Longer than everything a handler may wait for: a token, the call, and both again after a refresh."""
    call_seconds: float = settings.PROVIDER_TIMEOUTS.get(lane, settings.PROVIDER_TIMEOUT)
    return 2 * (settings.TOKEN_TIMEOUT + call_seconds) + 10


def add(
    *,
    kind: str,
    tenant_id: int,
    subject: str,
    lane: str = "",
    delay_seconds: float = 0,
    once: bool = False,
    request_id: str = "",
) -> None:
    """Add a job, in the caller's transaction. With `once`, a waiting twin is only pulled forward.

    lane: the provider that the job will call, "" for none; see tenants/lanes.py.
    """
    if kind not in JOBS:
        raise KeyError(f"no handler for job kind {kind!r}")
    dedupe_key = f"{kind}:{tenant_id}:{subject}" if once else None
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO public.tenants_job
                 (tenant_id, kind, subject, lane, dedupe_key, due_at, attempts, last_error, request_id, created_at)
               VALUES (%s, %s, %s, %s, %s, now() + make_interval(secs => %s), 0, '', %s, now())
               ON CONFLICT (dedupe_key) WHERE claim_token IS NULL
               DO UPDATE SET due_at = LEAST(tenants_job.due_at, EXCLUDED.due_at)""",
            [tenant_id, kind, subject, lane, dedupe_key, delay_seconds, request_id],
        )


def claim(*, lane: str | None = None) -> Claim | None:
    """Lease the job that has waited longest and whose lane has a free place, or None.

    lane: of this provider alone; else of any but the slow ones, which have workers of their own.

    Attempts are counted here, before the work, and a job that used them all up is parked: one that takes its worker
    down each time would come back for ever otherwise.
    """
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE public.tenants_job
                      SET claim_token = %(token)s,
                          due_at = now() + make_interval(secs => CASE kind WHEN 'dispatch' THEN %(short)s
                                             ELSE coalesce((%(leases)s::jsonb ->> lane)::float, %(lease)s) END),
                          attempts = LEAST(attempts + 1, %(most)s),
                          parked_at = CASE WHEN attempts >= %(most)s THEN now() END,
                          last_error = CASE WHEN attempts >= %(most)s AND last_error = ''
                                            THEN 'its worker died each time' ELSE last_error END
                    WHERE id = (SELECT id FROM public.tenants_job
                                 WHERE parked_at IS NULL AND due_at <= now() AND (%(lane)s = '' OR lane = %(lane)s)
                                   AND lane <> ALL(%(full)s) AND lane || ':' || tenant_id <> ALL(%(full)s)
                                 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING parked_at, last_error,
                          id, tenant_id, kind, subject, lane, attempts, claim_token, request_id""",
                {
                    "token": uuid4(),
                    "lease": lease_seconds(),
                    "leases": orjson.dumps({name: lease_seconds(name) for name in settings.PROVIDER_TIMEOUTS}).decode(),
                    "short": DISPATCH_LEASE_SECONDS,
                    "most": MAX_ATTEMPTS,
                    "lane": lane or "",
                    "full": lanes.full() + ([] if lane else settings.SLOW_PROVIDERS),
                },
            )
            row = cursor.fetchone()
        if row is None:
            return None
        if row[0] is None:
            return Claim(*row[2:])
        log.error("job_parked", job=row[4], subject=row[5], error=row[1])


def revive_parked(*, after_seconds: float) -> int:
    """Give each job that has been parked for so long one more try: nothing is given up for ever. Returns how many.

    One at a time: two that each see one of two twins would both take theirs for the superseded one.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('jobs.revive_parked'))")
        cursor.execute(
            """WITH old AS (
                 SELECT id, dedupe_key FROM public.tenants_job
                  WHERE parked_at <= statement_timestamp() - make_interval(secs => %(after)s) FOR UPDATE SKIP LOCKED),
               superseded AS (
                 DELETE FROM public.tenants_job USING old
                  WHERE tenants_job.id = old.id AND EXISTS (
                    SELECT 1 FROM public.tenants_job twin
                     WHERE twin.dedupe_key = old.dedupe_key AND twin.id <> old.id
                       AND (twin.id > old.id OR twin.id NOT IN (SELECT id FROM old)))
                 RETURNING tenants_job.id)
               UPDATE public.tenants_job
                  SET parked_at = NULL, claim_token = NULL, due_at = now(), attempts = %(most)s - 1
                WHERE id IN (SELECT id FROM old) AND id NOT IN (SELECT id FROM superseded)""",
            {"after": after_seconds, "most": MAX_ATTEMPTS},
        )
        return int(cursor.rowcount)


def add_unless_waiting(*, kind: str, tenant_id: int, subject: str, delay_seconds: float) -> None:
    """Add a job unless its twin waits already; that one is neither touched nor locked.

    For work that many transactions want at once: the twin may run before they commit, so it has to look again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ADD_UNLESS_WAITING,
            {
                "job_tenant": tenant_id, "job_kind": kind, "job_subject": subject,
                "job_key": f"{kind}:{tenant_id}:{subject}", "job_delay": delay_seconds,
            },
        )  # fmt: skip


# Also a part of larger statements.
ADD_UNLESS_WAITING = """
INSERT INTO public.tenants_job
  (tenant_id, kind, subject, dedupe_key, due_at, attempts, last_error, request_id, created_at)
VALUES (%(job_tenant)s, %(job_kind)s, %(job_subject)s, %(job_key)s, now() + make_interval(secs => %(job_delay)s), 0, '',
        '', now())
ON CONFLICT (dedupe_key) WHERE claim_token IS NULL DO NOTHING"""


def drop(*, kind: str, tenant_id: int, subject: str) -> None:
    """Take back a job that was added with `once` and that nobody has claimed, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM public.tenants_job WHERE dedupe_key = %s AND claim_token IS NULL AND parked_at IS NULL",
            [f"{kind}:{tenant_id}:{subject}"],
        )


def pull_forward(*, tenant_id: int, lane: str, kinds: tuple[str, ...]) -> None:
    """Let waiting jobs of a merchant at a provider run now, spread over a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE public.tenants_job SET due_at = LEAST(due_at, now() + random() * interval '1 second')
                WHERE tenant_id = %s AND lane = %s AND kind = ANY(%s) AND claim_token IS NULL AND parked_at IS NULL""",
            [tenant_id, lane, list(kinds)],
        )


def finish(job: Claim) -> None:
    """Delete a job that is done. Inside a transaction this commits together with the work, and until then nobody takes
    the job over. Raises LeaseLost."""
    if not _delete(job):
        raise LeaseLost(job)
    job.is_finished = True


def run_due(*, lane: str | None = None, at_most: int = 1000) -> int:
    """Run jobs one after the other until none is due (see `claim`). Returns how many ran."""
    for count in range(at_most):
        job = claim(lane=lane)
        if job is None:
            return count
        run(job)
    return at_most


def run(job: Claim) -> None:
    """Run one claimed job in its merchant's schema and settle it."""
    with structlog.contextvars.bound_contextvars(
        request_id=job.request_id, job_id=job.id, job=job.kind, subject=job.subject, attempt=job.attempts
    ):
        tenant = directory.get(job.tenant_id)
        with structlog.contextvars.bound_contextvars(merchant=tenant.slug):
            _run_in_schema(job, tenant)


def due_count(*, at_most: int) -> int:
    """How many jobs wait to be claimed by a worker of all lanes now, counted no further than `at_most`."""
    due = Job.objects.filter(parked_at__isnull=True, due_at__lte=Now())
    return due.exclude(lane__in=settings.SLOW_PROVIDERS)[:at_most].count()


def _run_in_schema(job: Claim, tenant: Tenant) -> None:
    try:
        handler = cast(Callable[[Claim], None], import_string(JOBS[job.kind]))
        with lanes.entered(job.lane, job.tenant_id) as has_place:
            if not has_place:
                raise Later(FULL_LANE_SECONDS)
            with tenant_context(tenant):
                handler(job)
    except Later as later:
        _put_off(job, later.seconds, error="")
    except LeaseLost:
        log.warning("lease_lost")
    except Exception as error:
        log.exception("job_failed")
        # Had the handler's connection died, the next line would, too, and the job would wait for its lease to end.
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        _give_back(job, error)
    else:
        if not job.is_finished:
            _delete(job)


def _give_back(job: Claim, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
    if job.attempts >= MAX_ATTEMPTS:
        Job.objects.filter(pk=job.id, claim_token=job.token).update(parked_at=Now(), last_error=text)
        log.error("job_parked", error=text)
    else:
        _put_off(job, backoff.delay_seconds(job.attempts), error=text)


def _put_off(job: Claim, seconds: float, *, error: str) -> None:
    """Being put off on purpose, without an error, is no failure: the attempts are counted anew."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """UPDATE public.tenants_job job
                      SET claim_token = NULL, due_at = statement_timestamp() + make_interval(secs => %(seconds)s),
                          last_error = %(error)s, attempts = CASE WHEN %(error)s = '' THEN 0 ELSE attempts END
                    WHERE id = %(id)s AND claim_token = %(token)s AND NOT EXISTS (
                      SELECT FROM public.tenants_job twin
                       WHERE twin.dedupe_key = job.dedupe_key AND twin.claim_token IS NULL AND twin.id <> job.id)""",
                {"seconds": seconds, "error": error, "id": job.id, "token": job.token},
            )
            waits = bool(cursor.rowcount)
    except IntegrityError:  # asked for in this very moment
        waits = False
    if not waits:
        # The same work was asked for meanwhile; that job waits already, and one is enough.
        _delete(job)


def _delete(job: Claim) -> bool:
    """Whether it was still ours."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM public.tenants_job WHERE id = %s AND claim_token = %s", [job.id, job.token])
        return bool(cursor.rowcount)

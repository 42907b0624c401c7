"""Jobs that always fail, or kill whoever takes them, are given up with their reason; all others get done."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection

from tenants import jobs
from tenants.models import Job
from tests.journeys.test_crashes import is_succeeded, post_payment
from tests.processes import ROOT, Installation, eventually, installation
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant

pytestmark = pytest.mark.processes
PAYMENTS = 60
KILLER, FAILING = "kills whoever takes it", "pay_never_made"


@contextmanager
def a_worker_that_is_started_again_whenever_it_dies(home: Installation) -> Iterator[list[int]]:
    """Gives the exit statuses of its lives."""
    command = [
        sys.executable, "-m", "tests.journeys.poisoned_worker", "run_huey", "--skip-checks", "--workers", "4",
        "--worker-type", "thread",
    ]  # fmt: skip
    over, deaths, lives = threading.Event(), list[int](), list[subprocess.Popen[bytes]]()

    def supervise() -> None:
        while not over.is_set():
            lives.append(subprocess.Popen(command, cwd=ROOT, env=home.environment, stderr=subprocess.DEVNULL))
            deaths.append(lives[-1].wait())

    supervisor = threading.Thread(target=supervise)
    supervisor.start()
    try:
        yield deaths
    finally:
        over.set()
        lives[-1].kill()
        supervisor.join()


def poison(merchant: Merchant) -> None:
    for subject in (KILLER, FAILING):
        jobs.add(kind="poll", tenant_id=merchant.tenant.pk, subject=subject, delay_seconds=3600)
    Job.objects.filter(subject=KILLER).update(kind="poison")


def let_be_next(subject: str) -> None:
    """The first in the queue, without the pauses between its attempts."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_job SET due_at = now() - interval '1 hour' WHERE subject = %s", [subject])


def given_up() -> dict[str, Job]:
    return {job.subject: job for job in Job.objects.exclude(parked_at=None)}


def test_poison_is_given_up_and_every_payment_gets_done(committed: Merchant, mtn: SimulatedMtn) -> None:
    # What a worker was sending as it died is sent again once it must have arrived, or never will.
    with installation("web", "scheduler", SETTLE_SECONDS="9") as home:
        eventually(home.is_alive, within_seconds=30)
        poison(committed)
        payments = [post_payment(home, committed).json()["id"] for _ in range(PAYMENTS)]
        with a_worker_that_is_started_again_whenever_it_dies(home) as deaths:

            def is_given_up(subject: str) -> bool:
                let_be_next(subject)
                return subject in given_up()

            for subject in (KILLER, FAILING):  # one after the other: the first would take the other one with it
                eventually(partial(is_given_up, subject), within_seconds=120)
            eventually(lambda: all(is_succeeded(home, committed, each) for each in payments), within_seconds=120)
        assert mtn.truth()["doubles"] == {}
        assert given_up()[FAILING].attempts == jobs.MAX_ATTEMPTS
        assert "DoesNotExist" in given_up()[FAILING].last_error
        # Counted before it runs, or else it would kill for ever. Two threads of one life may have taken it.
        assert given_up()[KILLER].attempts == jobs.MAX_ATTEMPTS
        assert 2 <= deaths.count(-9) <= jobs.MAX_ATTEMPTS + 1  # the last one is the test's own

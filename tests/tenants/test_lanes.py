"""A provider that hangs holds some of a worker's threads; the others go on with everything else."""

from contextlib import ExitStack, suppress

import pytest
from django.test import override_settings

from tenants import jobs
from tenants.lanes import Lanes, lanes
from tenants.models import Job
from tests.world import Merchant

pytestmark = pytest.mark.usefixtures("queue")


def add(merchant: Merchant, subject: str, lane: str = "") -> None:
    jobs.add(kind="note", tenant_id=merchant.tenant.pk, subject=subject, lane=lane)


def hold(stack: ExitStack, merchant: Merchant, *, threads: int, lane: str = "mtn") -> list[bool]:
    """So many calls of the merchant to the provider are under way until the stack is left."""
    return [stack.enter_context(lanes.entered(lane, merchant.tenant.pk)) for _ in range(threads)]


@override_settings(WORKER_THREADS=8)
def test_one_merchants_calls_take_half_of_the_threads_at_most(acme: Merchant, globex: Merchant) -> None:
    with ExitStack() as calls:
        assert hold(calls, acme, threads=5) == [True] * 4 + [False]
        add(acme, "waits", "mtn")
        add(globex, "runs", "mtn")
        assert jobs.run_due() == 1
    assert jobs.run_due() == 1


@override_settings(WORKER_THREADS=8)
def test_one_provider_takes_three_quarters_at_most_and_the_rest_is_for_all_else(
    acme: Merchant, globex: Merchant
) -> None:
    with ExitStack() as calls:
        assert all(hold(calls, acme, threads=4))
        assert hold(calls, globex, threads=3) == [True, True, False]
        add(globex, "waits", "mtn")
        add(globex, "another provider", "airtel")
        add(acme, "no provider at all")
        assert jobs.run_due() == 2
        assert Job.objects.get().subject == "waits"


@override_settings(WORKER_THREADS=8)
def test_a_job_that_finds_its_lane_full_after_the_claim_waits_without_having_failed(acme: Merchant) -> None:
    add(acme, "one", "mtn")
    job = jobs.claim()
    assert job
    with ExitStack() as calls:
        hold(calls, acme, threads=4)
        jobs.run(job)
        waiting = Job.objects.get()
        assert (waiting.attempts, waiting.last_error, waiting.claim_token) == (0, "", None)


@override_settings(WORKER_THREADS=1)
def test_with_a_single_thread_everything_still_runs(acme: Merchant) -> None:
    add(acme, "one", "mtn")
    assert jobs.run_due() == 1


def test_a_place_is_given_back_when_the_call_ends_however_it_ends() -> None:
    own = Lanes()
    with suppress(ZeroDivisionError), own.entered("mtn", 1):
        raise ZeroDivisionError
    assert own.full() == []
    assert not own._held

"""Jobs are claimed once at a time, run in their merchant, and are never lost: not by failure, delay or a lost lease."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test import override_settings

from payments.accounts import find_account, open_account
from tenants import backoff, jobs
from tenants.jobs import Claim, LeaseLost
from tenants.models import Job
from tests.tenants import handlers
from tests.world import Merchant, let_time_pass

pytestmark = pytest.mark.usefixtures("queue")


class Boom(Exception):
    """The rest of the transaction went wrong."""


def add(merchant: Merchant, subject: str = "one", *, kind: str = "note", **options: Any) -> None:
    jobs.add(kind=kind, tenant_id=merchant.tenant.pk, subject=subject, **options)


def claim() -> Claim:
    job = jobs.claim()
    assert job is not None
    return job


def seconds_until_due(job: Job) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM due_at - now()) FROM tenants_job WHERE id = %s", [job.pk])
        return float(cursor.fetchone()[0])


class TestAdding:
    def test_a_kind_without_handler_is_refused(self, acme: Merchant) -> None:
        with pytest.raises(KeyError, match="tidy"):
            add(acme, kind="tidy")
        assert not Job.objects.exists()

    def test_a_job_shares_the_fate_of_the_change_that_needs_it(self, acme: Merchant) -> None:
        with suppress(Boom), transaction.atomic():
            add(acme)
            raise Boom
        assert not Job.objects.exists()

    def test_the_same_work_asked_for_twice_is_done_twice(self, acme: Merchant) -> None:
        add(acme)
        add(acme)
        assert jobs.run_due() == 2

    def test_a_waiting_twin_is_pulled_forward_and_never_pushed_back(self, acme: Merchant) -> None:
        for delay, expected in ((60, 60), (10, 10), (300, 10)):
            add(acme, once=True, delay_seconds=delay)
            assert seconds_until_due(Job.objects.get()) == pytest.approx(expected, abs=2)

    def test_other_work_is_no_twin(self, acme: Merchant, globex: Merchant) -> None:
        add(acme, once=True)
        add(globex, once=True)
        add(acme, "two", once=True)
        add(acme, kind="postpone", once=True)
        assert Job.objects.count() == 4

    def test_a_claimed_twin_does_not_swallow_a_new_request(self, acme: Merchant) -> None:
        add(acme, once=True)
        first = claim()
        add(acme, once=True)
        assert claim().id != first.id

    def test_a_parked_twin_does_not_swallow_a_new_request(self, acme: Merchant) -> None:
        add(acme, kind="stumble", once=True)
        give_up()
        add(acme, kind="stumble", once=True)
        assert claim().attempts == 1


class TestClaiming:
    def test_who_waited_longest_comes_first(self, acme: Merchant) -> None:
        for seconds in (5, 30, 10):
            add(acme, f"waited {seconds}", delay_seconds=-seconds)
        assert [claim().subject for _ in range(3)] == ["waited 30", "waited 10", "waited 5"]

    def test_what_is_not_due_is_left(self, acme: Merchant) -> None:
        add(acme, delay_seconds=1)
        assert jobs.claim() is None
        let_time_pass()
        assert claim().subject == "one"

    def test_what_is_claimed_is_nobody_elses_until_the_lease_ends(self, acme: Merchant) -> None:
        add(acme)
        first = claim()
        assert jobs.claim() is None
        assert seconds_until_due(Job.objects.get()) == pytest.approx(jobs.lease_seconds(), abs=2)
        let_time_pass()
        assert claim().token != first.token

    def test_attempts_are_counted_at_the_claim_and_not_at_the_end(self, acme: Merchant) -> None:
        add(acme)
        for attempts in (1, 2, 3):
            job = claim()
            assert (job.attempts, Job.objects.get().attempts) == (attempts, attempts)
            let_time_pass()

    def test_a_claim_says_what_was_asked_for(self, acme: Merchant) -> None:
        add(acme, request_id="req-7")
        job = claim()
        assert (job.kind, job.subject, job.tenant_id, job.request_id) == ("note", "one", acme.tenant.pk, "req-7")

    def test_the_database_allows_one_waiting_twin_only(self, acme: Merchant) -> None:
        add(acme, once=True)
        row = Job.objects.get()
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


class TestRunning:
    def test_a_job_sees_its_merchants_rows_whoever_came_before(self, acme: Merchant, globex: Merchant) -> None:
        for merchant in (acme, globex, acme):
            add(merchant, merchant.slug)
        jobs.run_due()
        a, g = {acme.tenant.public_id}, {globex.tenant.public_id}
        assert sorted(handlers.ran) == [("acme", a), ("acme", a), ("globex", g)]
        assert connection.schema_name == "public"  # type: ignore[attr-defined]

    def test_a_job_after_one_that_failed_sees_its_own_merchants_rows(self, acme: Merchant, globex: Merchant) -> None:
        add(acme, "bad", kind="stumble", delay_seconds=-1)
        add(globex, "good")
        assert jobs.run_due() == 2
        assert handlers.ran[1] == ("good", {globex.tenant.public_id})

    def test_a_job_inherits_no_merchant_from_its_worker(self, acme: Merchant, globex: Merchant) -> None:
        add(acme)
        with globex.entered():
            jobs.run_due()
            assert connection.tenant == globex.tenant  # type: ignore[attr-defined]
        assert handlers.ran == [("one", {acme.tenant.public_id})]

    def test_a_job_that_is_done_is_gone(self, acme: Merchant) -> None:
        add(acme)
        add(acme, "itself", kind="finish_itself")
        assert jobs.run_due() == 2
        assert not Job.objects.exists()

    def test_log_lines_of_a_job_carry_its_request_and_merchant(self, acme: Merchant) -> None:
        add(acme, request_id="req-7")
        jobs.run_due()
        [context] = handlers.contexts
        assert (context["request_id"], context["merchant"], context["job"]) == ("req-7", "acme", "note")
        assert "job" not in structlog.contextvars.get_contextvars()

    def test_a_round_has_an_end(self, acme: Merchant) -> None:
        for number in range(3):
            add(acme, str(number))
        assert jobs.run_due(at_most=2) == 2
        assert jobs.due_count(at_most=10) == 1

    def test_counting_stops_where_it_is_told_to(self, acme: Merchant) -> None:
        for number in range(5):
            add(acme, str(number))
        assert jobs.due_count(at_most=3) == 3


class TestDelays:
    def test_being_put_off_is_no_failure(self, acme: Merchant) -> None:
        add(acme, kind="postpone")
        for _ in range(jobs.MAX_ATTEMPTS + 1):
            assert jobs.run_due() == 1
            job = Job.objects.get()
            assert (job.attempts, job.last_error, job.claim_token, job.parked_at) == (0, "", None, None)
            assert seconds_until_due(job) == pytest.approx(30, abs=2)
            let_time_pass()

    def test_what_is_put_off_dissolves_into_a_waiting_twin(self, acme: Merchant) -> None:
        add(acme, kind="add_twin", once=True)
        jobs.run(claim())
        assert seconds_until_due(Job.objects.get()) == pytest.approx(0, abs=2)

    def test_without_a_key_nothing_dissolves(self, acme: Merchant) -> None:
        for subject in ("one", "two"):
            add(acme, subject, kind="postpone")
        jobs.run_due()
        assert Job.objects.count() == 2


class TestFailures:
    def test_a_failure_is_kept_with_its_error_and_tried_again(self, acme: Merchant) -> None:
        add(acme, kind="stumble")
        jobs.run_due()
        job = Job.objects.get()
        assert job.last_error.startswith("RuntimeError: stumbled over one xxx")
        assert (job.attempts, job.claim_token, job.parked_at) == (1, None, None)
        assert 0 <= seconds_until_due(job) <= 3

    def test_the_delay_grows_by_doubling_up_to_a_quarter_of_an_hour(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("random.uniform", lambda _low, high: high)
        assert [backoff.delay_seconds(attempts) for attempts in (1, 2, 5, 9, 10, 100)] == [2, 4, 32, 512, 900, 900]

    def test_the_delay_is_spread_over_its_whole_range(self) -> None:
        delays = [backoff.delay_seconds(10) for _ in range(200)]
        assert 0 <= min(delays) < 100
        assert 800 < max(delays) <= 900

    def test_after_too_many_failures_a_job_waits_for_a_person(self, acme: Merchant) -> None:
        add(acme, kind="stumble")
        give_up()
        job = Job.objects.get()
        assert job.parked_at
        assert job.last_error.startswith("RuntimeError")
        assert jobs.run_due() == jobs.due_count(at_most=9) == 0

    def test_a_parked_job_is_tried_again_after_a_while(self, acme: Merchant) -> None:
        add(acme, kind="stumble")
        give_up()
        Job.objects.update(kind="note")
        assert jobs.revive_parked(after_seconds=0) == 1
        assert jobs.run_due() == 1
        assert not Job.objects.exists()

    def test_a_parked_job_whose_work_was_asked_for_again_gives_way_to_its_twin(self, acme: Merchant) -> None:
        add(acme, kind="stumble", once=True)
        give_up()
        add(acme, kind="stumble", once=True, delay_seconds=60)
        assert jobs.revive_parked(after_seconds=0) == 0
        assert Job.objects.get().parked_at is None

    def test_of_two_parked_twins_one_is_tried_again(self, acme: Merchant) -> None:
        for _ in range(2):
            add(acme, kind="stumble", once=True)
            give_up_newest()
        assert jobs.revive_parked(after_seconds=0) == 1
        assert Job.objects.get().parked_at is None


class TestLeases:
    def test_who_lost_the_lease_cannot_finish(self, acme: Merchant) -> None:
        add(acme)
        late = claim()
        let_time_pass()
        claim()
        with pytest.raises(LeaseLost):
            jobs.finish(late)
        assert Job.objects.count() == 1

    @pytest.mark.parametrize("kind", ["note", "stumble", "postpone"])
    def test_whatever_comes_of_a_lost_lease_the_new_owners_claim_stands(self, acme: Merchant, kind: str) -> None:
        add(acme, kind=kind)
        late = claim()
        let_time_pass()
        owner = claim()
        before = Job.objects.values().get()
        jobs.run(late)
        assert Job.objects.values().get() == before
        jobs.finish(owner)

    def test_a_handler_that_finds_its_lease_lost_is_no_failure(self, acme: Merchant) -> None:
        add(acme, kind="finish_itself")
        late = claim()
        let_time_pass()
        owner = claim()
        jobs.run(late)
        assert Job.objects.get().last_error == ""
        jobs.finish(owner)

    def test_finishing_is_undone_with_the_work_it_belongs_to(self, acme: Merchant) -> None:
        add(acme)
        job = claim()
        with suppress(Boom), transaction.atomic():
            jobs.finish(job)
            raise Boom
        jobs.finish(job)
        assert not Job.objects.exists()

    def test_a_made_up_token_opens_nothing(self, acme: Merchant) -> None:
        add(acme)
        job = claim()
        forged = Claim(job.id, job.tenant_id, job.kind, job.subject, "", job.attempts, uuid4(), "")
        with pytest.raises(LeaseLost):
            jobs.finish(forged)

    @pytest.mark.parametrize("slowest", [5.0, 30.0, 90.0])
    def test_a_lease_outlasts_the_longest_provider_call(self, acme: Merchant, slowest: float) -> None:
        timeouts = dict.fromkeys(settings.PROVIDER_TIMEOUTS, 5.0) | {"mtn": slowest}
        with override_settings(PROVIDER_TIMEOUTS=timeouts, TOKEN_TIMEOUT=slowest), acme.entered():
            row = find_account(provider="mtn", livemode=False)
            assert row
            longest = open_account(row).timeouts.longest_operation_seconds
            assert jobs.lease_seconds("mtn") >= longest + 5
            assert longest >= 4 * slowest


def give_up_newest() -> None:
    """The newest job is given up, whatever became of the older ones."""
    job = Job.objects.order_by("-id")[0]
    Job.objects.filter(pk=job.pk).update(parked_at=Now(), claim_token=uuid4(), attempts=jobs.MAX_ATTEMPTS)


def give_up() -> None:
    """Run the only job until nobody wants to any more."""
    for _ in range(jobs.MAX_ATTEMPTS):
        let_time_pass()
        assert jobs.run_due(at_most=1) == 1

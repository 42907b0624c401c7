"""The doorbell, the two Huey tasks and the scheduler's tick: they only ever say that there is work."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings

from tenants import doorbell, jobs, tasks
from tenants.management.commands import run_scheduler
from tenants.management.commands.run_scheduler import MOST_QUEUED_RINGS, PURGE_EVERY_TICKS, sweep
from tenants.models import Heartbeat, Job
from tests.processes import eventually
from tests.tenants import handlers
from tests.world import Merchant, let_time_pass

pytestmark = pytest.mark.usefixtures("queue")


@pytest.fixture(autouse=True)
def silence(queue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Connections stay open, because each test is one transaction; test_job_races.py has them closed."""
    for module in (tasks, run_scheduler):
        monkeypatch.setattr(module, "close_old_connections", lambda: None)
    yield
    settings.HUEY.flush()


def rings() -> list[str]:
    return [task.name for task in settings.HUEY.pending()]


def add(merchant: Merchant, subject: str = "one") -> None:
    jobs.add(kind="note", tenant_id=merchant.tenant.pk, subject=subject)


class TestDoorbell:
    def test_a_ring_reaches_the_queue_without_the_caller_waiting(self) -> None:
        doorbell.ring()
        eventually(lambda: rings() == ["work"])

    def test_a_burst_is_no_more_than_one_ring_for_each_worker(self) -> None:
        doorbell.deliver(100)
        assert rings() == ["work"] * settings.WORKER_THREADS

    def test_a_queue_that_is_away_costs_nothing_but_the_ring(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: Any) -> None:
            raise ConnectionError("nobody listens")

        monkeypatch.setattr(settings.HUEY.storage, "enqueue", away)
        doorbell.deliver(1)
        doorbell.ring()
        monkeypatch.undo()
        doorbell.ring()
        eventually(rings)

    def test_rings_are_delivered_off_the_callers_thread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        threads: list[str] = []
        monkeypatch.setattr(doorbell, "deliver", lambda _: threads.append(threading.current_thread().name))
        doorbell.ring()
        eventually(lambda: threads == ["doorbell"])


class TestTasks:
    def test_a_ring_makes_a_worker_run_all_that_is_due(self, acme: Merchant, globex: Merchant) -> None:
        add(acme)
        add(globex)
        tasks.work.call_local()
        assert [rows for _, rows in handlers.ran] == [{acme.tenant.public_id}, {globex.tenant.public_id}]

    def test_a_worker_does_not_start_in_the_merchant_it_was_left_in(self, acme: Merchant, globex: Merchant) -> None:
        connection.set_tenant(globex.tenant)  # type: ignore[attr-defined]
        add(acme)
        tasks.work.call_local()
        assert connection.schema_name == "public"  # type: ignore[attr-defined]
        assert handlers.ran == [("one", {acme.tenant.public_id})]

    def test_there_are_two_tasks_and_neither_is_ever_given_data(self) -> None:
        names = {name.rpartition(".")[2] for name in tasks.huey._registry._registry}
        assert names >= {"work", "beat"}
        assert all(task.args == () and task.kwargs == {} for task in settings.HUEY.pending())

    def test_a_beat_is_written_by_the_databases_clock(self, acme: Merchant) -> None:
        Heartbeat.objects.create(name="worker", beaten_at=Now() - timedelta(hours=1))
        tasks.beat.call_local()
        assert age_seconds("worker") < 5


class TestSweep:
    def test_it_rings_for_what_is_due_and_for_nothing_else(self, acme: Merchant) -> None:
        jobs.add(kind="note", tenant_id=acme.tenant.pk, subject="later", delay_seconds=60)
        sweep(1)
        assert rings() == []
        add(acme)
        sweep(1)
        assert rings() == ["work"]

    def test_it_rings_for_a_lease_that_ended(self, acme: Merchant) -> None:
        add(acme)
        jobs.claim()
        sweep(1)
        assert rings() == []
        let_time_pass()
        sweep(1)
        assert rings() == ["work"]

    def test_it_leaves_parked_jobs_alone(self, acme: Merchant) -> None:
        add(acme)
        Job.objects.update(parked_at=Now())
        sweep(1)
        assert rings() == []

    def test_it_proves_that_it_lives_and_asks_the_workers_to(self) -> None:
        sweep(2)
        assert age_seconds("scheduler") < 5
        assert rings() == ["beat"]

    def test_it_does_not_pile_up_rings_that_nobody_hears(self, acme: Merchant) -> None:
        add(acme)
        for tick in range(3 * MOST_QUEUED_RINGS):
            sweep(2 * tick + 2)
        assert MOST_QUEUED_RINGS < len(rings()) <= MOST_QUEUED_RINGS + settings.WORKER_THREADS + 1
        assert age_seconds("scheduler") < 5

    def test_it_has_every_merchant_purged_once_in_a_while(self, acme: Merchant, globex: Merchant) -> None:
        for _ in range(2):
            sweep(PURGE_EVERY_TICKS)
        purged = Job.objects.filter(kind="purge").values_list("tenant__slug", flat=True)
        assert sorted(slug for slug in purged if slug in {"acme", "globex"}) == ["acme", "globex"]

    def test_any_number_of_schedulers_may_run(self, acme: Merchant) -> None:
        add(acme)
        for _ in range(3):
            sweep(1)
        assert jobs.run_due() == 1

    @override_settings(WORKER_THREADS=2)
    def test_a_backlog_is_no_more_than_one_ring_for_each_worker(self, acme: Merchant) -> None:
        for number in range(5):
            add(acme, str(number))
        sweep(1)
        assert rings() == ["work"] * 2


def age_seconds(name: str) -> float:
    beaten_at: datetime = Heartbeat.objects.get(name=name).beaten_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp() - %s)", [beaten_at])
        return float(cursor.fetchone()[0])

"""Many workers and real crashes: each job runs once, and what a killed worker held runs again."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import OperationalError, close_old_connections, connection, connections, transaction

from tenants import jobs, tasks
from tenants.models import Job
from tests.processes import ROOT, database_url, eventually
from tests.tenants import handlers
from tests.world import Merchant, let_time_pass

WORKERS, JOBS_IN_ALL = 8, 80
WORKER = """
import django
django.setup()
from tenants import jobs
jobs.JOBS["hang"] = "tests.tenants.handlers.hang"
jobs.run_due()
"""


def test_eight_workers_run_every_job_once(committed_queue: Merchant) -> None:
    for number in range(JOBS_IN_ALL):
        jobs.add(kind="note", tenant_id=committed_queue.tenant.pk, subject=str(number))
    together = threading.Barrier(WORKERS)

    def work(_: int) -> int:
        try:
            together.wait(10)
            return jobs.run_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        shares = list(pool.map(work, range(WORKERS)))
    assert sorted(int(subject) for subject, _ in handlers.ran) == list(range(JOBS_IN_ALL))
    assert all(rows == {committed_queue.tenant.public_id} for _, rows in handlers.ran)
    assert sum(shares) == JOBS_IN_ALL
    assert max(shares) < JOBS_IN_ALL


def test_a_claim_passes_over_a_job_that_somebody_is_just_claiming(committed_queue: Merchant) -> None:
    for subject in ("one", "two"):
        jobs.add(kind="note", tenant_id=committed_queue.tenant.pk, subject=subject)

    def claim_elsewhere() -> str | None:
        try:
            job = jobs.claim()
            return job.subject if job else None
        finally:
            connections.close_all()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        assert jobs.claim()  # not committed yet: the row is locked
        assert pool.submit(claim_elsewhere).result(20) == "two"
        assert pool.submit(claim_elsewhere).result(20) is None


def test_a_job_finished_in_an_open_transaction_cannot_be_taken_over_even_when_its_lease_ends(
    committed_queue: Merchant,
) -> None:
    jobs.add(kind="note", tenant_id=committed_queue.tenant.pk, subject="one")
    job = jobs.claim()
    assert job
    let_time_pass()
    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        jobs.finish(job)
        assert pool.submit(in_a_connection_of_its_own, jobs.claim).result(20) is None
    assert jobs.claim() is None


def test_two_requests_for_the_same_work_at_the_same_time_are_one_job(committed_queue: Merchant) -> None:
    def add(_: int) -> None:
        jobs.add(kind="note", tenant_id=committed_queue.tenant.pk, subject="one", once=True)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda number: in_a_connection_of_its_own(add, number), range(WORKERS)))
    assert Job.objects.filter(tenant=committed_queue.tenant).count() == 1


def test_a_worker_whose_connection_the_server_ended_goes_on_with_a_new_one(committed_queue: Merchant) -> None:
    jobs.add(kind="note", tenant_id=committed_queue.tenant.pk, subject="one")
    with suppress(OperationalError), committed_queue.entered(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    tasks.work.call_local()
    assert handlers.ran == [("one", {committed_queue.tenant.public_id})]


@pytest.mark.processes
def test_what_a_killed_worker_was_doing_runs_again_after_the_lease(
    committed_queue: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    jobs.add(kind="hang", tenant_id=committed_queue.tenant.pk, subject="begun")
    environment = {**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", WORKER], cwd=tmp_path, env=environment) as worker:
        eventually((tmp_path / "begun").exists, within_seconds=40)
        worker.kill()
    close_old_connections()
    assert jobs.claim() is None  # the lease still protects a worker that may be alive
    assert Job.objects.get(tenant=committed_queue.tenant).attempts == 1
    let_time_pass()
    monkeypatch.setitem(jobs.JOBS, "hang", "tests.tenants.handlers.note")
    assert jobs.run_due() == 1
    assert handlers.ran == [("begun", {committed_queue.tenant.public_id})]


def in_a_connection_of_its_own(do, *arguments):
    try:
        return do(*arguments)
    finally:
        connections.close_all()

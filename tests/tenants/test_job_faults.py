"""Jobs that kill, break or outlive what runs them are neither lost nor run for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import connection, connections, transaction

from tenants import jobs
from tenants.models import Job
from tests.tenants import handlers
from tests.world import let_time_pass


def test_a_job_that_kills_every_worker_is_parked_in_the_end(queue, acme):
    jobs.add(kind="note", tenant_id=acme.tenant.pk, subject="killer")
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        let_time_pass()
        jobs.claim()  # and the worker dies here
    let_time_pass()
    assert jobs.claim() is None
    assert Job.objects.get().parked_at


def test_a_job_of_a_newer_release_is_put_back_and_does_not_stop_the_others(queue, acme):
    for subject in ("unknown", "known"):
        jobs.add(kind="note", tenant_id=acme.tenant.pk, subject=subject, delay_seconds=-1)
    Job.objects.filter(subject="unknown").update(kind="webhook")
    jobs.run_due()
    assert [subject for subject, _ in handlers.ran] == ["known"]
    assert "webhook" in Job.objects.get().last_error


def test_an_error_with_a_nul_in_it_is_kept_like_any_other(queue, acme, monkeypatch):
    def broken(_job):
        raise RuntimeError("the gateway said \0")

    monkeypatch.setattr(handlers, "stumble", broken)
    jobs.add(kind="stumble", tenant_id=acme.tenant.pk, subject="one")
    assert jobs.run_due() == 1
    assert Job.objects.get().last_error.startswith("RuntimeError")


def test_a_request_for_the_same_work_while_a_failure_is_settled_is_no_conflict(committed_queue, monkeypatch):
    """The other request is not committed when the failure is settled: neither sees the other, and the index decides."""
    merchant = committed_queue
    asked, may_commit = threading.Event(), threading.Event()

    def ask_elsewhere():
        try:
            with transaction.atomic():
                jobs.add(kind="stumble", tenant_id=merchant.tenant.pk, subject="one", once=True)
                asked.set()
                may_commit.wait(5)
        finally:
            connections.close_all()

    def stumble(_job):
        pool.submit(ask_elsewhere)
        asked.wait(5)
        threading.Timer(0.2, may_commit.set).start()  # by then the settling waits for the other transaction
        raise RuntimeError("stumbled")

    monkeypatch.setattr(handlers, "stumble", stumble)
    jobs.add(kind="stumble", tenant_id=merchant.tenant.pk, subject="one", once=True)
    job = jobs.claim()
    assert job is not None
    with ThreadPoolExecutor(1) as pool:
        jobs.run(job)
    assert Job.objects.filter(tenant=merchant.tenant).count() == 1


def test_a_handler_that_lost_its_connection_leaves_its_error_behind(committed_queue, monkeypatch):
    def broken(_job):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(handlers, "stumble", broken)
    jobs.add(kind="stumble", tenant_id=committed_queue.tenant.pk, subject="one")
    with suppress(Exception):
        jobs.run_due()
    connection.close()
    job = Job.objects.get(tenant=committed_queue.tenant)
    assert (job.claim_token, job.last_error != "") == (None, True)

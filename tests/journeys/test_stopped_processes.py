"""A process that stands still at a bad moment sends nothing later, when everybody believes that nothing comes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import connection, connections, transaction

from payments import dispatch
from payments.models import Exchange, Transaction
from payments.polling import look_up
from payments.reconciliation import Source
from payments.settling import is_send_settled
from payments.transitions import lock_payment
from providers.base import Kind, Operation
from providers.clock import steady_seconds
from providers.connections import Resolver
from providers.http import HttpClient
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tenants.jobs import Claim
from tests.world import Merchant, let_settle, run_jobs

PHONE = "+260966000123"


def claimed() -> Claim:
    job = jobs.claim()
    assert job is not None
    assert job.kind == "dispatch"
    return job


def committed_intent(merchant: Merchant, job: Claim) -> dispatch.Intent:
    """What a worker holds just before it calls."""
    with merchant.entered():
        intent = dispatch.commit_intent(job)
    assert intent is not None
    return intent


def test_a_stop_inside_the_commit_of_the_intent_does_not_lengthen_the_time_to_send(acme, mtn, settings, monkeypatch):
    """Here for 1.2 s of a settle window of 1 s; in life for as long as PostgreSQL lets a transaction stand idle."""
    settings.SETTLE_SECONDS = 1
    settings.RETRY_MAX_ATTEMPTS = 1
    payment_id = acme.pay(phone=PHONE).json()["id"]
    real = dispatch.move

    def move_after_a_stop(*arguments, **named):
        time.sleep(1.2)
        real(*arguments, **named)

    monkeypatch.setattr(dispatch, "move", move_after_a_stop)
    intent = committed_intent(acme, claimed())
    with acme.entered():
        operation = Transaction.objects.get(payment_id=payment_id)
        assert is_send_settled(operation)
        # Others ask while this process mints a token, say: not found, twice, after the settle window.
        for _ in range(2):
            look_up(operation, livemode=False, source=Source.POLL, request_id="")
        dispatch.send(intent, request_id="")
    assert mtn.sends(PHONE) == 0


def test_not_a_byte_leaves_after_send_before_when_connecting_takes_long(acme, mtn, monkeypatch):
    """The time is looked at before the connection is made, not before the request goes out."""
    acme.pay(phone=PHONE)
    intent = committed_intent(acme, claimed())
    with acme.entered():
        adapter = MtnAdapter(client=HttpClient())
        assert adapter.probe(intent.account, Operation.COLLECT).kind == "pending"  # it has its token
        adapter._own_client = HttpClient()  # and its connection was closed
        real = Resolver.addresses

        def slowly(self, *arguments):
            time.sleep(0.6)
            return real(self, *arguments)

        monkeypatch.setattr(Resolver, "addresses", slowly)
        late = dispatch._instruction(
            dispatch.Intent(
                intent.payment, intent.operation, intent.account, intent.circuit, None, steady_seconds() + 0.3
            )
        )
        outcome = adapter.send(intent.account, late)
    assert outcome.kind == Kind.REFUSED
    assert mtn.sends(PHONE) == 0


def test_a_process_that_wakes_too_late_does_not_have_sent_again_what_mtn_confirmed_to_have(acme, mtn):
    """It stood still before its send; others proved that nothing came, sent it, and MTN said: accepted."""
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    slept = committed_intent(acme, claimed())
    let_settle(acme)
    run_jobs(rounds=4)
    assert mtn.sends(PHONE) == 1
    with acme.entered():
        assert Transaction.objects.get(payment_id=payment_id).answered_at
        dispatch.send(replace(slept, send_before=steady_seconds() - 1), request_id="")
    run_jobs(rounds=3)
    assert mtn.sends(PHONE) == 1, "sent again; only MTN's 409 keeps it from charging twice"


def test_an_answer_is_not_thrown_away_because_somebody_holds_the_payments_lock(committed, mtn):
    """Another process stands still in a transaction about the payment, for longer than anybody waits for a lock."""
    payment_id = committed.pay(phone=PHONE).json()["id"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_job SET due_at = now() - interval '1 day' WHERE subject = %s", [payment_id])
    job = claimed()
    assert job.subject == payment_id
    intent = committed_intent(committed, job)
    held, free = threading.Event(), threading.Event()

    def hold():
        try:
            with committed.entered(), transaction.atomic():
                lock_payment(payment_id)
                held.set()
                free.wait(30)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(hold)
        assert held.wait(20)
        threading.Timer(6, free.set).start()
        with committed.entered():
            dispatch.send(intent, request_id="")
        done.result(20)
    with committed.entered():
        calls = list(Exchange.objects.filter(payment_id=payment_id).values_list("operation", "status"))
    assert mtn.sends(PHONE) == 1
    assert ("collect", 202) in calls, "MTN's answer is nowhere"

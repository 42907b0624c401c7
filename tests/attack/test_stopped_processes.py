"""Attacks: a process that stands still at a bad moment, and sends when everybody believes that nothing comes."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from django.db import OperationalError, connection, connections, transaction

from payments import dispatch
from payments.models import Exchange, Transaction
from payments.polling import look_up
from payments.reconciliation import Source
from payments.settling import is_send_settled
from payments.transitions import lock_payment
from providers.clock import steady_seconds
from providers.connections import Resolver
from providers.http import HttpClient
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tests.world import let_settle, run_jobs

PHONE = "+260966000123"


def test_a_stop_inside_the_commit_of_the_intent_does_not_lengthen_the_time_to_send(acme, mtn, settings, monkeypatch):
    """last_sent_at is written at its beginning, send_before is reckoned from its end: a stop between them (here 1.2 s
    of a settle window of 1 s; in life up to idle_in_transaction_session_timeout, 60 s of 60 s) lies in neither."""
    settings.SETTLE_SECONDS = 1
    settings.RETRY_MAX_ATTEMPTS = 1
    payment_id = acme.pay(phone=PHONE).json()["id"]
    real = dispatch.move

    def move_after_a_stop(*arguments, **named):
        time.sleep(1.2)
        real(*arguments, **named)

    monkeypatch.setattr(dispatch, "move", move_after_a_stop)
    job = jobs.claim()
    assert job.kind == "dispatch"
    with acme.entered():
        intent = dispatch.commit_intent(job)
        operation = Transaction.objects.get(payment_id=payment_id)
        believed, allowed = is_send_settled(operation), steady_seconds() < intent.send_before
        # Others ask while this process mints a token, say: not found, twice, after the settle window.
        for _ in range(2):
            look_up(operation, livemode=False, source=Source.POLL, request_id="")
    told = acme.api("GET", f"/v1/payments/{payment_id}").json()
    with acme.entered():
        dispatch.send(intent, request_id="")
    charged_or_sent = mtn.sends(PHONE)
    print("told:", told["status"], told["failure"], "sends afterwards:", charged_or_sent)
    mtn.wait_until_charged(PHONE)  # the payer pays, after the merchant was told that it failed and may be tried anew
    assert not (believed and allowed)


def test_not_a_byte_leaves_after_send_before_when_connecting_takes_long(acme, mtn, monkeypatch):
    """The time is looked at before the connection is made, not before the request goes out."""
    payment_id = acme.pay(phone=PHONE).json()["id"]
    job = jobs.claim()
    with acme.entered():
        intent = dispatch.commit_intent(job)
        adapter = MtnAdapter(client=HttpClient())
        assert adapter.probe(intent.account, "collect").kind == "pending"  # it has its token
        adapter._own_client = HttpClient()  # and its connection was closed
        real = Resolver.addresses

        def slowly(self, *arguments):
            time.sleep(0.6)
            return real(self, *arguments)

        monkeypatch.setattr(Resolver, "addresses", slowly)
        late = dispatch._instruction(dispatch.Intent(
            intent.payment, intent.operation, intent.account, intent.circuit, None, steady_seconds() + 0.3
        ))
        outcome = adapter.send(intent.account, late)
    print(payment_id, outcome.kind, outcome.message)
    assert mtn.sends(PHONE) == 0


def test_a_process_that_wakes_too_late_does_not_have_sent_again_what_mtn_confirmed_to_have(acme, mtn):
    """It stood still before its send; others proved that nothing came, sent it, and MTN said: accepted."""
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    job = jobs.claim()
    with acme.entered():
        slept = dispatch.commit_intent(job)
    let_settle(acme)
    run_jobs(rounds=4)
    assert mtn.sends(PHONE) == 1
    with acme.entered():
        assert Transaction.objects.get(payment_id=payment_id).answered_at
        dispatch.send(replace(slept, send_before=steady_seconds() - 1), request_id="")
        found = Transaction.objects.get(payment_id=payment_id)
        print("may_resend:", found.may_resend)
    run_jobs(rounds=3)
    assert mtn.sends(PHONE) == 1, "sent again; only MTN's 409 keeps it from charging twice"


def test_an_answer_is_not_thrown_away_because_somebody_holds_the_payments_lock(committed, mtn):
    """A process stopped in a transaction about the payment (or a deadlock) costs the answer and the record of the call."""
    payment_id = committed.pay(phone=PHONE).json()["id"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_job SET due_at = now() - interval '1 day' WHERE subject = %s", [payment_id])
    job = jobs.claim()
    assert job.subject == payment_id
    with committed.entered():
        intent = dispatch.commit_intent(job)
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
        failure = ""
        with committed.entered():
            try:
                dispatch.send(intent, request_id="")
            except OperationalError as error:
                failure = str(error)
        free.set()
        done.result(20)
    with committed.entered():
        calls = list(Exchange.objects.filter(payment_id=payment_id).values_list("operation", "status"))
    print(failure, calls)
    assert mtn.sends(PHONE) == 1
    assert ("collect", 202) in calls, "MTN's answer is nowhere"

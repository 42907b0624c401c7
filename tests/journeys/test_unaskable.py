"""What nobody can be asked about is neither guessed nor forgotten, and a slow lane's workers outlive their jobs."""

import threading

import pytest
from django.conf import settings
from django.db import InterfaceError

from payments import dispatch, rescue
from payments.doctor.merchants import forgotten
from payments.models import AuditEntry, ProviderAccount
from payments.reconciliation import Source, apply_outcome
from payments.routing.rules import Rule
from payments.settling import settle_seconds
from providers.base import Kind, Operation, Outcome
from tenants import jobs
from tenants.management.commands import run_lane_worker
from tenants.models import Job
from tests.journeys.test_switching import PORTED, plan
from tests.world import run_jobs

ZAMTEL = "+260955000123"


@pytest.fixture
def shop(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    return acme


def alarms(shop, payment_id):
    with shop.entered():
        return list(
            AuditEntry.objects.filter(target=payment_id, action="payment.alarm").values_list("reason", flat=True)
        )


def on_its_way(shop):
    """A call to Zamtel that hangs: the payer is typing a PIN."""
    payment_id = shop.pay(phone=ZAMTEL).json()["id"]
    job = jobs.claim(lane="zamtel")
    assert job is not None
    with shop.entered():
        intent = dispatch.commit_intent(job)
    return payment_id, intent


def test_asking_about_a_call_that_is_under_way_does_not_call_its_outcome_unknown(shop):
    payment_id, _ = on_its_way(shop)
    shop.api("POST", f"/v1/payments/{payment_id}/check")
    jobs.run_due(lane="zamtel")
    assert shop.payment(payment_id).status == "processing"
    assert alarms(shop, payment_id) == []


@pytest.mark.parametrize("provider", ["mtn", "airtel", "zamtel"])
def test_what_may_be_settled_by_hand_is_not_still_being_asked_for(shop, provider):
    """A send may leave until half of the settle window is over, and may then take as long as its time-out."""
    window, patience = settle_seconds(provider), settings.PROVIDER_TIMEOUTS[provider]
    assert window / 2 + patience <= window


def test_what_nobody_can_be_asked_about_is_not_taken_for_forgotten(shop, mtn, monkeypatch):
    monkeypatch.setattr(rescue, "OLDER_THAN_SECONDS", 0.0)
    mtn.misbehave(operation="collect", answer="reset", executes="now")
    payment_id = shop.pay(phone=ZAMTEL).json()["id"]
    run_jobs(rounds=4)
    assert shop.payment(payment_id).status == "unknown"
    with shop.entered():
        assert list(forgotten()) == []
        assert rescue.orphans(shop.tenant.pk, older_than_seconds=0.0) == []


def test_what_nobody_can_be_asked_about_does_not_hide_what_was_forgotten(shop, mtn, monkeypatch):
    monkeypatch.setattr(rescue, "OLDER_THAN_SECONDS", 0.0)
    monkeypatch.setattr(rescue, "AT_MOST", 3)
    mtn.misbehave(operation="collect", network="zamtel", answer="reset", executes="now")
    for _ in range(3):
        shop.pay(phone=ZAMTEL)
    run_jobs(rounds=4)
    forgotten_one = shop.pay().json()["id"]
    Job.objects.filter(subject=forgotten_one).delete()
    for _ in range(3):
        jobs.add(kind="rescue", tenant_id=shop.tenant.pk, subject="payments", once=True)
        run_jobs(rounds=3)
    assert shop.payment(forgotten_one).status == "succeeded"


def test_what_was_never_sent_raises_no_alarm_that_nobody_can_be_asked(shop, closed_port):
    with shop.entered():
        ProviderAccount.objects.filter(provider="zamtel").update(base_url=f"{closed_port}/x")
    payment_id = shop.pay(phone=ZAMTEL).json()["id"]
    jobs.run_due(lane="zamtel")
    run_jobs(rounds=2)
    assert alarms(shop, payment_id) == []


def test_a_switch_to_a_slow_provider_runs_in_its_lane(shop, mtn):
    plan(shop, Rule("mtn", Operation.COLLECT, "mtn"), Rule("mtn", Operation.COLLECT, "zamtel", priority=2))
    mtn.misbehave(operation="collect", network="mtn", answer="unavailable_503", times=1)
    payment_id = shop.pay(phone=PORTED).json()["id"]
    jobs.run_due()
    with shop.entered():
        first = shop.payment(payment_id).transactions.get()
        apply_outcome(
            transaction_id=first.id,
            source=Source.CALLBACK,
            outcome=Outcome(Kind.FAILED, code="payer_not_found", message="This number has no MTN wallet."),
        )
    assert shop.payment(payment_id).provider == "zamtel"
    assert list(Job.objects.filter(subject=payment_id).values_list("kind", "lane")) == [("dispatch", "zamtel")]


@pytest.mark.parametrize("error", [InterfaceError("connection already closed"), RuntimeError("anything")])
def test_a_thread_of_a_lane_outlives_whatever_befalls_one_job(monkeypatch, error):
    stop, calls = threading.Event(), []

    def claim(*, lane):
        calls.append(lane)
        if len(calls) == 1:
            raise error
        stop.set()

    monkeypatch.setattr(run_lane_worker.jobs, "claim", claim)
    monkeypatch.setattr(run_lane_worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(run_lane_worker, "leave_merchant", lambda: None)
    thread = threading.Thread(target=run_lane_worker.serve, args=("zamtel", stop))
    thread.start()
    thread.join(5)
    stop.set()
    assert len(calls) == 2


def test_a_refund_by_airtel_that_is_under_way_is_not_called_unknown_by_asking(shop, mtn):
    payment_id = shop.pay(phone="+260977000123").json()["id"]
    run_jobs(rounds=3)
    refund = shop.refund(payment_id).json()["id"]
    while (job := jobs.claim()) and job.kind != "dispatch":
        jobs.run(job)
    assert job is not None
    with shop.entered():
        dispatch.commit_intent(job)
    shop.api("POST", f"/v1/refunds/{refund}/check")
    jobs.run_due()
    assert shop.payment(refund).status == "processing"

"""A word of the first provider that comes after the switch is heard, whatever became of the payment meanwhile."""

import json

import pytest

from payments import rescue
from payments.callback_urls import sign
from payments.callbacks import Delivery, receive
from payments.models import AuditEntry, Callback, LedgerEntry, ProviderAccount
from payments.polling import look_up
from payments.reconciliation import Source
from payments.routing.rules import Rule
from providers.base import Operation
from tenants import jobs
from tenants.models import Job
from tests.journeys.test_circuits import force
from tests.journeys.test_switching import PORTED, charges, pay, plan, shown
from tests.world import run_jobs

COLLECT, NOBODY = Operation.COLLECT, "+260966000457"


@pytest.fixture
def shop(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    plan(acme, Rule("mtn", COLLECT, "mtn"), Rule("mtn", COLLECT, "airtel", priority=2))
    return acme


def account(provider):
    return ProviderAccount.objects.get(provider=provider, livemode=False, retired_at=None)


def switched_and_held(shop):
    """MTN has failed it, Airtel went down meanwhile, so that nothing was sent there yet."""
    payment_id = pay(shop, PORTED)
    with shop.entered():
        force(account("airtel"), "open")
    run_jobs(rounds=3)
    payment = shop.payment(payment_id)
    assert (payment.provider, payment.status) == ("airtel", "processing")
    with shop.entered():
        assert payment.transactions.count() == 1
    return payment_id


def hear_of_the_first(shop, payment_id):
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        return look_up(first, livemode=False, source=Source.CALLBACK, request_id="")


def alarms(shop, payment_id):
    with shop.entered():
        return list(
            AuditEntry.objects.filter(target=payment_id, action="payment.alarm").values_list("reason", flat=True)
        )


def test_who_is_known_to_have_paid_is_not_charged_by_the_next_provider(shop, mtn):
    payment_id = switched_and_held(shop)
    mtn.change_its_mind(PORTED)
    outcome, _ = hear_of_the_first(shop, payment_id)
    assert outcome.kind == "succeeded"
    assert charges(mtn) == [("mtn", "collection")]
    with shop.entered():
        force(account("airtel"), "")
    run_jobs(rounds=4)
    assert charges(mtn) == [("mtn", "collection")]


def test_who_is_known_to_have_paid_by_a_check_is_not_charged_by_the_next_provider(shop, mtn):
    """The same by the merchant's own POST /check, which asks the first provider while nothing was sent to the next."""
    payment_id = switched_and_held(shop)
    mtn.change_its_mind(PORTED)
    shop.api("POST", f"/v1/payments/{payment_id}/check")
    jobs.run_due()
    assert (shown(shop, payment_id)["status"], shown(shop, payment_id)["provider"]) == ("succeeded", "mtn")
    with shop.entered():
        force(account("airtel"), "")
    run_jobs(rounds=4)
    assert charges(mtn) == [("mtn", "collection")]


def test_what_was_paid_before_a_switch_that_led_nowhere_is_booked_where_it_was_paid(shop, mtn, monkeypatch):
    payment_id = switched_and_held(shop)
    with shop.entered():
        force(account("airtel"), "")
    monkeypatch.setattr("payments.dispatch.PAYER_WAITS_SECONDS", 0.0)
    run_jobs(rounds=3)
    assert shown(shop, payment_id)["status"] == "failed"
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    assert shown(shop, payment_id)["status"] == "succeeded"
    with shop.entered():
        mine = account("mtn")
        booked = set(LedgerEntry.objects.filter(object_id=payment_id).values_list("provider", "provider_account_id"))
        assert booked == {("mtn", mine.id)}


def test_what_was_paid_before_a_switch_that_led_nowhere_can_be_refunded(shop, mtn, monkeypatch):
    payment_id = switched_and_held(shop)
    with shop.entered():
        force(account("airtel"), "")
    monkeypatch.setattr("payments.dispatch.PAYER_WAITS_SECONDS", 0.0)
    run_jobs(rounds=3)
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    answer = shop.refund(payment_id)
    run_jobs()
    assert answer.status_code == 201, answer.json()
    with shop.entered():
        assert shop.payment(answer.json()["id"]).transactions.get().account_id == account("mtn").id


def test_money_that_the_first_took_after_all_is_booked_when_the_second_took_none(shop, mtn):
    mtn.misbehave(operation="collect", network="airtel", answer_code="DP00800001010")
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    assert shown(shop, payment_id)["status"] == "failed"
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    assert charges(mtn) == [("mtn", "collection")]
    assert shown(shop, payment_id)["status"] == "succeeded"


def call_back(shop, payment_id, status, **reason):
    """MTN's message about the first operation."""
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        party = {"partyIdType": "MSISDN", "partyId": "260966000455"}
        body = {
            "externalId": payment_id,
            "amount": "150",
            "currency": "ZMW",
            "status": status,
            "payer": party,
            **reason,
        }
        signature = sign(provider="mtn", merchant=shop.tenant.public_id, place=first.id)
        delivery = Delivery("mtn", first.id, signature, "PUT", {}, json.dumps(body).encode(), "127.0.0.1", "")
        assert receive(delivery)


def test_a_success_that_is_called_back_but_not_confirmed_yet_is_asked_about_again(shop, mtn):
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    mtn.change_its_mind(PORTED)
    call_back(shop, payment_id, "SUCCESSFUL")
    mtn.misbehave(operation="lookup", network="mtn", answer="unavailable_503", times=1)
    jobs.run_due()
    mtn.behave()
    run_jobs(rounds=8)
    assert [each for each in alarms(shop, payment_id) if "paid after all" in each]
    assert shop.payment(payment_id).attention_at


def test_a_success_before_anything_was_sent_to_the_next_provider_takes_the_payment_back(shop, mtn):
    payment_id = switched_and_held(shop)
    mtn.change_its_mind(PORTED)
    call_back(shop, payment_id, "SUCCESSFUL")
    run_jobs(rounds=3)
    assert (shown(shop, payment_id)["status"], shown(shop, payment_id)["provider"]) == ("succeeded", "mtn")
    assert charges(mtn) == [("mtn", "collection")]


@pytest.mark.parametrize("held", [True, False])
def test_the_firsts_honest_callback_of_its_failure_is_not_called_a_contradiction(shop, mtn, held):
    payment_id = switched_and_held(shop) if held else pay(shop, PORTED)
    run_jobs(rounds=4)
    call_back(shop, payment_id, "FAILED", reason="PAYER_NOT_FOUND")
    jobs.run_due()
    with shop.entered():
        assert Callback.objects.get(payment_id=payment_id).verdict == Callback.NO_CHANGE


def test_a_double_charge_that_is_known_stays_before_peoples_eyes(shop, mtn):
    """Airtel has it when MTN says that it was paid after all; then Airtel says so, too."""
    mtn.misbehave(operation="collect", network="airtel", approve_seconds=None)
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=3)
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    assert shop.payment(payment_id).attention_at
    mtn.approve_all()
    run_jobs(rounds=3)
    assert shown(shop, payment_id)["status"] == "succeeded"
    assert shop.payment(payment_id).attention_at


def test_who_is_known_to_have_been_paid_is_not_paid_by_the_next_provider(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    out = Operation.TRANSFER
    plan(acme, Rule("mtn", out, "mtn"), Rule("mtn", out, "airtel", priority=2))
    payout = acme.pay_out(phone=NOBODY).json()["id"]
    with acme.entered():
        force(account("airtel"), "open", operation="transfer")
    run_jobs(rounds=3)
    assert acme.payment(payout).provider == "airtel"
    mtn.change_its_mind(NOBODY)
    hear_of_the_first(acme, payout)
    with acme.entered():
        force(account("airtel"), "", operation="transfer")
    run_jobs(rounds=3)
    assert charges(mtn) == [("mtn", "transfer")]


def test_one_failure_that_is_heard_three_times_switches_once(shop, mtn):
    payment_id = switched_and_held(shop)
    for _ in range(2):
        hear_of_the_first(shop, payment_id)
    with shop.entered():
        force(account("airtel"), "")
    run_jobs(rounds=4)
    assert charges(mtn) == [("airtel", "collection")]


def test_a_switched_payment_whose_dispatch_is_gone_is_rescued(shop, mtn, monkeypatch):
    payment_id = switched_and_held(shop)
    with shop.entered():
        force(account("airtel"), "")
    monkeypatch.setattr(rescue, "OLDER_THAN_SECONDS", 0.0)
    Job.objects.filter(subject=payment_id).delete()
    for _ in range(4):
        jobs.add(kind="rescue", tenant_id=shop.tenant.pk, subject="payments", once=True)
        run_jobs(rounds=4)
    assert shown(shop, payment_id)["status"] != "processing"

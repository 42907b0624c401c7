"""A word of the first provider that comes after the switch."""

import pytest

from payments import rescue
from payments.callback_urls import sign
from payments.callbacks import Delivery, receive
from payments.models import AuditEntry, LedgerEntry, ProviderAccount
from payments.polling import look_up
from payments.reconciliation import Source
from payments.routing.rules import Rule
from providers.base import Operation
from tenants import jobs
from tenants.models import Job
from tests.journeys.test_circuits import force
from tests.journeys.test_switching import PORTED, charges, pay, plan, shown
from tests.world import run_jobs

COLLECT = Operation.COLLECT


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
        return list(AuditEntry.objects.filter(target=payment_id, action="payment.alarm").values_list("reason", flat=True))


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
    assert [each for each in alarms(shop, payment_id) if "paid after all" in each]
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
    assert answer.status_code == 201, answer.json()
    run_jobs(rounds=4)
    assert shown_refund(shop, answer.json()["id"])["status"] == "succeeded", shown_refund(shop, answer.json()["id"])


def shown_refund(shop, refund_id):
    return shop.api("GET", f"/v1/refunds/{refund_id}").json()


def test_money_that_the_first_took_after_all_is_booked_when_the_second_took_none(shop, mtn):
    mtn.misbehave(operation="collect", network="airtel", answer_code="DP00800001010")
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    assert shown(shop, payment_id)["status"] == "failed"
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    assert charges(mtn) == [("mtn", "collection")]
    assert shown(shop, payment_id)["status"] == "succeeded"


@pytest.mark.parametrize("is_final", [True, False])
def test_a_success_that_the_first_calls_back_but_cannot_confirm_yet_is_looked_at_again(shop, mtn, is_final):
    payment_id = pay(shop, PORTED) if is_final else switched_and_held(shop)
    run_jobs(rounds=4)
    mtn.change_its_mind(PORTED)
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        body = b'{"externalId": "%s", "amount": "150", "currency": "ZMW", "status": "SUCCESSFUL",' % payment_id.encode()
        body += b' "payer": {"partyIdType": "MSISDN", "partyId": "260966000455"}, "financialTransactionId": "1"}'
        signature = sign(provider="mtn", merchant=shop.tenant.public_id, place=first.id)
        assert receive(Delivery("mtn", first.id, signature, "PUT", {}, body, "127.0.0.1", ""))
    mtn.misbehave(operation="lookup", network="mtn", answer="unavailable_503", times=1)
    jobs.run_due()
    mtn.behave()
    run_jobs(rounds=8)
    assert [each for each in alarms(shop, payment_id) if "paid after all" in each]


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

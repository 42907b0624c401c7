"""Airtel and Zamtel carry money in, out and back through our API, each by its own protocol, beside MTN."""

from decimal import Decimal

import pytest

from payments.models import Payment, ProviderAccount
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, let_settle, run_jobs

AIRTEL, ZAMTEL = "+260977000123", "+260955000123"


@pytest.fixture
def shop(acme: Merchant, mtn: SimulatedMtn) -> Merchant:
    """With an account at each network."""
    acme.connect_others(base_url=acme.simulator_url)
    return acme


def paid(shop: Merchant, phone: str) -> str:
    payment_id = str(shop.pay(phone=phone).json()["id"])
    run_jobs(rounds=3)
    return payment_id


def shown(shop: Merchant, object_id: str, kind: str = "payments") -> dict[str, object]:
    found: dict[str, object] = shop.api("GET", f"/v1/{kind}/{object_id}").json()
    return found


def story(shop: Merchant, object_id: str) -> str:
    entries = shop.api("GET", f"/v1/payments/{object_id}/timeline").json()["data"]
    return " / ".join(entry["detail"] or "" for entry in entries)


@pytest.mark.parametrize(("phone", "network"), [(AIRTEL, "airtel"), (ZAMTEL, "zamtel")])
def test_a_payment_is_collected_once_by_the_payers_network(shop, mtn, phone, network):
    payment = shown(shop, paid(shop, phone))
    assert (payment["status"], payment["provider"]) == ("succeeded", network)
    assert payment["provider_reference"]
    assert mtn.times_charged(phone) == 1


@pytest.mark.parametrize("phone", [AIRTEL, ZAMTEL])
def test_a_payout_reaches_the_recipient_once(shop, mtn, phone):
    payout = shop.pay_out(phone=phone).json()
    run_jobs(rounds=3)
    assert shown(shop, payout["id"], "payouts")["status"] == "succeeded"
    assert mtn.times_paid_out(phone) == 1


def test_airtel_refunds_a_whole_payment_itself(shop, mtn):
    refund = shop.refund(paid(shop, AIRTEL)).json()
    run_jobs(rounds=3)
    assert shown(shop, refund["id"], "refunds")["status"] == "succeeded"
    assert [each["kind"] for each in mtn.truth()["movements"]] == ["collection", "refund"]


@pytest.mark.parametrize(("phone", "amount"), [(AIRTEL, "40.00"), (ZAMTEL, "40.00"), (ZAMTEL, "150.00")])
def test_what_a_network_cannot_refund_is_paid_out_to_the_payer_and_says_so(shop, mtn, phone, amount):
    payment_id = paid(shop, phone)
    refund = shop.refund(payment_id, amount=amount).json()
    run_jobs(rounds=3)
    assert shown(shop, refund["id"], "refunds")["status"] == "succeeded"
    (movement,) = mtn.payouts(phone)
    assert Decimal(movement["amount"]) == Decimal(amount)
    with shop.entered():
        events = shop.payment(refund["id"]).transactions.get()
    assert events.operation == "transfer"
    assert shown(shop, payment_id)["amount_refunded"] == amount


def test_a_refund_of_airtels_whose_answer_is_lost_waits_for_people(shop, mtn):
    payment_id = paid(shop, AIRTEL)
    mtn.misbehave(operation="refund", answer="reset", executes="now", times=1)
    refund = shop.refund(payment_id).json()
    let_settle(shop)
    run_jobs(rounds=5)
    assert shown(shop, refund["id"], "refunds")["status"] == "unknown"
    assert mtn.times_refunded(payment_id) == 1
    assert shop.payment(refund["id"]).attention_at


@pytest.mark.parametrize("executes", ["now", "never"])
def test_an_unanswered_call_to_zamtel_is_never_made_again(shop, mtn, executes):
    mtn.misbehave(operation="collect", answer="reset", executes=executes)
    payment = shop.payment(shop.pay(phone=ZAMTEL).json()["id"])
    for _ in range(4):
        run_jobs(rounds=2)
        let_settle(shop)
    payment.refresh_from_db()
    assert payment.status == "unknown"
    assert payment.attention_at
    assert mtn.sends(ZAMTEL) == 1
    assert mtn.times_charged(ZAMTEL) == (1 if executes == "now" else 0)


@pytest.mark.parametrize("executes", ["now", "never"])
def test_an_unanswered_call_to_airtel_ends_as_airtel_says(shop, mtn, executes):
    mtn.misbehave(operation="collect", answer="timeout_504", executes=executes, times=1)
    payment_id = shop.pay(phone=AIRTEL).json()["id"]
    run_jobs()
    assert shown(shop, payment_id)["status"] == "unknown"
    for _ in range(4):
        let_settle(shop)
        run_jobs(rounds=2)
    assert shown(shop, payment_id)["status"] == "succeeded"
    assert mtn.times_charged(AIRTEL) == 1


def test_each_network_is_asked_by_references_in_its_own_form(shop):
    for phone in (AIRTEL, ZAMTEL):
        paid(shop, phone)
    with shop.entered():
        references = [payment.transactions.get().reference for payment in Payment.objects.all()]
    assert all(reference.isalnum() and len(reference) <= 24 for reference in references)


def test_no_secret_of_any_network_is_in_what_was_recorded(shop):
    for phone in (AIRTEL, ZAMTEL):
        paid(shop, phone)
        shop.pay_out(phone=phone)
    run_jobs(rounds=2)
    with shop.entered():
        recorded = [vars(each) for payment in Payment.objects.all() for each in payment.exchanges.all()]
    assert len(recorded) > 4
    for secret in ("client-secret", "4711", "-password", "-credential", "-caller"):
        assert secret not in str(recorded)


def test_an_account_cannot_be_asked_for_what_its_credentials_do_not_allow(acme, mtn):
    accounts = acme.connect_others(base_url=acme.simulator_url)
    assert isinstance(accounts["zamtel"], ProviderAccount)
    assert accounts["zamtel"].operations == ["collect", "transfer"]
    assert accounts["airtel"].operations == ["collect", "refund", "transfer"]

"""A payment goes to its next provider only when nothing can have moved at the one before, and says why."""

from decimal import Decimal

import pytest

from payments.models import AuditEntry, ProviderAccount
from payments.polling import look_up
from payments.reconciliation import Source
from payments.routing.plans import save_plan
from payments.routing.rules import Rule
from providers.base import Operation
from tests.journeys.test_circuits import force
from tests.portal.pages import path
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, let_settle, run_jobs

PORTED, DECLINING, GOOD = "+260966000455", "+260966000451", "+260966000123"
COLLECT = Operation.COLLECT


@pytest.fixture
def shop(acme: Merchant, mtn: SimulatedMtn) -> Merchant:
    """MTN's numbers are collected by MTN, and else by Airtel."""
    acme.connect_others(base_url=acme.simulator_url)
    plan(acme, Rule("mtn", COLLECT, "mtn"), Rule("mtn", COLLECT, "airtel", priority=2))
    return acme


def plan(merchant: Merchant, *rules: Rule) -> None:
    with merchant.entered():
        save_plan(livemode=False, rules=[rule.as_json() for rule in rules], based_on=0, actor="test")


def pay(shop, phone=GOOD, **fields):
    return shop.pay(phone=phone, **fields).json()["id"]


def shown(shop, payment_id):
    return shop.api("GET", f"/v1/payments/{payment_id}").json()


def story(shop, payment_id):
    entries = shop.api("GET", f"/v1/payments/{payment_id}/timeline").json()["data"]
    return " / ".join(entry["detail"] or "" for entry in entries)


def charges(mtn):
    return [(each["network"], each["kind"]) for each in mtn.truth()["movements"]]


def test_a_ported_number_is_tried_with_the_next_network_and_charged_once(shop, mtn):
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    payment = shown(shop, payment_id)
    assert (payment["status"], payment["provider"]) == ("succeeded", "airtel")
    assert charges(mtn) == [("airtel", "collection")]
    told = story(shop, payment_id)
    assert "To MTN by rule 1, priority 1" in told
    assert "so Airtel is tried" in told
    page = shop.browser().get(path(shop, f"payments/{payment_id}/")).content.decode()
    assert "To MTN by rule 1, priority 1" in page


def test_the_next_failure_is_the_last(shop, mtn):
    mtn.misbehave(operation="collect", network="airtel", answer_code="DP00800001010")
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    payment = shown(shop, payment_id)
    assert (payment["status"], payment["provider"]) == ("failed", "airtel")
    assert charges(mtn) == []


@pytest.mark.parametrize("executes", ["now", "never"])
def test_an_ambiguous_answer_leads_to_nobody_else(shop, mtn, executes):
    mtn.misbehave(operation="collect", answer="reset", executes=executes)
    payment_id = pay(shop)
    for _ in range(6):
        run_jobs(rounds=2)
        let_settle(shop)
    assert shown(shop, payment_id)["provider"] == "mtn"
    with shop.entered():
        assert shop.payment(payment_id).transactions.count() == 1


def test_a_payer_who_declines_is_not_asked_by_another(shop, mtn):
    payment_id = pay(shop, DECLINING)
    run_jobs(rounds=3)
    assert (shown(shop, payment_id)["status"], shown(shop, payment_id)["provider"]) == ("failed", "mtn")


def test_a_provider_that_the_caller_named_is_the_only_one(shop, mtn):
    payment_id = pay(shop, PORTED, provider="mtn")
    run_jobs(rounds=3)
    assert (shown(shop, payment_id)["status"], shown(shop, payment_id)["provider"]) == ("failed", "mtn")


def test_what_is_down_is_passed_over_when_a_payment_is_accepted(shop, mtn):
    with shop.entered():
        force(ProviderAccount.objects.get(provider="mtn", livemode=False, retired_at=None), "open")
    payment_id = pay(shop)
    run_jobs(rounds=3)
    assert (shown(shop, payment_id)["status"], shown(shop, payment_id)["provider"]) == ("succeeded", "airtel")
    assert "MTN: rule 1 names it, but it is down" in story(shop, payment_id)


def test_no_route_names_everybody_that_was_looked_at(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    plan(acme, Rule("mtn", COLLECT, "zamtel", is_enabled=False), Rule("mtn", COLLECT, "mtn", amount_max=Decimal(100)))
    answer = acme.pay(phone=GOOD, amount="150.00")
    assert (answer.status_code, answer.json()["code"]) == (422, "no_route")
    assert "Zamtel: rule 1 is switched off" in answer.json()["detail"]
    assert "MTN: rule 2 does not take 150.00" in answer.json()["detail"]


def test_a_late_success_of_the_provider_before_raises_an_alarm_and_changes_nothing(shop, mtn):
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    mtn.change_its_mind(PORTED)
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        look_up(first, livemode=False, source=Source.CALLBACK, request_id="")
        alarms = AuditEntry.objects.filter(target=payment_id, action="payment.alarm").values_list("reason", flat=True)
        assert "another one has it now" in list(alarms)[-1]
    assert shown(shop, payment_id)["provider"] == "airtel"
    assert shop.payment(payment_id).attention_at

"""GET /v1/providers: each network, what can be used of it, and how the merchant's own traffic went."""

import pytest
from django.test import Client

from payments.accounts import connect_provider
from payments.circuit_overrides import override_circuit
from payments.health.judging import ENOUGH_SENDS, SLOW_MS, SUCCESS_SHARE_WANTED
from payments.keys import issue_key
from payments.models import ProviderAccount
from tests.api.conftest import assert_problem
from tests.payments.health.traffic import account_of, make_orders
from tests.world import mtn_credentials, run_jobs


def providers(merchant, key=""):
    answer = merchant.api("GET", "/v1/providers", key=key)
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def operation(merchant, name="collect", key=""):
    [network] = providers(merchant, key)
    return next(each for each in network["operations"] if each["operation"] == name)


def test_without_traffic_a_network_is_operational_and_has_no_figures(acme):
    answer = acme.api("GET", "/v1/providers").json()
    assert (answer["object"], answer["has_more"], answer["next_cursor"]) == ("list", False, None)
    [network] = answer["data"]
    assert (network["object"], network["provider"], network["state"]) == ("provider", "mtn", "operational")
    assert [each["operation"] for each in network["operations"]] == ["collect", "transfer", "refund"]
    assert operation(acme) == {
        "object": "provider_operation", "livemode": False, "provider": "mtn", "account": account_of(acme),
        "operation": "collect", "state": "operational", "since": None, "reason": None,
        "last_15_minutes": {"sent": 0, "success_share": None},
        "last_24_hours": {
            "sent": 0, "success_share": None, "latency_p50_ms": None, "latency_p95_ms": None, "callback_share": None,
            "callback_lag_seconds": None,
        },
    }  # fmt: skip


def test_the_figures_are_those_of_the_merchants_own_orders(acme):
    make_orders(acme, 3, duration_ms=200, has_ended=True, called_back_after=6.25)
    make_orders(acme, 1, duration_ms=800, has_ended=True)
    make_orders(acme, 2, minutes_ago=60, is_trouble=True, status=None)
    found = operation(acme)
    assert found["last_15_minutes"] == {"sent": 4, "success_share": 1.0}
    assert found["last_24_hours"] == {
        "sent": 6, "success_share": 0.6667, "latency_p50_ms": 200, "latency_p95_ms": 710, "callback_share": 0.75,
        "callback_lag_seconds": 6.2,
    }  # fmt: skip


def test_three_networks_are_listed_by_name_each_with_its_own_orders(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    for phone in ("+260977000123", "+260955000123", "+260955000124"):
        acme.pay(phone=phone)
    run_jobs(rounds=3)
    found = {network["provider"]: network["operations"] for network in providers(acme)}
    collected = {name: operations[0]["last_24_hours"] for name, operations in found.items()}
    assert list(found) == ["airtel", "mtn", "zamtel"]
    assert [day["sent"] for day in collected.values()] == [1, 0, 2]
    assert all(collected[name]["latency_p95_ms"] is not None for name in ("airtel", "zamtel"))
    assert collected["airtel"]["callback_share"] is not None
    assert collected["zamtel"]["callback_share"] is None  # it never calls back


@pytest.mark.parametrize(("phone", "name"), [("+260977000123", "airtel"), ("+260955000123", "zamtel")])
def test_a_network_that_hangs_up_fails_whatever_it_speaks(acme, mtn, phone, name):
    acme.connect_others(base_url=acme.simulator_url)
    mtn.misbehave(operation="collect", answer="reset", executes="now", times=1)
    acme.pay(phone=phone)
    run_jobs()
    [network] = [network for network in providers(acme) if network["provider"] == name]
    assert network["operations"][0]["last_15_minutes"] == {"sent": 1, "success_share": 0.0}


def test_a_tenth_of_the_orders_lost_makes_it_degraded_and_says_why(acme):
    make_orders(acme, 17)
    make_orders(acme, 3, is_trouble=True, status=502, verdict="unknown")
    [network] = providers(acme)
    found = operation(acme)
    assert (network["state"], found["state"], found["since"]) == ("degraded", "degraded", None)
    assert found["reason"] == "3 of 20 orders failed at the network in the last 15 minutes."
    assert operation(acme, "transfer")["state"] == "operational"


def test_an_open_circuit_is_down_as_its_event_says(acme, mtn):
    mtn.misbehave(operation="collect", answer="bad_gateway_502")
    mtn.misbehave(operation="lookup", answer="bad_gateway_502")
    for _ in range(5):
        acme.pay()
    run_jobs()
    found = operation(acme)
    assert (found["state"], found["reason"]) == ("down", "It does not answer; we try it until it does.")
    assert found["since"].endswith("Z")
    assert found["last_15_minutes"] == {"sent": 5, "success_share": 0.0}
    assert providers(acme)[0]["state"] == "degraded"  # payouts and refunds can be used


def test_a_network_of_which_nothing_can_be_used_is_down(acme):
    with acme.entered():
        for name in ("collect", "transfer", "refund"):
            override_circuit(
                account_id=account_of(acme), livemode=False, operation=name, to="open", reason="Fraud at table 3.",
                actor="user:1 owner@acme.test",
            )  # fmt: skip
    [network] = providers(acme)
    assert network["state"] == "down"
    assert {each["reason"] for each in network["operations"]} == {"It was stopped by hand."}
    assert "Fraud" not in str(network)


def test_an_account_lists_only_what_it_can_do(acme, only_collecting):
    assert [each["operation"] for each in providers(acme)[0]["operations"]] == ["collect"]


def test_a_retired_account_is_not_listed(acme):
    before = account_of(acme)
    acme.connect(base_url=acme.simulator_url, name="other")
    assert [network["account"] for network in providers(acme)] == [account_of(acme)] != [before]


def test_without_an_account_the_list_is_empty(acme):
    with acme.entered():
        ProviderAccount.objects.all().delete()
    assert providers(acme) == []


def test_modes_and_merchants_never_see_each_others_traffic(acme, globex):
    make_orders(acme, 25, is_trouble=True)
    assert operation(acme)["state"] == "degraded"
    for other, key in ((acme, acme.live_key), (globex, globex.test_key), (globex, globex.live_key)):
        assert (operation(other, key=key)["state"], operation(other, key=key)["last_24_hours"]["sent"]) == (
            "operational",
            0,
        )
    assert [network["livemode"] for network in providers(acme, acme.live_key)] == [True]


def test_the_other_mode_may_have_another_account(acme):
    with acme.entered():
        connect_provider(
            provider="mtn", livemode=True, credentials=mtn_credentials("live"), base_url=acme.simulator_url,
            actor="test",
        )  # fmt: skip
    assert providers(acme, acme.live_key)[0]["account"] != providers(acme)[0]["account"]


def test_a_key_must_be_allowed_to_read_payments(acme):
    with acme.entered():
        _, blind = issue_key(livemode=False, name="books", actor="test", scopes=["ledger:read"])
        _, seeing = issue_key(livemode=False, name="till", actor="test", scopes=["payments:read"])
    assert_problem(acme.api("GET", "/v1/providers", key=blind), 403, "insufficient_scope")
    assert len(providers(acme, seeing)) == 1


@pytest.mark.parametrize("query", ["limit=1", "provider=mtn", "cursor=x"])
def test_it_takes_no_parameters(acme, query):
    assert_problem(acme.api("GET", f"/v1/providers?{query}"), 400, "validation_failed")


def test_the_reference_names_the_borders_that_the_code_has(db):
    text = " ".join(Client().get("/docs/reference/list-providers").content.decode().split())
    assert f"at least {ENOUGH_SENDS} orders" in text
    assert f"fewer than {SUCCESS_SHARE_WANTED * 100:.0f} % were served" in text
    assert f"longer than {SLOW_MS / 1000:.0f} seconds" in text

"""Payments, payouts and refunds stay apart: by address, by scope and in lists."""

import pytest

from payments.keys import issue_key
from tests.api.conftest import assert_problem
from tests.world import run_jobs

KINDS = ("payments", "payouts", "refunds")


@pytest.fixture
def one_of_each(acme, mtn, paid):
    refund, payout = acme.refund(paid["id"]).json(), acme.pay_out().json()
    run_jobs(rounds=3)
    return {"payments": paid["id"], "payouts": payout["id"], "refunds": refund["id"]}


def key_with(merchant, *scopes):
    with merchant.entered():
        return issue_key(livemode=False, name="narrow", actor="test", scopes=scopes)[1]


@pytest.mark.parametrize("address", KINDS)
def test_an_id_of_another_kind_is_not_found(acme, one_of_each, address):
    assert acme.api("GET", f"/v1/{address}/{one_of_each[address]}").status_code == 200
    for kind in set(KINDS) - {address}:
        path = f"/v1/{address}/{one_of_each[kind]}"
        assert_problem(acme.api("GET", path), 404, "not_found")
        assert_problem(acme.api("GET", f"{path}/timeline"), 404, "not_found")
        assert_problem(acme.api("POST", f"{path}/cancel"), 404, "not_found")
        assert_problem(acme.api("POST", f"{path}/check"), 404, "not_found")


@pytest.mark.parametrize("kind", ["payouts", "refunds"])
def test_only_a_payment_can_be_refunded(acme, one_of_each, kind):
    assert_problem(acme.refund(one_of_each[kind]), 404, "not_found")


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_has_one_kind_only_and_takes_the_same_filters(acme, one_of_each, kind):
    query = "status=succeeded&provider=mtn&phone=0966000123&amount_min=1&amount_max=150&created_from=2020-01-01T00:00Z"
    for path in (f"/v1/{kind}", f"/v1/{kind}?{query}"):
        assert [found["id"] for found in acme.api("GET", path).json()["data"]] == [one_of_each[kind]]
    assert acme.api("GET", f"/v1/{kind}?created_to=2020-01-01T00:00Z").json()["data"] == []
    assert acme.api("GET", f"/v1/{kind}?metadata[a]=b").json()["data"] == []
    assert_problem(acme.api("GET", f"/v1/{kind}?colour=red"), 400, "validation_failed")


def test_a_cursor_leads_on_in_its_own_list_only(acme, paid):
    acme.pay()
    cursor = acme.api("GET", "/v1/payments?limit=1").json()["next_cursor"]
    for address in ("payouts", "refunds", "ledger_entries", "events"):
        assert_problem(acme.api("GET", f"/v1/{address}?cursor={cursor}"), 400, "validation_failed")


@pytest.mark.parametrize("kind", KINDS)
def test_reading_and_writing_need_the_scope_of_the_kind(acme, one_of_each, kind):
    others = [f"{other}:{action}" for other in KINDS if other != kind for action in ("read", "write")]
    wrong, path = key_with(acme, *others, "ledger:read", "events:read"), f"/v1/{kind}/{one_of_each[kind]}"
    for method, address in (("GET", f"/v1/{kind}"), ("GET", path), ("GET", f"{path}/timeline")):
        assert_problem(acme.api(method, address, key=wrong), 403, "insufficient_scope")
    assert acme.api("GET", path, key=key_with(acme, f"{kind}:read")).status_code == 200
    reader = key_with(acme, f"{kind}:read")
    for call in ("cancel", "check"):
        assert_problem(acme.api("POST", f"{path}/{call}", key=reader), 403, "insufficient_scope")
    assert acme.api("POST", f"{path}/check", key=key_with(acme, f"{kind}:write")).status_code == 200


def test_moving_money_needs_the_scope_of_its_own_kind(acme, paid):
    key = key_with(acme, "payments:write", "payments:read", "payouts:read", "refunds:read")
    assert_problem(acme.pay_out(key=key), 403, "insufficient_scope")
    assert_problem(acme.refund(paid["id"], key=key), 403, "insufficient_scope")
    assert acme.pay_out(key=key_with(acme, "payouts:write")).status_code == 201
    assert acme.refund(paid["id"], key=key_with(acme, "refunds:write")).status_code == 201

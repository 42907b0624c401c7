"""Idempotency-Key on payouts and refunds: the promises of payments, and those that only several routes can keep."""

import pytest

from api.key_cache import keys
from payments.keys import issue_key, revoke_key
from payments.models import IdempotencyKey, Payment
from tests.api.conftest import assert_problem
from tests.world import run_jobs


@pytest.fixture(params=["payout", "refund"])
def ask(request, acme, paid):
    """Ask for K 10.00 out or back, as `ask(idempotency_key=…, key=…, **fields)`."""
    if request.param == "payout":
        return lambda **options: acme.pay_out(**({"amount": "10.00"} | options))
    return lambda **options: acme.refund(paid["id"], **({"amount": "10.00"} | options))


def count_out(merchant):
    with merchant.entered():
        return Payment.objects.exclude(kind="collection").count()


def test_a_post_without_a_key_is_refused(acme, paid):
    body = {"amount": "1.00", "currency": "ZMW", "phone": "0966000123"}
    assert_problem(acme.api("POST", "/v1/payouts", body), 400, "idempotency_key_missing")
    assert_problem(acme.api("POST", f"/v1/payments/{paid['id']}/refunds", {}), 400, "idempotency_key_missing")
    assert count_out(acme) == 0


@pytest.mark.parametrize("key", ["k" * 256, '"unclosed', "naïve"])
def test_what_is_no_key_is_refused(ask, key):
    assert_problem(ask(idempotency_key=key), 400, "idempotency_key_invalid")


def test_a_repeat_gets_the_first_answer_byte_for_byte_even_when_it_has_moved_on(acme, ask):
    first = ask(idempotency_key="k")
    run_jobs(rounds=3)
    again = ask(idempotency_key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert (again.headers["Location"], again.headers["Idempotent-Replayed"]) == (first.headers["Location"], "true")
    assert count_out(acme) == 1


def test_quoted_and_bare_are_the_same_key(ask):
    assert ask(idempotency_key='"case \\"1\\""').content == ask(idempotency_key='case "1"').content


def test_another_body_is_refused_and_what_differs_is_named(acme, ask):
    ask(idempotency_key="k", reference="A")
    problem = assert_problem(
        ask(idempotency_key="k", amount="9.00", metadata={"a": "1"}), 422, "idempotency_key_reused"
    )
    assert problem["fields"] == ["amount", "metadata", "reference"]
    assert count_out(acme) == 1


def test_rolling_the_api_key_in_mid_retry_still_replays(acme, ask):
    first = ask(idempotency_key="k")
    old_id = acme.api("GET", "/v1/me").json()["key"]["id"]
    with acme.entered():
        _, new_key = issue_key(livemode=False, name="new", actor="test")
        revoke_key(key_id=old_id, livemode=False, actor="test")
    keys.forget()
    assert ask(idempotency_key="k", key=new_key).content == first.content
    assert_problem(ask(idempotency_key="k"), 401, "invalid_api_key")


def test_a_refusal_is_not_stored_and_the_key_can_be_used_again(ask):
    for wrong in ({"amount": "1.234"}, {"colour": "red"}, {"metadata": {"a": 1}}):
        assert ask(idempotency_key="k", **wrong).status_code == 422
    assert ask(idempotency_key="k").status_code == 201


def test_what_is_stored_is_what_was_answered(acme, ask):
    answer = ask(idempotency_key="k")
    with acme.entered():
        row = IdempotencyKey.objects.get(key="k")
    assert (row.response_status, row.response_body.encode()) == (answer.status_code, answer.content)
    assert row.object_id == answer.json()["id"]


def test_two_merchants_each_have_their_own_keys(acme, globex):
    assert acme.pay_out(idempotency_key="k").json()["id"] != globex.pay_out(idempotency_key="k").json()["id"]


def test_the_same_key_on_another_route_is_another_request(acme, paid):
    body = {"amount": "20.00", "currency": "ZMW", "phone": "0966000123"}
    made = [
        acme.pay(idempotency_key="k", **body),
        acme.pay_out(idempotency_key="k", **body),
        acme.refund(paid["id"], idempotency_key="k", amount="20.00"),
    ]
    assert [answer.status_code for answer in made] == [201, 201, 201]
    assert [answer.json()["object"] for answer in made] == ["payment", "payout", "refund"]
    assert not any("Idempotent-Replayed" in answer.headers for answer in made)


def test_the_same_key_for_a_refund_of_another_payment_is_refused(acme, mtn, paid):
    other = acme.pay().json()
    run_jobs(rounds=3)
    acme.refund(paid["id"], idempotency_key="k")
    problem = assert_problem(acme.refund(other["id"], idempotency_key="k"), 422, "idempotency_key_reused")
    assert problem["fields"] == ["payment"]
    assert count_out(acme) == 1


def test_a_refund_is_replayed_even_when_nothing_is_left_to_refund(acme, mtn, paid):
    first = acme.refund(paid["id"], idempotency_key="k")
    run_jobs(rounds=3)
    assert acme.refund(paid["id"], idempotency_key="k").content == first.content
    assert_problem(acme.refund(paid["id"], idempotency_key="other"), 409, "invalid_state")

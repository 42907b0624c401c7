"""Idempotency-Key, sentence by sentence of the contract."""

import pytest

from api.key_cache import keys
from payments.keys import issue_key, revoke_key
from payments.models import IdempotencyKey, Payment, ProviderAccount
from tests.api.conftest import assert_problem
from tests.world import run_jobs


def count_payments(merchant):
    with merchant.entered():
        return Payment.objects.count()


def test_a_post_without_a_key_is_refused(acme):
    answer = acme.api("POST", "/v1/payments", {"amount": "1.00", "currency": "ZMW", "phone": "0966000123"})
    assert_problem(answer, 400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["k" * 256, '"unclosed', '""', '"a"b"', "naïve", '"bad \\n escape"', "tab\there"])
def test_what_is_no_key_is_refused(acme, key):
    assert_problem(acme.pay(idempotency_key=key), 400, "idempotency_key_invalid")


@pytest.mark.parametrize("key", ["k", "k" * 255, "order 1001 #!/~", "it's", 'half"quote', f'"{"k" * 255}"'])
def test_1_to_255_printable_characters_are_a_key(acme, key):
    assert acme.pay(idempotency_key=key).status_code == 201


def test_a_repeat_gets_the_first_answer_byte_for_byte(acme):
    first = acme.pay(idempotency_key="order-1", metadata={"z": "1", "a": "ŵ"})
    again = acme.pay(idempotency_key="order-1", metadata={"z": "1", "a": "ŵ"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert count_payments(acme) == 1


def test_a_repeat_gets_the_first_answer_even_when_the_payment_has_moved_on(acme, mtn):
    first = acme.pay(idempotency_key="order-1")
    run_jobs(rounds=3)
    assert acme.payment(first.json()["id"]).status != "pending"
    assert acme.pay(idempotency_key="order-1").content == first.content


def test_quoted_and_bare_are_the_same_key(acme):
    first = acme.pay(idempotency_key='"order \\"1\\" \\\\"')
    assert acme.pay(idempotency_key='order "1" \\').content == first.content


def test_another_body_is_refused_and_what_differs_is_named(acme):
    acme.pay(idempotency_key="order-1", reference="A", metadata={"a": "1"})
    answer = acme.pay(idempotency_key="order-1", amount="99.00", metadata={"a": "2"}, description="new")
    problem = assert_problem(answer, 422, "idempotency_key_reused")
    assert problem["fields"] == ["amount", "description", "metadata", "reference"]
    assert count_payments(acme) == 1


def test_the_order_of_fields_makes_no_other_body(acme):
    body = {"amount": "1.00", "currency": "ZMW", "phone": "0966000123"}
    first = acme.api("POST", "/v1/payments", body, **{"Idempotency-Key": "k"})
    turned = dict(reversed(body.items()))
    assert acme.api("POST", "/v1/payments", turned, **{"Idempotency-Key": "k"}).content == first.content


def test_rolling_the_api_key_in_mid_retry_still_replays(acme):
    first = acme.pay(idempotency_key="order-1")
    old_id = acme.api("GET", "/v1/me").json()["key"]["id"]
    with acme.entered():
        _, new_key = issue_key(livemode=False, name="new", actor="test")
        revoke_key(key_id=old_id, livemode=False, actor="test")
    assert acme.pay(idempotency_key="order-1", key=new_key).content == first.content


def test_test_and_live_each_have_their_own_keys(acme):
    test, live = acme.pay(idempotency_key="k"), acme.pay(idempotency_key="k", key=acme.live_key)
    assert test.json()["id"] != live.json()["id"]


def test_two_merchants_each_have_their_own_keys(acme, globex):
    assert acme.pay(idempotency_key="k").json()["id"] != globex.pay(idempotency_key="k").json()["id"]


def test_a_refusal_is_not_stored_and_the_key_can_be_used_again(acme):
    for wrong in ({"amount": "1.234"}, {"phone": "+260971234567"}, {"colour": "red"}):
        assert acme.pay(idempotency_key="k", **wrong).status_code == 422
    assert acme.pay(idempotency_key="k").status_code == 201


def test_a_duplicate_reference_is_not_stored_either(committed):
    committed.pay(reference="INV-1")
    assert committed.pay(idempotency_key="k", reference="INV-1").status_code == 409
    assert committed.pay(idempotency_key="k", reference="INV-2").status_code == 201


def test_a_repeat_is_answered_even_when_the_network_was_disconnected_meanwhile(acme):
    first = acme.pay(idempotency_key="k")
    with acme.entered():
        ProviderAccount.objects.all().delete()
    keys.forget()
    assert acme.pay(idempotency_key="k").content == first.content
    assert_problem(acme.pay(idempotency_key="other"), 422, "no_route")


def test_what_is_stored_is_what_was_answered(acme):
    answer = acme.pay(idempotency_key="k")
    with acme.entered():
        row = IdempotencyKey.objects.get(key="k")
    assert (row.response_status, row.response_body.encode()) == (answer.status_code, answer.content)
    assert row.object_id == answer.json()["id"]

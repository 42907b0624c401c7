"""POST /v1/payments/{id}/refunds and /v1/refunds: money back."""

import pytest

from payments.models import ProviderAccount
from tests.api.conftest import assert_problem, fields_of
from tests.world import GOOD_PHONE, run_jobs


def amount_refunded(merchant, payment):
    return merchant.api("GET", f"/v1/payments/{payment['id']}").json()["amount_refunded"]


def cancel(merchant, refund, **options):
    return merchant.api("POST", f"/v1/refunds/{refund['id']}/cancel", **options)


def test_an_accepted_refund_is_answered_whole(acme, paid):
    answer = acme.refund(paid["id"], amount="50", reason="Broken", reference="R-1", metadata={"case": "7"})
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/refunds/{body['id']}"
    assert body["id"].startswith("ref_")
    assert body | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "", "object": "refund", "livemode": False, "payment": paid["id"], "reason": "Broken",
        "held_since": None, "amount": "50.00", "currency": "ZMW", "status": "pending", "phone": "+260966000123",
        "provider": "mtn", "reference": "R-1", "metadata": {"case": "7"}, "failure": None,
        "provider_reference": None, "version": 1, "created_at": "", "updated_at": "", "completed_at": None,
    }  # fmt: skip


def test_a_refund_without_an_amount_pays_back_all_that_is_left(acme, mtn, paid):
    assert acme.refund(paid["id"], amount="30.00").status_code == 201
    assert acme.refund(paid["id"]).json()["amount"] == "120.00"
    run_jobs(rounds=3)
    assert amount_refunded(acme, paid) == "150.00"
    assert sorted(moved["amount"] for moved in mtn.refunds(GOOD_PHONE)) == ["120.00", "30.00"]


def test_what_is_under_way_is_not_counted_as_refunded_but_cannot_be_refunded_again(acme, paid):
    acme.refund(paid["id"], amount="100.00")
    assert amount_refunded(acme, paid) == "0.00"
    problem = assert_problem(acme.refund(paid["id"], amount="50.01"), 409, "invalid_state")
    assert "50.00 can be refunded" in problem["detail"]
    assert "100.00 are under way" in problem["detail"]
    assert acme.refund(paid["id"], amount="50.00").status_code == 201
    assert_problem(acme.refund(paid["id"]), 409, "invalid_state")


def test_a_refund_that_failed_can_be_made_again(acme, mtn, paid):
    mtn.misbehave(operation="refund", approve_seconds=None)
    refund = acme.refund(paid["id"]).json()
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=3)
    done = acme.api("GET", f"/v1/refunds/{refund['id']}").json()
    assert (done["status"], done["failure"]["code"]) == ("failed", "provider_rejected")
    mtn.behave()
    assert acme.refund(paid["id"]).json()["amount"] == "150.00"
    run_jobs(rounds=3)
    assert (amount_refunded(acme, paid), mtn.times_refunded(GOOD_PHONE)) == ("150.00", 1)


def test_a_pending_refund_can_be_canceled_and_sets_its_amount_free(acme, mtn, paid):
    refund = acme.refund(paid["id"]).json()
    assert cancel(acme, refund).json()["status"] == "canceled"
    assert acme.refund(paid["id"]).json()["amount"] == "150.00"
    run_jobs(rounds=3)
    assert mtn.times_refunded(GOOD_PHONE) == 1
    assert_problem(cancel(acme, refund), 409, "invalid_state")


@pytest.mark.parametrize("status", ["pending", "failed", "canceled"])
def test_only_a_payment_that_succeeded_can_be_refunded(acme, mtn, status):
    payment = acme.pay(phone="+260966000451" if status == "failed" else GOOD_PHONE).json()
    if status == "failed":
        run_jobs(rounds=4)
    if status == "canceled":
        acme.api("POST", f"/v1/payments/{payment['id']}/cancel")
    problem = assert_problem(acme.refund(payment["id"]), 409, "invalid_state")
    assert status in problem["detail"]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 50}, {"amount": "invalid_type"}),
        ({"amount": "50.001"}, {"amount": "invalid"}),
        ({"amount": "0.00"}, {"amount": "invalid"}),
        ({"amount": "-1.00"}, {"amount": "invalid"}),
        ({"currency": "ZMW"}, {"currency": "unknown_field"}),
        ({"phone": GOOD_PHONE}, {"phone": "unknown_field"}),
        ({"reason": "r" * 256}, {"reason": "too_long"}),
        ({"reason": 7}, {"reason": "invalid_type"}),
        ({"reference": ""}, {"reference": "invalid"}),
        ({"metadata": {"a": 1}}, {"metadata.a": "invalid_type"}),
    ],
)
def test_what_is_wrong_is_named_field_by_field(acme, paid, fields, wrong):
    answer = acme.refund(paid["id"], **fields)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == wrong


def test_a_refund_goes_through_the_account_that_collected_even_when_another_is_connected(acme, mtn, paid):
    acme.connect(base_url=acme.simulator_url, name="another")
    refund = acme.refund(paid["id"]).json()
    run_jobs(rounds=3)
    assert acme.api("GET", f"/v1/refunds/{refund['id']}").json()["status"] == "succeeded"
    with acme.entered():
        used = acme.payment(refund["id"]).transactions.get().account_id
        assert ProviderAccount.objects.get(pk=used).retired_at is not None


def test_an_account_that_can_only_collect_cannot_pay_back(acme, only_collecting, paid):
    problem = assert_problem(acme.refund(paid["id"]), 422, "no_route")
    assert problem["detail"].startswith("The MTN account that collected ")
    assert "no credentials for paying out" in problem["detail"]


def test_a_payment_of_somebody_else_or_the_other_mode_cannot_be_refunded(acme, globex, mtn, paid):
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert_problem(acme.refund(paid["id"], key=key), 404, "not_found")
    refund = acme.refund(paid["id"]).json()
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert_problem(acme.api("GET", f"/v1/refunds/{refund['id']}", key=key), 404, "not_found")
        assert_problem(cancel(acme, refund, key=key), 404, "not_found")


def test_refunds_of_one_payment_can_be_listed(acme, mtn, paid):
    other = acme.pay().json()
    run_jobs(rounds=3)
    first, second = (acme.refund(paid["id"], amount="10.00").json()["id"] for _ in range(2))
    acme.refund(other["id"])
    listed = acme.api("GET", f"/v1/refunds?payment={paid['id']}").json()
    assert [refund["id"] for refund in listed["data"]] == [second, first]
    assert len(acme.api("GET", "/v1/refunds").json()["data"]) == 3


def test_a_refund_has_a_check_and_a_timeline_like_a_payment(acme, mtn, paid):
    refund = acme.refund(paid["id"]).json()
    run_jobs(rounds=3)
    assert acme.api("POST", f"/v1/refunds/{refund['id']}/check").json()["status"] == "succeeded"
    entries = acme.api("GET", f"/v1/refunds/{refund['id']}/timeline").json()["data"]
    states = [entry["what"] for entry in entries if entry["kind"] == "state"]
    assert states == ["created", "processing", "succeeded"]

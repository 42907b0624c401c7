"""POST, GET and cancel of /v1/payouts: money out."""

import pytest

from payments.models import AuditEntry, Event, IdempotencyKey, Payment
from tenants.models import Job
from tests.api.conftest import assert_problem, fields_of
from tests.world import GOOD_PHONE, run_jobs


def read(merchant, payout, **options):
    return merchant.api("GET", f"/v1/payouts/{payout['id']}", **options)


def cancel(merchant, payout, **options):
    return merchant.api("POST", f"/v1/payouts/{payout['id']}/cancel", **options)


def test_an_accepted_payout_is_answered_whole(acme):
    answer = acme.pay_out(reference="S-1", description="Chalk", metadata={"supplier": "31"})
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/payouts/{body['id']}"
    assert body["id"].startswith("out_")
    assert body | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "", "object": "payout", "livemode": False, "amount": "50.00", "currency": "ZMW", "status": "pending",
        "phone": "+260966000123", "provider": "mtn", "reference": "S-1", "description": "Chalk",
        "metadata": {"supplier": "31"}, "failure": None, "provider_reference": None, "held_since": None,
        "version": 1, "created_at": "", "updated_at": "", "completed_at": None,
    }  # fmt: skip


def test_payout_key_event_audit_entry_and_job_are_written_together(acme):
    payout_id = acme.pay_out().json()["id"]
    with acme.entered():
        assert Payment.objects.get(pk=payout_id).kind == "payout"
        assert IdempotencyKey.objects.get(object_id=payout_id).route == "POST /v1/payouts"
        assert Event.objects.filter(object_id=payout_id, type="payout.created").count() == 1
        assert AuditEntry.objects.filter(target=payout_id, action="payout.created").count() == 1
    assert Job.objects.filter(kind="dispatch", subject=payout_id).count() == 1


def test_a_payout_reaches_the_wallet_once(acme, mtn):
    payout = acme.pay_out().json()
    run_jobs(rounds=3)
    done = read(acme, payout).json()
    assert (done["status"], done["version"]) == ("succeeded", 3)
    assert done["provider_reference"]
    assert [moved["amount"] for moved in mtn.payouts(GOOD_PHONE)] == ["50.00"]


def test_a_payout_that_the_network_refuses_says_why(acme, mtn):
    payout = acme.pay_out(phone="+260966000455").json()
    run_jobs(rounds=3)
    done = read(acme, payout).json()
    assert (done["status"], done["failure"]["code"]) == ("failed", "merchant_funds_insufficient")
    assert mtn.times_paid_out("+260966000455") == 0


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 50}, {"amount": "invalid_type"}),
        ({"amount": "50.001"}, {"amount": "invalid"}),
        ({"currency": "USD"}, {"currency": "not_supported"}),
        ({"phone": "12345"}, {"phone": "invalid"}),
        ({"colour": "red"}, {"colour": "unknown_field"}),
        ({"reference": "r" * 65}, {"reference": "too_long"}),
    ],
)
def test_what_is_wrong_is_named_field_by_field(acme, fields, wrong):
    answer = acme.pay_out(**fields)
    assert_problem(answer, 422, "validation_failed")
    assert fields_of(answer) == wrong


def test_an_account_that_can_only_collect_has_no_route_for_payouts(acme, only_collecting):
    problem = assert_problem(acme.pay_out(), 422, "no_route")
    assert problem["detail"].startswith("No MTN account to pay out with is connected in test mode")
    assert acme.pay().status_code == 201


def test_a_payment_and_a_payout_may_have_the_same_reference(committed):
    payment, payout = committed.pay(reference="A"), committed.pay_out(reference="A")
    assert (payment.status_code, payout.status_code) == (201, 201)
    problem = assert_problem(committed.pay_out(reference="A"), 409, "duplicate_reference")
    assert problem["existing_id"] == payout.json()["id"]


def test_a_pending_payout_can_be_canceled_and_is_never_sent(acme, mtn):
    payout = acme.pay_out().json()
    assert cancel(acme, payout).json()["status"] == "canceled"
    run_jobs(rounds=2)
    assert (mtn.times_paid_out(GOOD_PHONE), mtn.sends(GOOD_PHONE, "transfer")) == (0, 0)


def test_a_payout_that_the_network_has_cannot_be_canceled(acme, mtn):
    payout = acme.pay_out().json()
    run_jobs(rounds=3)
    problem = assert_problem(cancel(acme, payout), 409, "invalid_state")
    assert problem["detail"].startswith("Only a pending payout")


def test_a_lost_answer_makes_a_payout_unknown_until_it_is_checked(acme, mtn):
    mtn.play("accept_then_reset", operation="transfer", times=1)
    payout = acme.pay_out().json()
    run_jobs()
    assert read(acme, payout).json()["status"] == "unknown"
    assert acme.api("POST", f"/v1/payouts/{payout['id']}/check").status_code == 200
    run_jobs()
    assert read(acme, payout).json()["status"] == "succeeded"
    assert mtn.times_paid_out(GOOD_PHONE) == 1


def test_the_timeline_of_a_payout_tells_its_story(acme, mtn):
    payout = acme.pay_out().json()
    run_jobs(rounds=3)
    entries = acme.api("GET", f"/v1/payouts/{payout['id']}/timeline").json()["data"]
    states = [entry["what"] for entry in entries if entry["kind"] == "state"]
    assert states == ["created", "processing", "succeeded"]


def test_nobody_else_and_no_other_mode_sees_or_cancels_a_payout(acme, globex):
    payout = acme.pay_out().json()
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert_problem(read(acme, payout, key=key), 404, "not_found")
        assert_problem(cancel(acme, payout, key=key), 404, "not_found")
    assert read(acme, payout).json()["status"] == "pending"

"""POST …/cancel and …/check, and GET …/timeline."""

import pytest

from payments.models import AuditEntry
from tests.api.conftest import assert_problem
from tests.world import run_jobs


@pytest.fixture
def payment(acme, mtn):
    return acme.pay().json()


def act(merchant, payment, call, **options):
    method = "GET" if call == "timeline" else "POST"
    return merchant.api(method, f"/v1/payments/{payment['id']}/{call}", **options)


def test_a_pending_payment_can_be_canceled_and_never_reaches_the_network(acme, mtn, payment):
    answer = act(acme, payment, "cancel").json()
    assert (answer["status"], answer["version"]) == ("canceled", 2)
    assert answer["completed_at"]
    run_jobs(rounds=2)
    assert acme.payment(payment["id"]).status == "canceled"
    with acme.entered():
        assert not acme.payment(payment["id"]).transactions.exists()


def test_a_payment_that_a_network_has_cannot_be_canceled(acme, payment):
    run_jobs(rounds=3)
    problem = assert_problem(act(acme, payment, "cancel"), 409, "invalid_state")
    assert "succeeded" in problem["detail"]


def test_canceling_twice_is_refused(acme, payment):
    act(acme, payment, "cancel")
    assert_problem(act(acme, payment, "cancel"), 409, "invalid_state")


def test_who_canceled_is_on_record(acme, payment):
    act(acme, payment, "cancel")
    with acme.entered():
        assert AuditEntry.objects.get(action="payment.canceled").actor.endswith('"till 3"')


def test_check_answers_the_payment_and_is_on_record(acme, payment):
    run_jobs(rounds=3)
    answer = act(acme, payment, "check")
    assert answer.json()["status"] == "succeeded"
    with acme.entered():
        assert AuditEntry.objects.filter(action="payment.check", target=payment["id"]).count() == 1


def test_the_timeline_tells_the_story_in_order(acme, payment):
    run_jobs(rounds=3)
    timeline = act(acme, payment, "timeline").json()
    assert (timeline["object"], timeline["has_more"], timeline["next_cursor"]) == ("list", False, None)
    states = [entry["what"] for entry in timeline["data"] if entry["kind"] == "state"]
    assert states == ["created", "processing", "succeeded"]
    assert [entry["at"] for entry in timeline["data"]] == sorted(entry["at"] for entry in timeline["data"])
    assert any(entry["kind"] == "call" and entry["call"]["status"] == 202 for entry in timeline["data"])


def test_the_timeline_holds_no_secret(acme, payment):
    run_jobs(rounds=3)
    text = act(acme, payment, "timeline").content.decode()
    for secret in ("acme-api-key", "acme-subscription", "acme-key", "Bearer ey"):
        assert secret not in text


@pytest.mark.parametrize("call", ["cancel", "check", "timeline"])
def test_another_merchants_or_modes_payment_is_not_found(acme, globex, payment, call):
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert_problem(act(acme, payment, call, key=key), 404, "not_found")
    assert acme.payment(payment["id"]).status == "pending"

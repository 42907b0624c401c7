"""While a network is down: payments are refused at once, payouts and refunds wait, and events say since when."""

from datetime import UTC, datetime

import pytest
from django.conf import settings

from api.key_cache import keys
from payments.models import Payment
from payments.sealer import seal_batch
from tests.api.conftest import assert_problem
from tests.world import GOOD_PHONE, run_jobs


def bring_down(merchant, mtn, operation, make):
    """The network answers 503 to this operation until the circuit opens; `make` asks for one more."""
    mtn.play("refuse_with_503", operation=operation)
    for _ in range(settings.CIRCUIT_FAILURES):
        assert make().status_code == 201
    run_jobs()
    keys.forget()


@pytest.fixture
def no_collections(acme, mtn):
    bring_down(acme, mtn, "collect", acme.pay)


@pytest.fixture
def no_transfers(acme, mtn):
    bring_down(acme, mtn, "transfer", lambda: acme.pay_out(phone="+260966000199"))


def held(merchant, object_):
    return merchant.api("GET", f"/v1/{object_['object']}s/{object_['id']}").json()["held_since"]


def test_a_payment_is_refused_with_a_time_to_wait_and_nothing_is_created(acme, no_collections):
    with acme.entered():
        before = Payment.objects.count()
    answer = acme.pay(idempotency_key="k")
    problem = assert_problem(answer, 503, "provider_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "MTN is not answering" in problem["detail"]
    with acme.entered():
        assert Payment.objects.count() == before


def test_the_same_key_can_be_used_once_the_network_is_back(acme, mtn, no_collections):
    assert acme.pay(idempotency_key="k").status_code == 503
    mtn.behave()
    run_jobs(rounds=2)
    keys.forget()
    answer = acme.pay(idempotency_key="k")
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


def test_what_was_accepted_before_is_still_replayed(acme, mtn):
    first = acme.pay(idempotency_key="early")
    bring_down(acme, mtn, "collect", acme.pay)
    assert acme.pay(idempotency_key="early").content == first.content
    assert_problem(acme.pay(idempotency_key="early", amount="1.00"), 422, "idempotency_key_reused")


def test_another_merchant_and_the_other_mode_are_not_affected(acme, globex, no_collections):
    assert globex.pay().status_code == 201
    assert acme.pay(key=acme.live_key).status_code == 201


def test_a_payout_is_accepted_held_and_paid_once_when_the_network_is_back(acme, mtn, no_transfers):
    payout = acme.pay_out().json()
    assert (payout["status"], payout["held_since"]) == ("pending", None)
    run_jobs()
    assert datetime.fromisoformat(held(acme, payout)) <= datetime.now(UTC)
    assert mtn.sends(GOOD_PHONE, "transfer") == 0
    mtn.behave()
    run_jobs(rounds=4)
    done = acme.api("GET", f"/v1/payouts/{payout['id']}").json()
    assert (done["status"], done["held_since"]) == ("succeeded", None)
    assert mtn.times_paid_out(GOOD_PHONE) == 1


def test_a_held_payout_can_be_canceled(acme, mtn, no_transfers):
    payout = acme.pay_out().json()
    run_jobs()
    assert held(acme, payout)
    canceled = acme.api("POST", f"/v1/payouts/{payout['id']}/cancel").json()
    assert (canceled["status"], canceled["held_since"]) == ("canceled", None)
    mtn.behave()
    run_jobs(rounds=4)
    assert mtn.sends(GOOD_PHONE, "transfer") == 0


def test_a_refund_is_accepted_and_held_and_can_be_canceled(acme, mtn, paid):
    bring_down(acme, mtn, "refund", lambda: acme.refund(paid["id"], amount="1.00"))
    refund, kept = (acme.refund(paid["id"], amount="2.00").json() for _ in range(2))
    run_jobs()
    assert held(acme, refund)
    assert acme.api("POST", f"/v1/refunds/{refund['id']}/cancel").json()["status"] == "canceled"
    mtn.behave()
    run_jobs(rounds=4)
    assert acme.api("GET", f"/v1/refunds/{kept['id']}").json()["status"] == "succeeded"
    assert [moved["amount"] for moved in mtn.refunds(GOOD_PHONE)].count("2.00") == 1


def test_events_say_that_a_network_went_down_and_came_back(acme, mtn, no_collections):
    mtn.behave()
    run_jobs(rounds=2)
    with acme.entered():
        seal_batch()
    events = acme.api("GET", "/v1/events?after=0&limit=100").json()["data"]
    news = [event for event in events if event["type"].startswith("provider.")]
    assert [event["type"] for event in news] == ["provider.down", "provider.recovered"]
    down, recovered = (event["data"]["object"] for event in news)
    assert (down["provider"], down["operation"], down["state"]) == ("mtn", "collect", "down")
    assert (recovered["state"], recovered["since"]) == ("operational", None)

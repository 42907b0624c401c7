"""Payouts and refunds through kill -9: between the commit and the first send, and right after the network took them."""

from functools import partial
from uuid import uuid4

import pytest
import requests

from tests.processes import eventually, installation

pytestmark = pytest.mark.processes
PHONE = "+260966000123"


@pytest.fixture
def home(committed, mtn):
    with installation("web", "worker", "scheduler", SETTLE_SECONDS="1") as running:
        eventually(running.is_ready, within_seconds=30)
        yield running


def post(home, merchant, path, body, key):
    headers = {"Authorization": f"Bearer {merchant.test_key}", "Idempotency-Key": key}
    return requests.post(f"{home.url}{path}", json=body, headers=headers, timeout=10)


def has_succeeded(home, merchant, kind, object_id):
    headers = {"Authorization": f"Bearer {merchant.test_key}"}
    answer = requests.get(f"{home.url}/v1/{kind}/{object_id}", headers=headers, timeout=10)
    return answer.json()["status"] == "succeeded"


def pay_out(home, merchant, *, key):
    return post(home, merchant, "/v1/payouts", {"amount": "50.00", "currency": "ZMW", "phone": PHONE}, key)


def test_a_worker_killed_between_the_commit_and_the_first_send_sends_it_once_later(home, committed, mtn):
    mtn.misbehave(operation="token", answer="hang", hang_seconds=5)
    payout = pay_out(home, committed, key=uuid4().hex).json()
    eventually(lambda: committed.payment(payout["id"]).status == "processing")
    home.kill("worker")
    assert mtn.sends(PHONE, "transfer") == 0
    mtn.behave()
    home.start("worker")
    eventually(partial(has_succeeded, home, committed, "payouts", payout["id"]), within_seconds=60)
    assert (mtn.sends(PHONE, "transfer"), mtn.times_paid_out(PHONE)) == (1, 1)


def test_a_worker_killed_right_after_the_network_took_a_refund_pays_it_back_once(home, committed, mtn):
    body = {"amount": "150.00", "currency": "ZMW", "phone": PHONE}
    payment = post(home, committed, "/v1/payments", body, uuid4().hex).json()
    eventually(partial(has_succeeded, home, committed, "payments", payment["id"]), within_seconds=30)
    mtn.misbehave(operation="refund", answer="hang", executes="now", hang_seconds=5)
    refund = post(home, committed, f"/v1/payments/{payment['id']}/refunds", {"amount": "40.00"}, uuid4().hex).json()
    eventually(lambda: mtn.times_refunded(PHONE))
    home.kill("worker")
    mtn.behave()
    home.start("worker")
    eventually(partial(has_succeeded, home, committed, "refunds", refund["id"]), within_seconds=60)
    assert [moved["amount"] for moved in mtn.refunds(PHONE)] == ["40.00"]


def test_a_web_server_killed_after_it_answered_replays_the_same_bytes(home, committed, mtn):
    home.kill("worker")
    key = uuid4().hex
    first = pay_out(home, committed, key=key)
    home.kill("web")
    home.start("web")
    home.start("worker")
    eventually(home.is_ready, within_seconds=30)
    again = pay_out(home, committed, key=key)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    eventually(partial(has_succeeded, home, committed, "payouts", first.json()["id"]), within_seconds=30)
    assert mtn.times_paid_out(PHONE) == 1

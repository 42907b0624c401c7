"""Real processes, killed with -9 at the worst moments: nothing is charged twice, nothing is lost."""

from functools import partial
from uuid import uuid4

import pytest
import requests

from tests.processes import eventually, installation

pytestmark = pytest.mark.processes
PHONE = "+260966000123"


def post_payment(home, merchant, key=None, phone=PHONE, **headers):
    return requests.post(
        f"{home.url}/v1/payments",
        json={"amount": "150.00", "currency": "ZMW", "phone": phone},
        headers={"Authorization": f"Bearer {merchant.test_key}", "Idempotency-Key": key or uuid4().hex, **headers},
        timeout=10,
    )


def status_of(home, merchant, payment_id):
    headers = {"Authorization": f"Bearer {merchant.test_key}"}
    return requests.get(f"{home.url}/v1/payments/{payment_id}", headers=headers, timeout=10).json()["status"]


def is_succeeded(home, merchant, payment_id):
    return status_of(home, merchant, payment_id) == "succeeded"


@pytest.fixture
def home(committed, mtn):
    with installation("web", "worker", "scheduler") as running:
        eventually(running.is_ready, within_seconds=30)
        yield running


def test_a_payment_to_a_good_number_succeeds_by_callback(home, committed, mtn):
    mtn.misbehave(operation="callback", callback="normal")
    mtn.misbehave(operation="collect", approve_seconds=0.3)
    payment = post_payment(home, committed).json()
    eventually(lambda: status_of(home, committed, payment["id"]) == "succeeded", within_seconds=3)
    assert mtn.times_charged(PHONE) == 1


def test_a_worker_killed_right_after_mtn_accepted_loses_nothing_and_charges_once(home, committed, mtn):
    mtn.misbehave(operation="collect", answer="hang", executes="now", hang_seconds=5)
    payment = post_payment(home, committed).json()
    eventually(lambda: mtn.sends(PHONE))
    home.kill("worker")
    mtn.behave()
    home.start("worker")
    eventually(lambda: status_of(home, committed, payment["id"]) == "succeeded", within_seconds=30)
    assert (mtn.times_charged(PHONE), mtn.sends(PHONE)) == (1, 1)


def test_payments_accepted_while_no_worker_lives_are_done_when_one_does(home, committed, mtn):
    home.kill("worker")
    payments = [post_payment(home, committed).json() for _ in range(5)]
    home.kill("scheduler")
    home.start("worker")
    home.start("scheduler")
    for payment in payments:
        eventually(partial(is_succeeded, home, committed, payment["id"]), within_seconds=40)
    assert mtn.times_charged(PHONE) == 5


def test_an_accepted_payment_survives_the_death_of_the_web_server(home, committed, mtn):
    key = uuid4().hex
    payment = post_payment(home, committed, key).json()
    home.kill("web")
    home.start("web")
    eventually(home.is_ready, within_seconds=30)
    again = post_payment(home, committed, key)
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (payment["id"], "true")


def test_one_request_id_leads_through_the_logs_from_the_web_to_the_call_to_mtn(home, committed, mtn):
    request_id = f"trace-{uuid4().hex}"
    payment = post_payment(home, committed, **{"X-Request-ID": request_id}).json()
    eventually(lambda: status_of(home, committed, payment["id"]) == "succeeded", within_seconds=30)
    lines = {name: [line for line in home.log(name) if line.get("request_id") == request_id] for name in home.running}
    assert [line["event"] for line in lines["web"]] == ["request"]
    calls = [line for line in lines["worker"] if line["event"] == "provider_call"]
    assert {(line["merchant"], line["payment"]) for line in calls} == {(committed.slug, payment["id"])}
    assert PHONE.lstrip("+") not in str(lines)


def test_readiness_names_the_queue_when_no_worker_lives(home):
    home.kill("worker")
    eventually(lambda: not home.is_ready(), within_seconds=40)
    answer = requests.get(f"{home.url}/readyz", timeout=5)
    assert answer.status_code == 503
    assert answer.json()["checks"]["queue"]["ok"] is False

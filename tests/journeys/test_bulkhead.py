"""One merchant's network accepts connections and never answers: nobody else notices, in real processes."""

import secrets
import time
from functools import partial

import pytest

from providers.simulator.server import Simulator
from tests.journeys.test_crashes import is_succeeded, post_payment, status_of
from tests.processes import eventually, installation
from tests.world import temporary_merchant

pytestmark = pytest.mark.processes
THREADS = 8
MTN, AIRTEL, ZAMTEL = "+260966000123", "+260977000123", "+260955000123"


@pytest.fixture
def hanging():
    with Simulator() as network:
        hang = {"answer": "hang", "hang_seconds": 60, "executes": "never"}
        network.faults.replace({"rules": [{"match": {"operation": "collect"}, "set": hang}]})
        yield network


@pytest.fixture
def unlucky(committed, hanging):
    with temporary_merchant(f"m-{secrets.token_hex(4)}", simulator_url=hanging.url) as merchant:
        yield merchant


def test_other_networks_flow_while_zamtel_hangs_on_every_call_for_two_minutes(committed, mtn):
    """The same merchant: Zamtel's calls wait in a worker of their own, more of them than it has threads."""
    committed.connect_others(base_url=committed.simulator_url)
    mtn.misbehave(operation="collect", network="zamtel", answer="hang", hang_seconds=120, executes="never")
    settings = {"ZAMTEL_TIMEOUT": "120", "WORKER_THREADS": str(THREADS)}
    with installation("web", "worker", "zamtel", "scheduler", **settings) as home:
        eventually(home.is_ready, within_seconds=30)
        for _ in range(2 * THREADS):
            assert post_payment(home, committed, phone=ZAMTEL).status_code == 201
        eventually(lambda: mtn.sends(ZAMTEL) > 0, within_seconds=20)
        started = time.monotonic()
        others = [post_payment(home, committed, phone=phone).json()["id"] for phone in (MTN, AIRTEL) * 5]
        for payment_id in others:
            eventually(partial(is_succeeded, home, committed, payment_id), within_seconds=30)
        assert time.monotonic() - started < 30  # far below the 120 s that each call there has to wait
        assert 0 < mtn.sends(ZAMTEL) <= THREADS // 2
        assert mtn.truth()["doubles"] == {}


def test_a_lane_worker_that_is_killed_in_the_middle_of_a_call_does_not_make_it_again(committed, mtn):
    committed.connect_others(base_url=committed.simulator_url)
    mtn.misbehave(operation="collect", network="zamtel", answer="hang", hang_seconds=3, executes="now")
    with installation("web", "zamtel", "scheduler", ZAMTEL_TIMEOUT="4", ZAMTEL_READ_TIMEOUT="4") as home:
        eventually(home.is_alive, within_seconds=30)
        payment_id = post_payment(home, committed, phone=ZAMTEL).json()["id"]
        eventually(lambda: mtn.sends(ZAMTEL) or mtn.times_charged(ZAMTEL), within_seconds=20)
        home.kill("zamtel")
        home.start("zamtel")
        eventually(lambda: status_of(home, committed, payment_id) == "unknown", within_seconds=40)
    assert mtn.times_charged(ZAMTEL) == 1
    assert committed.payment(payment_id).attention_at


def test_other_merchants_payments_flow_while_one_network_hangs_on_every_call(committed, unlucky, hanging, mtn):
    def under_way():
        return hanging.requests.counts().get("collect", 0)

    timeouts = {"PROVIDER_TIMEOUT": "60", "TOKEN_TIMEOUT": "60", "WORKER_THREADS": str(THREADS)}
    with installation("web", "worker", "scheduler", **timeouts) as home:
        eventually(home.is_ready, within_seconds=30)
        for _ in range(3 * THREADS):
            assert post_payment(home, unlucky).status_code == 201
        eventually(under_way)
        started = time.monotonic()
        others = [post_payment(home, committed).json()["id"] for _ in range(10)]
        for payment_id in others:
            eventually(partial(is_succeeded, home, committed, payment_id), within_seconds=20)
        assert time.monotonic() - started < 20  # far below the 60 s that each thread there has to wait
        assert 0 < under_way() <= THREADS // 2
        assert mtn.truth()["doubles"] == {}

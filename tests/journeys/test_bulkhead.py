"""One merchant's network accepts connections and never answers: nobody else notices, in real processes."""

import secrets
import time
from functools import partial

import pytest

from providers.simulator.server import Simulator
from tests.journeys.test_crashes import is_succeeded, post_payment
from tests.processes import eventually, installation
from tests.world import temporary_merchant

pytestmark = pytest.mark.processes
THREADS = 8


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

"""Skipping time: what is due within it happens at once, in its order, and a restart remembers."""

import time
from pathlib import Path
from typing import Any

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.clock import Clock
from providers.simulator.server import Simulator
from providers.simulator.timers import Timers
from tests.providers.control import call


def skip(simulator: Simulator, seconds: Any) -> Any:
    return call(simulator.url, "POST", "/_control/clock", {"advance_seconds": seconds})


def test_skipping_time_settles_what_is_due_and_nothing_else(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults(approve_seconds=300, ongoing_seconds=900)
    soon, later = make_request(), make_request(phone="260966000453")
    for request in (soon, later):
        adapter.send(account, request)
    assert skip(simulator, 600).json()["skipped_seconds"] == 600
    assert adapter.lookup(account, Operation.COLLECT, soon.reference).kind is Kind.SUCCEEDED
    assert adapter.lookup(account, Operation.COLLECT, later.reference).kind is Kind.PENDING
    skip(simulator, 600)
    assert adapter.lookup(account, Operation.COLLECT, later.reference).kind is Kind.SUCCEEDED


def test_what_follows_from_a_due_action_is_due_as_well() -> None:
    clock, done = Clock(), []
    timers = Timers(clock)
    timers.after(10, lambda: timers.after(10, lambda: done.append("second")))
    timers.after(100, lambda: done.append("third"))
    clock.skip(30)
    assert timers.catch_up()
    timers.stop()
    assert done == ["second"]


def test_skipping_time_ends_tokens(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    adapter.send(account, make_request())
    skip(simulator, 3700)
    steps = [(each.operation, each.status) for each in adapter.send(account, make_request()).exchanges]
    assert steps == [("collect", 401), ("token", 200), ("collect", 202)]


def test_a_late_execution_happens_in_skipped_time(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_payout: Any
) -> None:
    payout = make_payout(phone="260966000712")
    assert adapter.send(account, payout).kind is Kind.UNKNOWN
    assert adapter.lookup(account, Operation.TRANSFER, payout.reference).kind is Kind.NOT_FOUND
    skip(simulator, 60)
    assert adapter.lookup(account, Operation.TRANSFER, payout.reference).kind is Kind.SUCCEEDED


@pytest.mark.parametrize("seconds", [-1, "soon", None, 1e12])
def test_time_only_goes_forward(simulator: Simulator, seconds: Any) -> None:
    assert skip(simulator, seconds).status == 400
    assert call(simulator.url, "GET", "/_control/clock").json()["skipped_seconds"] == 0


def test_skipped_time_is_remembered_over_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "sim.jsonl"
    with Simulator(state=state) as simulator:
        skip(simulator, 86_400)
    with Simulator(state=state) as simulator:
        clock = call(simulator.url, "GET", "/_control/clock").json()
        assert (clock["skipped_seconds"], clock["now"] > time.time() + 86_000) == (86_400, True)

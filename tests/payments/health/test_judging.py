"""The state of an operation, border by border."""

import pytest

from payments.health.figures import Sends
from payments.health.judging import ENOUGH_SENDS, SLOW_MS, State, judge, state_of_all
from payments.selectors.circuits import OperationState

UP, DEGRADED, DOWN = State.OPERATIONAL, State.DEGRADED, State.DOWN


def circuit(state="closed", forced=""):
    return OperationState(
        operation="collect", state=state, failures=0, last_trouble="", since=None, probed_at=None, next_probe_at=None,
        forced=forced, forced_by="", forced_reason="", forced_at=None,
    )  # fmt: skip


def recent(count=100, failed=0, p95_ms=None, timed=None):
    return Sends(
        recent_count=count, recent_failed=failed, recent_p95_ms=p95_ms, recent_timed=count if timed is None else timed
    )


@pytest.mark.parametrize("blocked", [circuit("open"), circuit("half-open"), circuit("closed", "open")])
def test_what_the_circuit_keeps_back_is_down_however_well_its_traffic_went(blocked):
    assert judge(blocked, recent()).state == DOWN


def test_a_person_who_stopped_it_is_not_mistaken_for_an_outage():
    assert judge(circuit("closed", "open"), recent()).because == "It was stopped by hand."
    assert judge(circuit("open"), recent()).because == "It does not answer; we try it until it does."


def test_what_a_person_lets_through_is_judged_by_its_traffic():
    assert judge(circuit("open", "closed"), recent()).state == UP
    assert judge(circuit("open", "closed"), recent(failed=50)).state == DEGRADED


@pytest.mark.parametrize(("failed", "state"), [(0, UP), (10, UP), (11, DEGRADED), (100, DEGRADED)])
def test_more_than_a_tenth_of_orders_lost_is_degraded(failed, state):
    assert judge(circuit(), recent(100, failed)).state == state


@pytest.mark.parametrize(("p95_ms", "state"), [(None, UP), (SLOW_MS, UP), (SLOW_MS + 1, DEGRADED)])
def test_answers_that_are_too_slow_are_degraded(p95_ms, state):
    assert judge(circuit(), recent(p95_ms=p95_ms)).state == state


def test_too_few_orders_prove_nothing():
    few = ENOUGH_SENDS - 1
    assert judge(circuit(), recent(few, few)).state == UP
    assert judge(circuit(), recent(few, 0, SLOW_MS * 2)).state == UP
    assert judge(circuit(), recent(100, 0, SLOW_MS * 2, timed=few)).state == UP
    assert judge(circuit(), recent(ENOUGH_SENDS, ENOUGH_SENDS)).state == DEGRADED


def test_nothing_sent_is_nothing_wrong():
    assert judge(circuit(), Sends()).state == UP
    assert Sends().share is None


def test_what_is_degraded_says_why():
    words = judge(circuit(), recent(42, 6)).because
    assert words == "6 of 42 orders failed at the network in the last 15 minutes."
    assert judge(circuit(), recent(p95_ms=12_345)).because.endswith("took 12.3 s or more.")
    assert judge(circuit(), recent()).because == ""


@pytest.mark.parametrize(
    ("states", "together"),
    [
        ([UP, UP], UP),
        ([UP, DEGRADED], DEGRADED),
        ([UP, DOWN], DEGRADED),
        ([DEGRADED, DOWN], DEGRADED),
        ([DOWN, DOWN], DOWN),
        ([], UP),
    ],
)
def test_an_account_is_down_only_when_nothing_of_it_can_be_used(states, together):
    assert state_of_all(states) == together

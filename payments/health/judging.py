"""The state of an operation by its circuit and its recent traffic: pure, so that every border can be tested."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from payments.health.figures import Sends
from payments.selectors.circuits import OperationState

# Fewer sends in a quarter of an hour say nothing: of ten, a single accident would already be a tenth.
ENOUGH_SENDS = 20
# At this share a shop notices at the till, while a circuit (some failures in a row) would not open for days.
SUCCESS_SHARE_WANTED = 0.90
# Only to be told that an order was taken; the payer's prompt comes after that. Networks that are well take about one
# second, and a third of the usual time-out is where customers leave. By the 95th percentile one slow answer in twenty
# does not count, two do.
SLOW_MS = 10_000


class State(StrEnum):
    OPERATIONAL = "operational"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Judgement:
    state: State
    because: str = ""  # a sentence for people; "" while all is well


def judge(circuit: OperationState, sends: Sends) -> Judgement:
    """Down is what the circuit says, and nothing else: only then are calls kept back."""
    if circuit.is_blocked:
        because = "It was stopped by hand." if circuit.forced else "It does not answer; we try it until it does."
        return Judgement(State.DOWN, because)
    share, p95_ms = sends.recent_share, sends.recent_p95_ms
    if share is not None and sends.recent_count >= ENOUGH_SENDS and share < SUCCESS_SHARE_WANTED:
        because = f"{sends.recent_failed} of {sends.recent_count} orders failed at the network in the last 15 minutes."
        return Judgement(State.DEGRADED, because)
    if p95_ms is not None and sends.recent_timed >= ENOUGH_SENDS and p95_ms > SLOW_MS:
        because = f"In the last 15 minutes, one answer in twenty took {p95_ms / 1000:.1f} s or more."
        return Judgement(State.DEGRADED, because)
    return Judgement(State.OPERATIONAL)


def state_of_all(states: Collection[State]) -> State:
    """Of an account by its operations: down when none can be used, degraded when not all are well."""
    if states and all(state == State.DOWN for state in states):
        return State.DOWN
    is_well = all(state == State.OPERATIONAL for state in states)
    return State.OPERATIONAL if is_well else State.DEGRADED

"""The sandbox's numbers and how a payment to each ends: read from the simulator and the MTN adapter themselves."""

from dataclasses import dataclass

from providers.base import Kind
from providers.mtn.wire import REASONS
from providers.simulator.scenarios import COLLECTIONS

OUR_NUMBERS = "+260966000"
MTN_NUMBERS = "+46733123"


@dataclass(frozen=True, slots=True)
class SandboxNumber:
    ours: str
    mtn: str
    status: str
    code: str
    words: str


def sandbox_numbers() -> list[SandboxNumber]:
    return [_number(ending, *scenario) for ending, scenario in COLLECTIONS.items()]


def _number(ending: str, status: str, reason: str, timing: str) -> SandboxNumber:
    ours, mtn = OUR_NUMBERS + ending, MTN_NUMBERS + ending
    if status == "SUCCESSFUL":
        return SandboxNumber(ours, mtn, "succeeded", "", "The payer takes half a minute, then approves.")
    if not timing:
        return SandboxNumber(ours, mtn, "processing", "", "The payer never answers.")
    outcome = REASONS[reason]
    if outcome.kind != Kind.FAILED:
        raise ValueError(f"{reason} does not end a payment")
    return SandboxNumber(ours, mtn, "failed", outcome.code, outcome.message)

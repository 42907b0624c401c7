"""The sandbox's numbers and how each ends: read from the simulator and the MTN adapter themselves."""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.base import Kind, Operation
from providers.mtn.reasons import REASONS_OF
from providers.simulator.airtel import scenarios as airtel
from providers.simulator.mtn.scenarios import COLLECTIONS, REFUNDS, TRANSFERS, Scenarios
from providers.simulator.scripts import SCRIPTS
from providers.simulator.zamtel import scenarios as zamtel

OUR_NUMBERS = "+260966000"
MTN_NUMBERS = "+46733123"
_KINDS: dict[str, tuple[Operation, Scenarios, str]] = {
    "collection": (Operation.COLLECT, COLLECTIONS, "The payer takes half a minute, then approves."),
    "transfer": (Operation.TRANSFER, TRANSFERS, "It takes half a minute, then the recipient has the money."),
    "refund": (Operation.REFUND, REFUNDS, "It takes half a minute, then the payer has the money back."),
}


@dataclass(frozen=True, slots=True)
class SandboxNumber:
    ours: str
    mtn: str
    status: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class TroubleNumber:
    number: str
    words: str


def sandbox_numbers(kind: str) -> list[SandboxNumber]:
    """Numbers that decide how a `collection` from them, or a `transfer` to them, ends."""
    return [_number(kind, OUR_NUMBERS + ending, ending) for ending in _KINDS[kind][1]]


def refund_numbers() -> list[SandboxNumber]:
    """Numbers that pay like any other, and decide how a refund to them ends."""
    return [_number("refund", f"{OUR_NUMBERS}8{int(scenario):02}", scenario) for scenario in REFUNDS]


def trouble_numbers() -> list[TroubleNumber]:
    """Numbers for which the network itself misbehaves, whatever is asked of it."""
    return [TroubleNumber(OUR_NUMBERS + script.ending, script.words) for script in SCRIPTS.values() if script.ending]


def other_numbers() -> list[tuple[str, list[TroubleNumber]]]:
    """What Airtel's and Zamtel's numbers do: a heading, and the numbers below it."""
    return [
        ("Airtel: payments", _spoken("+260977000", airtel.COLLECTIONS)),
        ("Airtel: payouts", _spoken("+260977000", airtel.TRANSFERS)),
        ("Airtel: paid like any other, and refunded in full", _spoken("+260977000", airtel.REFUNDS)),
        ("Zamtel: payments and payouts", _spoken("+260955000", zamtel.SCENARIOS)),
    ]


def _spoken(
    numbers: str, scenarios: Mapping[str, airtel.Scenario] | Mapping[str, zamtel.Scenario]
) -> list[TroubleNumber]:
    return [
        TroubleNumber(numbers + ending, f"{scenario.words[0].upper()}{scenario.words[1:]}.")
        for ending, scenario in scenarios.items()
    ]


def _number(kind: str, ours: str, ending: str) -> SandboxNumber:
    operation, scenarios, slow_words = _KINDS[kind]
    status, reason, timing = scenarios[ending]
    mtn = MTN_NUMBERS + ending
    if status == "SUCCESSFUL":
        return SandboxNumber(ours, mtn, "succeeded", "", slow_words)
    if not timing:
        words = "The payer never answers." if operation is Operation.COLLECT else "The network never finishes it."
        return SandboxNumber(ours, mtn, "processing", "", words)
    outcome = REASONS_OF[operation][reason]
    if outcome.kind == Kind.UNKNOWN:
        return SandboxNumber(ours, mtn, "processing", "", f"{outcome.message} Somebody is asked to look.")
    if outcome.kind != Kind.FAILED:
        raise ValueError(f"{reason} does not end anything")
    return SandboxNumber(ours, mtn, "failed", outcome.code, outcome.message)

"""The provider for something that a merchant wants done now: named by the caller, or chosen by the rules."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal

from payments.routing.choosing import Question, Route, Routed, choose
from payments.routing.rules import Rule
from providers.base import Operation
from providers.names import network_name


def select(
    *,
    provider: str,
    network: str,
    operation: Operation,
    amount: Decimal,
    rules: Sequence[Rule],
    routes: frozenset[Route],
    blocked: frozenset[Route],
    key: str,
) -> Routed:
    """provider: "" lets the rules choose; a name leaves nothing to choose, and nothing to switch to.

    key: the same one draws the same lot, so that what a person was shown is what happens.

    A payout waits for a provider that is down, so one is chosen even if all of them are.
    """
    if provider:
        rules = [Rule(network, operation, provider)]
    question = Question(network, operation, amount, _lot(key))
    routed = choose(rules, question, routes=routes, blocked=blocked)
    if not routed.choices and routed.is_down and operation == Operation.TRANSFER:
        return choose(rules, question, routes=routes)
    return routed


def explain(routed: Routed) -> str:
    """For the timeline: who was chosen and why, and who was passed over. Where there was no choice, nothing."""
    first = routed.choices[0]
    if len(routed.choices) == 1 and not routed.passed_over:
        return "Accepted."
    passed_over = f" Passed over: {routed.tried}." if routed.passed_over else ""
    return f"Accepted. To {network_name(first.provider)} by {first.because}.{passed_over}"


def _lot(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6]) / 2**48

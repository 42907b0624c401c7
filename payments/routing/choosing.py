"""The choice of a provider by the rules: a pure function, so that a preview chooses exactly as the real thing does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from payments.routing.rules import Rule
from providers.base import Operation
from providers.names import network_name

Route = tuple[str, str]  # provider, operation


@dataclass(frozen=True, slots=True)
class Step:
    """One provider that was looked at: taken, and in which turn, or passed over, and why."""

    provider: str
    because: str

    def as_json(self) -> dict[str, str]:
        return {"provider": self.provider, "because": self.because}


@dataclass(frozen=True, slots=True)
class Routed:
    """In which order providers are tried, and which ones cannot be. `is_down`: some only because they are down now."""

    choices: tuple[Step, ...]
    passed_over: tuple[Step, ...] = ()
    is_down: bool = False

    @property
    def tried(self) -> str:
        """For an error: what was looked at, in a sentence."""
        return "; ".join(f"{network_name(step.provider)}: {step.because}" for step in self.passed_over)


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be routed. lot: a number from 0 to 1 that decides between shares."""

    network: str
    operation: Operation
    amount: Decimal
    lot: float


def choose(
    rules: Sequence[Rule], question: Question, *, routes: frozenset[Route], blocked: frozenset[Route] = frozenset()
) -> Routed:
    """routes: what the merchant's accounts can do; blocked: of these, what nothing may be sent to now.

    Where no rule is about the network and operation, the network's own provider serves it.
    """
    about = [rule for rule in rules if rule.is_for(question.network, question.operation)]
    own = Rule(question.network, question.operation, question.network)
    numbered = [(f"rule {rules.index(rule) + 1}", rule) for rule in about] or [("the payer's own network", own)]
    usable, passed_over, is_down = list[tuple[str, Rule]](), list[Step](), False
    for name, rule in numbered:
        route = (rule.provider, str(rule.operation))
        obstacle = _obstacle(rule, question, is_connected=route in routes, is_blocked=route in blocked)
        if obstacle:
            passed_over.append(Step(rule.provider, f"{name} {obstacle}"))
            is_down = is_down or obstacle == DOWN
        else:
            usable.append((name, rule))
    return Routed(_without_repeats(_in_order(usable, question.lot)), tuple(passed_over), is_down)


DOWN = "names it, but it is down"


def _obstacle(rule: Rule, question: Question, *, is_connected: bool, is_blocked: bool) -> str:
    if not rule.is_enabled:
        return "is switched off"
    if not rule.takes(question.amount):
        return f"does not take {question.amount:f}"
    if not is_connected:
        return "names it, but no account there can do this"
    return DOWN if is_blocked else ""


def _in_order(usable: list[tuple[str, Rule]], lot: float) -> Iterable[Step]:
    """By priority; within one, the lot decides who is first, and the larger shares come before the smaller."""
    by_priority = sorted(usable, key=lambda each: each[1].priority)
    for priority, equals in groupby(by_priority, key=lambda each: each[1].priority):
        group = list(equals)
        drawn = _drawn(group, lot)
        others = sorted((each for each in group if each is not drawn), key=lambda each: -each[1].share)
        for name, rule in (drawn, *others):
            share = f", drawn with a share of {rule.share} %" if (name, rule) == drawn and others else ""
            yield Step(rule.provider, f"{name}, priority {priority}{share}")


def _drawn(group: list[tuple[str, Rule]], lot: float) -> tuple[str, Rule]:
    mark = lot * sum(rule.share for _, rule in group)
    for each in group:
        mark -= each[1].share
        if mark < 0:
            return each
    return group[-1]


def _without_repeats(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple({step.provider: step for step in reversed(list(steps))}.values())[::-1]

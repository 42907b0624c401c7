"""Routing rules in sentences: what holds for the numbers of each network, and one rule in a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from payments.routing.choosing import Route
from payments.routing.rules import ROUTED, Rule
from portal.templatetags.money import plain_money
from portal.words import network
from providers.base import Operation
from providers.names import NETWORKS

_WHAT = {Operation.COLLECT: "Payments{} from {} numbers", Operation.TRANSFER: "Payouts{} to {} numbers"}
_DONE = {Operation.COLLECT: "collected", Operation.TRANSFER: "sent"}
_SMALLEST = Decimal("0.01")

Shares = dict[str, int]  # provider → its share among those that come in the same turn


@dataclass(frozen=True, slots=True)
class Sentence:
    """is_default: no rule is about it. is_dead: nobody can take it."""

    text: str
    is_default: bool = False
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """Amounts that the rules treat alike. last: None goes on without end."""

    first: Decimal
    last: Decimal | None
    turns: tuple[Shares, ...]


def sentences(rules: Sequence[Rule], routes: frozenset[Route]) -> list[Sentence]:
    """What holds for payments and payouts of each network, for every amount."""
    said = list[Sentence]()
    for name in NETWORKS:
        for operation in ROUTED:
            about = [rule for rule in rules if rule.is_for(name, operation)]
            said += _by_rules(about, routes) if about else [_default(name, operation, routes)]
    return said


def rule_words(rule: Rule) -> str:
    """`Payments from MTN numbers by Airtel, priority 2, share 40, up to K 20.00, switched off`."""
    parts = [f"{_WHAT[rule.operation].format('', network(rule.network))} by {network(rule.provider)}"]
    parts += [f"priority {rule.priority}"]
    parts += [f"share {rule.share}"] * (rule.share != 100)
    parts += [limit_words(rule.amount_min, rule.amount_max)] * bool(rule.amount_min or rule.amount_max)
    parts += ["switched off"] * (not rule.is_enabled)
    return ", ".join(parts)


def limit_words(least: Decimal | None, most: Decimal | None) -> str:
    if least is None and most is None:
        return "any amount"
    if least is None or most is None:
        return f"from {plain_money(least, 'ZMW')}" if least else f"up to {plain_money(most or Decimal(0), 'ZMW')}"
    return f"{plain_money(least, 'ZMW')} to {plain_money(most, 'ZMW')}"


def _default(name: str, operation: Operation, routes: frozenset[Route]) -> Sentence:
    what, who = _WHAT[operation].format("", network(name)), network(name)
    if (name, str(operation)) in routes:
        return Sentence(f"{what} are {_DONE[operation]} by {who}: no rule is about them.", is_default=True)
    return Sentence(f"{what} are refused: no rule is about them, and no {who} account can take them.", is_default=True)


def _by_rules(about: list[Rule], routes: frozenset[Route]) -> list[Sentence]:
    usable = [rule for rule in about if rule.is_enabled and (rule.provider, str(rule.operation)) in routes]
    return [_sentence(about[0], span) for span in _merged(_spans(usable))]


def _sentence(about: Rule, span: Span) -> Sentence:
    what = _WHAT[about.operation].format(_amounts(span), network(about.network))
    if not span.turns:
        return Sentence(f"{what} are refused: no rule that can be followed takes them.", is_dead=True)
    said, before = f"{what} are {_DONE[about.operation]} by {_one_of(span.turns[0])}", list(span.turns[0])
    for turn in span.turns[1:]:
        said += f"; where {_those(before)} cannot, by {_one_of(turn)}"
        before += turn
    return Sentence(f"{said}.")


def _amounts(span: Span) -> str:
    if span.first == _SMALLEST:
        return f" of up to {plain_money(span.last, 'ZMW')}" if span.last else ""
    if span.last is None:
        return f" of {plain_money(span.first, 'ZMW')} and more"
    return f" of {plain_money(span.first, 'ZMW')} to {plain_money(span.last, 'ZMW')}"


def _one_of(turn: Shares) -> str:
    """`MTN`, or `MTN (60 %) or Airtel (40 %)`."""
    if len(turn) == 1:
        return network(next(iter(turn)))
    total = sum(turn.values())
    return " or ".join(
        f"{network(provider)} ({share / total:.0%})".replace("%", " %") for provider, share in turn.items()
    )


def _those(before: list[str]) -> str:
    """Who cannot: being down is one reason, not knowing the number another."""
    return network(before[0]) if len(before) == 1 else "both" if len(before) == 2 else "all of them"


def _spans(usable: list[Rule]) -> list[Span]:
    starts = {_SMALLEST}
    starts |= {rule.amount_min for rule in usable if rule.amount_min}
    starts |= {rule.amount_max + _SMALLEST for rule in usable if rule.amount_max}
    ordered = sorted(starts)
    ends = [*(start - _SMALLEST for start in ordered[1:]), None]
    return [
        Span(first, last, _turns(rule for rule in usable if rule.takes(first)))
        for first, last in zip(ordered, ends, strict=True)
    ]


def _turns(rules: Iterable[Rule]) -> tuple[Shares, ...]:
    """Who is tried in which turn; whoever had a turn already gets no other."""
    turns, seen = list[Shares](), set[str]()
    for _, equals in groupby(sorted(rules, key=_priority), key=_priority):
        turn = Shares()
        for rule in equals:
            if rule.provider not in seen:
                turn[rule.provider] = turn.get(rule.provider, 0) + rule.share
        seen |= turn.keys()
        turns += [turn] * bool(turn)
    return tuple(turns)


def _priority(rule: Rule) -> int:
    return rule.priority


def _merged(spans: list[Span]) -> list[Span]:
    merged = spans[:1]
    for span in spans[1:]:
        if span.turns == merged[-1].turns:
            merged[-1] = Span(merged[-1].first, span.last, span.turns)
        else:
            merged.append(span)
    return merged

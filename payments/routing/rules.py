"""A merchant's rules for choosing a provider, as they are stored and edited: a list, checked as a whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from payments.money import LARGEST_AMOUNT
from providers.base import Operation
from providers.names import NETWORKS
from providers.registry import PROVIDERS

MOST_RULES = 50
ROUTED = (Operation.COLLECT, Operation.TRANSFER)  # a refund goes back the way the money came
_NAMES = {"network", "operation", "provider", "priority", "share", "amount_min", "amount_max", "is_enabled"}


class InvalidRules(ValueError):
    """What is wrong with a list of rules, for people; each sentence names the rule by its number."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__(" ".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Rule:
    """Numbers of `network` may be served by `provider`. Priority 1 comes first; among equals the shares decide."""

    network: str
    operation: Operation
    provider: str
    priority: int = 1
    share: int = 100  # percent, relative to the others of the same priority that can be used
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    is_enabled: bool = True

    def is_for(self, network: str, operation: Operation) -> bool:
        return self.network == network and self.operation == operation

    def takes(self, amount: Decimal) -> bool:
        above = self.amount_min is None or amount >= self.amount_min
        return above and (self.amount_max is None or amount <= self.amount_max)

    def as_json(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "operation": str(self.operation),
            "provider": self.provider,
            "priority": self.priority,
            "share": self.share,
            "amount_min": None if self.amount_min is None else f"{self.amount_min:f}",
            "amount_max": None if self.amount_max is None else f"{self.amount_max:f}",
            "is_enabled": self.is_enabled,
        }


def read_rules(stored: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Raises InvalidRules, naming every mistake at once."""
    rows, mistakes, rules = list(stored), list[str](), list[Rule]()
    if len(rows) > MOST_RULES:
        raise InvalidRules([f"There are {len(rows)} rules; {MOST_RULES} are the most."])
    for number, row in enumerate(rows, start=1):
        try:
            rules.append(_rule(row))
        except ValueError as mistake:
            mistakes.append(f"Rule {number}: {mistake}")
    mistakes += [
        f"Rule {later + 1} is for the same network, operation, provider and priority as rule {earlier + 1}."
        for later, rule in enumerate(rules)
        for earlier, other in enumerate(rules[:later])
        if _place(rule) == _place(other)
    ]
    if mistakes:
        raise InvalidRules(mistakes)
    return tuple(rules)


def _place(rule: Rule) -> tuple[object, ...]:
    return rule.network, rule.operation, rule.provider, rule.priority, rule.amount_min, rule.amount_max


def _rule(row: Mapping[str, Any]) -> Rule:
    if unknown := sorted(set(row) - _NAMES):
        raise ValueError(f"it has no field {unknown[0]}.")
    rule = Rule(
        network=_one_of(row.get("network"), NETWORKS, "the network"),
        operation=Operation(_one_of(row.get("operation"), ROUTED, "the operation")),
        provider=_one_of(row.get("provider"), PROVIDERS, "the provider"),
        priority=_whole(row.get("priority", 1), "the priority", at_most=9),
        share=_whole(row.get("share", 100), "the share", at_most=100),
        amount_min=_amount(row.get("amount_min"), "the smallest amount"),
        amount_max=_amount(row.get("amount_max"), "the largest amount"),
        is_enabled=_flag(row.get("is_enabled", True)),
    )
    if rule.amount_min is not None and rule.amount_max is not None and rule.amount_min > rule.amount_max:
        raise ValueError("the smallest amount is above the largest.")
    return rule


def _one_of(value: Any, known: Iterable[str], what: str) -> str:
    names = [str(name) for name in known]
    if value not in names:
        raise ValueError(f"{what} must be one of {', '.join(names)}.")
    return str(value)


def _whole(value: Any, what: str, *, at_most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= at_most:
        raise ValueError(f"{what} must be a whole number from 1 to {at_most}.")
    return value


def _amount(value: Any, what: str) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT or amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"{what} must be an amount above zero with two decimals at most.")
    return amount


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("whether it is enabled must be true or false.")
    return value

"""The ground truth about money: each movement, and sums kept up to date so that asking is cheap."""

from collections import Counter
from decimal import Decimal
from typing import Any

Totals = dict[str, Decimal]


class Ledger:
    """Not thread-safe: the books that own it hold their lock."""

    def __init__(self) -> None:
        self.movements: list[dict[str, Any]] = []
        self._totals: dict[str, Totals] = {"in": {}, "out": {}}
        self._by_user: dict[tuple[str, str, str], Decimal] = {}
        self._by_external_id: Counter[str] = Counter()
        self._doubles: dict[str, int] = {}
        self._same_order: Counter[tuple[str, str, str]] = Counter()
        self._collected: dict[str, Decimal] = {}
        self._refunded: dict[str, Decimal] = {}
        self._over_refunded: set[str] = set()

    def add(self, movement: dict[str, Any]) -> None:
        amount, direction, currency = Decimal(movement["amount"]), movement["direction"], movement["currency"]
        self.movements.append(movement)
        totals, user = self._totals[direction], movement["api_user"]
        totals[currency] = totals.get(currency, Decimal(0)) + amount
        self._by_user[user, direction, currency] = self.moved(user, direction, currency) + amount
        self._count(movement)
        if movement["kind"] == "collection":
            self._collected[movement["reference"]] = amount
        elif movement["kind"] == "refund":
            self._refund(movement["original_reference"], amount)

    def moved(self, api_user: str, direction: str, currency: str) -> Decimal:
        return self._by_user.get((api_user, direction, currency), Decimal(0))

    def refunded(self, original: str) -> Decimal:
        return self._refunded.get(original, Decimal(0))

    def summary(self) -> dict[str, Any]:
        """What must be looked at first, in an answer whose size does not grow with the run."""
        return {
            "count": len(self.movements),
            "totals": _as_text(self._totals["in"]),
            "totals_out": _as_text(self._totals["out"]),
            "doubles": dict(self._doubles),
            "over_refunded": {each: self._over(each) for each in sorted(self._over_refunded)},
        }

    def counts(self) -> dict[str, Any]:
        return {
            "by_reference": Counter(each["reference"] for each in self.movements),
            "by_external_id": dict(self._by_external_id),
        }

    def _count(self, movement: dict[str, Any]) -> None:
        """Two movements of one kind for one id are a double charge, payout or refund.

        MTN carries the id of our payment beside the reference of an attempt. The other networks carry only the
        latter, and a text for people that many payments share.
        """
        self._by_external_id[movement["external_id"]] += 1
        name = movement["external_id" if movement["network"] == "mtn" else "reference"]
        order = (movement["network"], movement["kind"], name)
        self._same_order[order] += 1
        if name and self._same_order[order] > 1:
            self._doubles[name] = self._same_order[order]

    def _refund(self, original: str, amount: Decimal) -> None:
        self._refunded[original] = self.refunded(original) + amount
        if self._refunded[original] > self._collected.get(original, Decimal(0)):
            self._over_refunded.add(original)

    def _over(self, original: str) -> dict[str, str]:
        collected = self._collected.get(original, Decimal(0))
        return {"collected": str(collected), "refunded": str(self._refunded[original])}


def _as_text(totals: Totals) -> dict[str, str]:
    return {currency: str(total) for currency, total in totals.items()}

"""Which payment a line without a usable reference might be: amount and phone alike, and near in time."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from payments.statements.facts import Line, Ours

NEAR = timedelta(hours=24)
NEAR_WITHOUT_PHONE = timedelta(minutes=15)
_PHONE_DIGITS = 9  # the country code may be missing on either side


class Suggestions:
    """Candidates by amount, found without looking at every pair."""

    def __init__(self, ours: Iterable[Ours]) -> None:
        self._by_amount: dict[tuple[Decimal, str], list[Ours]] = defaultdict(list)
        for payment in ours:
            self._by_amount[payment.amount, payment.currency].append(payment)

    def for_line(self, line: Line, taken: set[str]) -> list[str]:
        """The payments it may be. More than one: nobody can tell."""
        return [
            payment.id
            for payment in self._by_amount.get((line.amount, line.currency), ())
            if payment.id not in taken and _fits(line, payment)
        ]


def same_phone(one: str, other: str) -> bool:
    return one[-_PHONE_DIGITS:] == other[-_PHONE_DIGITS:]


def _fits(line: Line, payment: Ours) -> bool:
    if line.phone and not same_phone(line.phone, payment.phone):
        return False
    moment = payment.completed_at or payment.created_at
    return abs(line.occurred_at - moment) <= (NEAR if line.phone else NEAR_WITHOUT_PHONE)

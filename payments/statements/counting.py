"""Which amounts stand on either side of a finding, so that the sums are those of the file and of the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from payments.models import StatementLine
from payments.statements.facts import ZERO, Facts, Found, Line, Ours
from payments.statements.targets import Targets

# Beside these, another line of the same payment stands for it.
_BESIDE = {"charged_twice", "reversed", "nothing_moved", "called_unmoved"}


class Counting:
    def __init__(self, facts: Facts, targets: Targets) -> None:
        self.facts, self.targets = facts, targets

    def theirs(self, line: Line) -> Decimal:
        """What the statement says that the balance grew by."""
        return line.amount - line.fee if line.moved and line.currency == self.facts.currency else ZERO

    def ours(self, payment: Ours) -> Decimal:
        """What our balance grew by. A fee that has a line of its own is counted there."""
        if payment.currency != self.facts.currency:
            return ZERO
        return payment.in_books - (ZERO if self.targets.fee_lines.get(payment.id) else payment.booked_fee)

    def with_ours(self, found: Sequence[Found]) -> list[Found]:
        """One Found per line, with our side of every payment of this period once: on the line that stands for it."""
        stands_for: dict[str, int] = {}
        for index, one in enumerate(found):
            if one.link and one.payment_id and self.facts.lines[index].kind != StatementLine.FEE:
                now = stands_for.setdefault(one.payment_id, index)
                if found[now].finding in _BESIDE and one.finding not in _BESIDE:
                    stands_for[one.payment_id] = index
        counted = list(found)
        for payment_id, index in stands_for.items():
            payment = self.facts.ours[payment_id]
            if payment.succeeded and self.facts.has_in_period(payment.completed_at):
                counted[index] = replace(found[index], ours=self.ours(payment))
                if found[index].finding == "split":
                    self._share(counted, payment)
        return counted

    def _share(self, counted: list[Found], payment: Ours) -> None:
        """Each part of a split payment stands against its own share of ours."""
        for index, one in enumerate(counted):
            if one.payment_id == payment.id and one.finding == "split":
                line = self.facts.lines[index]
                is_first = self.targets.groups[payment.id][0] is line
                fee = payment.in_books - self.ours(payment) if is_first else ZERO
                counted[index] = replace(one, ours=line.amount - fee)

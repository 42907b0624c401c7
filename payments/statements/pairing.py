"""What a line and its payment have to say about each other: one finding per pair."""

from payments.statements.facts import ZERO, Facts, Line, Ours
from payments.statements.suggesting import same_phone
from payments.statements.targets import Targets, is_same_way

# What another statement says of a payment that our books did not have by then.
NOT_BOOKED_BY_THEN = {"open_here", "failed_here"}
_ENDED_WITHOUT_MONEY = {"failed", "canceled"}


class Pairing:
    """Asks of each pair the same questions; the first that has something to say answers."""

    def __init__(self, facts: Facts, targets: Targets) -> None:
        self.facts, self.targets = facts, targets
        # A fee that has a line of its own is stated as well as one in a column.
        self._states_fees = facts.states_fees or bool(targets.fee_lines)

    def finding(self, line: Line, target: Ours) -> str:
        """In the order in which one explains the next."""
        return (
            self._by_outcome(line, target)
            or self._by_nature(line, target)
            or self._by_count(line, target)
            or self._by_status(target)
            or self._by_amount(line, target)
            or self._by_detail(line, target)
            or self.by_hand(line, target)
            or self._by_time(line, target)
            or self._by_silence(line, target)
            or "agrees"
        )

    def by_hand(self, line: Line, target: Ours) -> str:
        """One person's word is enough only where a reference of the line says the same, and none says otherwise."""
        if line.id not in self.facts.said:
            return ""
        both = (self.facts.by_our_reference.get(line.id), self.facts.by_provider_reference.get(line.id))
        named = [payments for payments in both if payments]
        return "" if named and all(target.id in payments for payments in named) else "linked_by_hand"

    def unmoved(self) -> str:
        """Whether a line moved money is the mapping's word, and only a proven layout's word is enough by itself."""
        return "nothing_moved" if self.facts.is_layout_proven else "called_unmoved"

    def _by_outcome(self, line: Line, target: Ours) -> str:
        if line.moved:
            return ""
        if self.targets.groups[target.id]:
            return self.unmoved()  # an attempt beside the one that moved the money
        if not target.succeeded:
            are_alike = line.outcome == "pending" or target.status in _ENDED_WITHOUT_MONEY
            return self.unmoved() if are_alike else "open_here"
        return "waiting_there" if line.outcome == "pending" else "not_there_as_paid"

    def _by_nature(self, line: Line, target: Ours) -> str:
        if line.currency != target.currency or line.currency != self.facts.currency:
            return "currency_differs"
        if is_same_way(line, target):
            return ""
        was_paid = bool(self.targets.groups[target.id]) or target.id in self.facts.elsewhere
        return "reversed" if target.kind == "collection" and was_paid else "kind_differs"

    def _by_count(self, line: Line, target: Ours) -> str:
        """Several lines for one payment: the parts of it, or more than it."""
        group = self.targets.groups[target.id]
        if len(group) > 1:
            if sum((part.amount for part in group), ZERO) == target.amount:
                return "split"
            return "" if self._ours_among(group, target) is line else "charged_twice"
        other = self.facts.elsewhere.get(target.id)
        return "charged_twice" if other and other.finding not in NOT_BOOKED_BY_THEN else ""

    def _ours_among(self, group: list[Line], target: Ours) -> Line:
        """The movement that we know of by the provider's own reference, wherever it stands in the file."""
        named = (line for line in group if target.id in self.facts.by_provider_reference.get(line.id, ()))
        return next(named, group[0])

    def _by_status(self, target: Ours) -> str:
        if target.succeeded:
            return "not_booked" if target.booked is None else ""
        return "failed_here" if target.status in _ENDED_WITHOUT_MONEY else "open_here"

    def _by_amount(self, line: Line, target: Ours) -> str:
        if line.amount != target.amount:
            return "amount_differs"
        return "books_differ" if target.in_books != target.amount else ""

    def _by_detail(self, line: Line, target: Ours) -> str:
        """Asked before the time is: what differs does so on whatever day it was booked."""
        others = self.facts.by_provider_reference.get(line.id, ())
        if others and target.id not in others and line.id not in self.facts.said:
            return "references_disagree"
        if self._states_fees and line.fee != (ZERO if self.targets.fee_lines.get(target.id) else target.booked_fee):
            return "fee_differs"
        if line.phone and not same_phone(line.phone, target.phone):
            return "phone_differs"
        return ""

    def _by_time(self, line: Line, target: Ours) -> str:
        if not self.facts.has_in_period(line.occurred_at):
            return "outside_period"
        if target.completed_at is None or self.facts.has_in_period(target.completed_at):
            return ""
        return "late" if target.completed_at < self.facts.period_start else "early"

    def _by_silence(self, line: Line, target: Ours) -> str:
        """Nobody can agree on a fee that the statement does not name, be it booked or not."""
        has_own_line = bool(self.targets.fee_lines.get(target.id))
        has_cell = self.facts.states_fees and line.is_fee_stated
        return "" if has_cell or has_own_line else "fee_not_stated"

"""The comparison itself: pure functions from the facts of both sides to one finding per line and payment."""

from dataclasses import replace

from payments.models import StatementItem, StatementLine
from payments.statements.counting import Counting
from payments.statements.facts import ZERO, Facts, Found, Line, Ours
from payments.statements.pairing import NOT_BOOKED_BY_THEN, Pairing
from payments.statements.suggesting import Suggestions
from payments.statements.targets import Targets

_BY_REFERENCE = {"agrees", "late", "early", "nothing_moved", "called_unmoved", "fee_not_stated"}
_STRANGERS = {"duplicate", "seen_before", "other_mode", "other_account"}


def classify(facts: Facts) -> list[Found]:
    """One Found per line in order, then one per payment that only we have."""
    return _Comparison(facts).run()


class _Comparison:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.targets = Targets(facts)
        self.pairing = Pairing(facts, self.targets)
        self.counting = Counting(facts, self.targets)

    def run(self) -> list[Found]:
        by_id = {line.id: self._of_line(line) for line in self.facts.lines if not self.targets.is_lost(line)}
        self._suggest(by_id)
        found = self.counting.with_ours([by_id[line.id] for line in self.facts.lines])
        return found + [self._of_ours(payment) for payment in self.facts.ours.values() if self._is_ours_alone(payment)]

    # --- one line -----------------------------------------------------------------------------------------------------
    def _of_line(self, line: Line) -> Found:
        target = self.targets.of_line[line.id]
        if line.id in self.facts.settled:
            booked = self.facts.settled[line.id]
            return Found(line.id, "", StatementItem.EXACT, "settled", self.counting.theirs(line), booked)
        if line.id in self.targets.doubles:
            return self._found(line, target, "duplicate")
        if line.id in self.facts.seen_before:
            return self._found(line, target, "seen_before", elsewhere=self.facts.seen_before[line.id])
        if line.kind == StatementLine.SETTLEMENT:
            return self._of_settlement(line)
        return self._of_stranger(line) if target is None else self._of_known(line, target)

    def _of_known(self, line: Line, target: Ours) -> Found:
        if target.livemode != self.facts.livemode:
            return self._found(line, target, "other_mode")
        if target.account_id != self.facts.account_id:
            return self._found(line, target, "other_account")
        if line.kind == StatementLine.FEE:
            return self._of_fee(line, target)
        return self._found(line, target, self.pairing.finding(line, target))

    def _of_settlement(self, line: Line) -> Found:
        # The statement of the line's own period is the one to book it from.
        is_ours_to_book = self.facts.has_in_period(line.occurred_at)
        return self._of_stranger(line, otherwise="settlement" if is_ours_to_book else "outside_period")

    def _of_stranger(self, line: Line, *, otherwise: str = "fee_alone") -> Found:
        if not line.moved:
            return self._found(line, None, self.pairing.unmoved())
        return self._found(line, None, "currency_differs" if line.currency != self.facts.currency else otherwise)

    def _of_fee(self, line: Line, target: Ours) -> Found:
        is_first = self.targets.fee_lines[target.id][:1] == [line]
        ours = -target.booked_fee if is_first and self.facts.has_in_period(target.completed_at) else ZERO
        finding = "fee_differs" if self.counting.theirs(line) != ours else self.pairing.by_hand(line, target)
        return replace(self._found(line, target, finding or "agrees"), ours=ours)

    def _found(self, line: Line, target: Ours | None, finding: str, *, elsewhere: str = "") -> Found:
        link = ""
        if target and finding not in _STRANGERS:
            link = StatementItem.EXACT if finding in _BY_REFERENCE else StatementItem.SUGGESTED
            link = StatementItem.MANUAL if line.id in self.facts.said else link
        if not elsewhere and target and target.id in self.facts.elsewhere:
            elsewhere = self.facts.elsewhere[target.id].statement_id
        theirs = self.counting.theirs(line)
        return Found(line.id, target.id if target else "", link, finding, theirs, ZERO, elsewhere)

    # --- lines about nothing we know, and payments that no line is about ----------------------------------------------
    def _suggest(self, by_id: dict[str, Found]) -> None:
        """When all other lines have found their payment."""
        taken = self.targets.taken
        suggestions = Suggestions(payment for payment in self.facts.ours.values() if self._may_be_suggested(payment))
        for line in (line for line in self.facts.lines if self.targets.is_lost(line)):
            fitting = [] if line.id in self.facts.said else suggestions.for_line(line, taken)
            if len(fitting) == 1:
                taken.add(fitting[0])
                by_id[line.id] = self._found(line, self.facts.ours[fitting[0]], "suggested")
            else:
                by_id[line.id] = self._found(line, None, "ambiguous" if fitting else "missing_here")

    def _may_be_suggested(self, payment: Ours) -> bool:
        is_free = payment.id not in self.targets.taken and payment.id not in self.facts.elsewhere
        return self._is_same_book(payment) and is_free

    def _is_same_book(self, payment: Ours) -> bool:
        return payment.livemode == self.facts.livemode and payment.account_id == self.facts.account_id

    def _is_ours_alone(self, payment: Ours) -> bool:
        is_due = self.facts.has_in_period(payment.completed_at) or payment.id in self.facts.in_closed_period
        return (
            payment.succeeded
            and is_due
            and payment.id not in self.targets.taken
            and payment.currency == self.facts.currency
            and self._is_same_book(payment)
        )

    def _of_ours(self, payment: Ours) -> Found:
        ours = self.counting.ours(payment)
        if payment.id in self.facts.in_closed_period:
            return Found("", payment.id, "", "unseen_after_close", ZERO, ours)
        other = self.facts.elsewhere.get(payment.id)
        if other is None:
            return Found("", payment.id, "", "missing_there", ZERO, ours)
        is_adjustment = other.is_closed and other.finding in NOT_BOOKED_BY_THEN
        finding = "after_close" if is_adjustment else "in_other_statement"
        return Found("", payment.id, StatementItem.EXACT, finding, ZERO, ours, other.statement_id)

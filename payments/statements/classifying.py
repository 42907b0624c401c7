"""The comparison itself: pure functions from the facts of both sides to one finding per line and payment."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from payments.models import StatementItem, StatementLine
from payments.statements.facts import ZERO, Facts, Found, Line, Ours
from payments.statements.suggesting import Suggestions, same_phone

_KINDS = {
    "collection": {StatementLine.IN},
    "payout": {StatementLine.OUT},
    # A refund is a transfer to the payer; some statements have no word of its own for it.
    "refund": {StatementLine.REFUND, StatementLine.OUT},
}
# What another statement says of a payment that our books did not have by then.
_NOT_BOOKED_BY_THEN = {"open_here", "failed_here"}
_BY_REFERENCE = {"agrees", "late", "early", "nothing_moved"}
_STRANGERS = {"duplicate", "seen_before", "other_mode", "other_account"}
# Beside these, another line of the same payment stands for it.
_BESIDE = {"charged_twice", "reversed", "nothing_moved"}


def classify(facts: Facts) -> list[Found]:
    """One Found per line in order, then one per payment that only we have."""
    return _Comparison(facts).run()


class _Comparison:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._kinds = {line.id: line.kind for line in facts.lines}
        self.groups: dict[str, list[Line]] = defaultdict(list)  # payment → the lines that refer to it and moved money
        self.fee_lines: dict[str, list[Line]] = defaultdict(list)
        self.targets: dict[str, Ours | None] = {}
        self.doubles: set[str] = set()
        self.taken: set[str] = set()  # payments that a line stands for

    def run(self) -> list[Found]:
        self._find_doubles()
        for line in self.facts.lines:
            self._find_target(line)
        by_id = {line.id: self._of_line(line) for line in self.facts.lines if self._has_word(line)}
        self._suggest(by_id)
        found = self._counted([by_id[line.id] for line in self.facts.lines])
        return found + [self._of_ours(payment) for payment in self.facts.ours.values() if self._is_ours_alone(payment)]

    # --- which payment a line is about --------------------------------------------------------------------------------
    def _find_doubles(self) -> None:
        seen: set[tuple[object, ...]] = set()
        for line in self.facts.lines:
            name: tuple[object, ...] = (line.provider_reference, line.kind)
            if not line.provider_reference:
                name = (line.our_reference, line.kind, line.occurred_at, line.amount, line.phone)
            if name in seen:
                self.doubles.add(line.id)
            seen.add(name)

    def _find_target(self, line: Line) -> None:
        target = self._target(line)
        self.targets[line.id] = target
        if target is None or line.id in self.doubles or line.id in self.facts.seen_before:
            return
        if line.kind == StatementLine.FEE:
            self.fee_lines[target.id].append(line)
            return
        self.taken.add(target.id)
        if line.moved and line.currency == target.currency and _is_same_way(line, target):
            self.groups[target.id].append(line)

    def _target(self, line: Line) -> Ours | None:
        """What a person said, else what our own reference says, else what the provider's says."""
        if line.id in self.facts.said:
            said = self.facts.said[line.id]
            return self.facts.ours[said] if said else None
        if line.kind == StatementLine.SETTLEMENT:
            return None
        for candidates in (self.facts.by_our_reference, self.facts.by_provider_reference):
            found = [self.facts.ours[payment] for payment in candidates.get(line.id, ())]
            if len(found) > 1:  # a merchant's reference may name a payment and a payout
                found = [ours for ours in found if line.kind in _KINDS[ours.kind]] or found
            if len(found) == 1:
                return found[0]
        return None

    # --- one line -----------------------------------------------------------------------------------------------------
    def _has_word(self, line: Line) -> bool:
        """Lines about nothing we know wait: a suggestion may be had when all others have found their payment."""
        return not self._is_lost(line)

    def _is_lost(self, line: Line) -> bool:
        return (
            self.targets[line.id] is None
            and line.moved
            and line.kind not in {StatementLine.SETTLEMENT, StatementLine.FEE}
            and line.currency == self.facts.currency
            and line.id not in self.doubles
            and line.id not in self.facts.seen_before
        )

    def _of_line(self, line: Line) -> Found:
        target = self.targets[line.id]
        if line.id in self.doubles:
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
        return self._found(line, target, self._of_pair(line, target))

    def _of_settlement(self, line: Line) -> Found:
        booked = self.facts.settled.get(line.id)
        if booked is not None:
            return Found(line.id, "", StatementItem.EXACT, "settled", self._theirs(line), booked)
        return self._of_stranger(line, otherwise="settlement")

    def _of_stranger(self, line: Line, *, otherwise: str = "fee_alone") -> Found:
        if not line.moved:
            return self._found(line, None, "nothing_moved")
        return self._found(line, None, "currency_differs" if line.currency != self.facts.currency else otherwise)

    def _of_fee(self, line: Line, target: Ours) -> Found:
        is_first = self.fee_lines[target.id][:1] == [line]
        ours = -target.booked_fee if is_first and self._is_in_period(target) else ZERO
        found = self._found(line, target, "agrees" if self._theirs(line) == ours else "fee_differs")
        return replace(found, ours=ours)

    def _of_pair(self, line: Line, target: Ours) -> str:
        """The first of these that has something to say, in the order in which one explains the next."""
        return (
            self._by_outcome(line, target)
            or self._by_nature(line, target)
            or self._by_count(line, target)
            or self._by_status(target)
            or self._by_amount(line, target)
            or self._by_time(line, target)
            or self._by_detail(line, target)
            or "agrees"
        )

    def _by_outcome(self, line: Line, target: Ours) -> str:
        if line.moved:
            return ""
        if self.groups[target.id]:
            return "nothing_moved"  # an attempt beside the one that moved the money
        if not target.succeeded:
            are_alike = line.outcome == StatementLine.PENDING or target.status in {"failed", "canceled"}
            return "nothing_moved" if are_alike else "open_here"
        return "waiting_there" if line.outcome == StatementLine.PENDING else "not_there_as_paid"

    def _by_nature(self, line: Line, target: Ours) -> str:
        if line.currency != target.currency or line.currency != self.facts.currency:
            return "currency_differs"
        if _is_same_way(line, target):
            return ""
        was_paid = bool(self.groups[target.id]) or target.id in self.facts.elsewhere
        return "reversed" if target.kind == "collection" and was_paid else "kind_differs"

    def _by_count(self, line: Line, target: Ours) -> str:
        """Several lines for one payment: the parts of it, or more than it."""
        group = self.groups[target.id]
        if len(group) > 1:
            if sum((part.amount for part in group), ZERO) == target.amount:
                return "split"
            return "" if group[0] is line else "charged_twice"
        other = self.facts.elsewhere.get(target.id)
        return "charged_twice" if other and other.finding not in _NOT_BOOKED_BY_THEN else ""

    def _by_status(self, target: Ours) -> str:
        if target.succeeded:
            return "not_booked" if target.booked is None else ""
        return "failed_here" if target.status in {"failed", "canceled"} else "open_here"

    def _by_amount(self, line: Line, target: Ours) -> str:
        if line.amount != target.amount:
            return "amount_differs"
        return "books_differ" if target.in_books != target.amount else ""

    def _by_time(self, line: Line, target: Ours) -> str:
        if not self.facts.period_start <= line.occurred_at < self.facts.period_end:
            return "outside_period"
        if target.completed_at is None or self._is_in_period(target):
            return ""
        return "late" if target.completed_at < self.facts.period_start else "early"

    def _by_detail(self, line: Line, target: Ours) -> str:
        others = self.facts.by_provider_reference.get(line.id, ())
        if others and target.id not in others and line.id not in self.facts.said:
            return "references_disagree"
        if line.fee != (ZERO if self.fee_lines.get(target.id) else target.booked_fee):
            return "fee_differs"
        if line.phone and not same_phone(line.phone, target.phone):
            return "phone_differs"
        return ""

    # --- lines about nothing we know, and payments that no line is about ----------------------------------------------
    def _suggest(self, by_id: dict[str, Found]) -> None:
        suggestions = Suggestions(payment for payment in self.facts.ours.values() if self._may_be_suggested(payment))
        for line in (line for line in self.facts.lines if self._is_lost(line)):
            fitting = [] if line.id in self.facts.said else suggestions.for_line(line, self.taken)
            if len(fitting) == 1:
                self.taken.add(fitting[0])
                by_id[line.id] = self._found(line, self.facts.ours[fitting[0]], "suggested")
            else:
                by_id[line.id] = self._found(line, None, "ambiguous" if fitting else "missing_here")

    def _may_be_suggested(self, payment: Ours) -> bool:
        return self._is_same_book(payment) and payment.id not in self.taken and payment.id not in self.facts.elsewhere

    def _is_same_book(self, payment: Ours) -> bool:
        return payment.livemode == self.facts.livemode and payment.account_id == self.facts.account_id

    def _is_in_period(self, payment: Ours) -> bool:
        return payment.completed_at is not None and (
            self.facts.period_start <= payment.completed_at < self.facts.period_end
        )

    def _is_ours_alone(self, payment: Ours) -> bool:
        is_due = self._is_in_period(payment) or payment.id in self.facts.in_closed_period
        return (
            payment.succeeded
            and is_due
            and payment.id not in self.taken
            and payment.currency == self.facts.currency
            and self._is_same_book(payment)
        )

    def _of_ours(self, payment: Ours) -> Found:
        ours = self._in_books(payment)
        if payment.id in self.facts.in_closed_period:
            return Found("", payment.id, "", "unseen_after_close", ZERO, ours)
        other = self.facts.elsewhere.get(payment.id)
        if other is None:
            return Found("", payment.id, "", "missing_there", ZERO, ours)
        is_adjustment = other.is_closed and other.finding in _NOT_BOOKED_BY_THEN
        finding = "after_close" if is_adjustment else "in_other_statement"
        return Found("", payment.id, StatementItem.EXACT, finding, ZERO, ours, other.statement_id)

    # --- sums ---------------------------------------------------------------------------------------------------------
    def _found(self, line: Line, target: Ours | None, finding: str, *, elsewhere: str = "") -> Found:
        link = ""
        if target and finding not in _STRANGERS:
            link = StatementItem.EXACT if finding in _BY_REFERENCE else StatementItem.SUGGESTED
            link = StatementItem.MANUAL if line.id in self.facts.said else link
        if not elsewhere and target and target.id in self.facts.elsewhere:
            elsewhere = self.facts.elsewhere[target.id].statement_id
        return Found(line.id, target.id if target else "", link, finding, self._theirs(line), ZERO, elsewhere)

    def _theirs(self, line: Line) -> Decimal:
        return line.amount - line.fee if line.moved and line.currency == self.facts.currency else ZERO

    def _in_books(self, payment: Ours) -> Decimal:
        """What our balance grew by. A fee that has a line of its own is counted there."""
        if payment.currency != self.facts.currency:
            return ZERO
        return payment.in_books - (ZERO if self.fee_lines.get(payment.id) else payment.booked_fee)

    def _counted(self, found: list[Found]) -> list[Found]:
        """Our side of every payment of this period, once: on the line that stands for it."""
        stands_for: dict[str, int] = {}
        for index, one in enumerate(found):
            if one.link and one.payment_id and self._kind_of(one) != StatementLine.FEE:
                now = stands_for.setdefault(one.payment_id, index)
                if found[now].finding in _BESIDE and one.finding not in _BESIDE:
                    stands_for[one.payment_id] = index
        counted = list(found)
        for payment_id, index in stands_for.items():
            payment = self.facts.ours[payment_id]
            if payment.succeeded and self._is_in_period(payment):
                counted[index] = replace(found[index], ours=self._in_books(payment))
                if found[index].finding == "split":
                    self._share(counted, payment)
        return counted

    def _share(self, counted: list[Found], payment: Ours) -> None:
        """Each part of a split payment stands against its own share of ours."""
        for index, one in enumerate(counted):
            if one.payment_id == payment.id and one.finding == "split":
                line = self.facts.lines[index]
                is_first = self.groups[payment.id][0] is line
                fee = payment.in_books - self._in_books(payment) if is_first else ZERO
                counted[index] = replace(one, ours=line.amount - fee)

    def _kind_of(self, found: Found) -> str:
        return self._kinds[found.line_id]


def _is_same_way(line: Line, target: Ours) -> bool:
    return line.kind in _KINDS[target.kind] and (line.amount >= 0) == (target.amount >= 0)

"""Which payment, payout or refund of ours each line of a statement is about, if any."""

from collections import defaultdict
from collections.abc import Iterable

from payments.models import StatementLine
from payments.statements.facts import Facts, Line, Ours

_KINDS = {
    "collection": {StatementLine.IN},
    "payout": {StatementLine.OUT},
    # A refund is a transfer to the payer; some statements have no word of its own for it.
    "refund": {StatementLine.REFUND, StatementLine.OUT},
}


class Targets:
    """Found once for all lines: a later line may say more about the payment of an earlier one."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.doubles = _doubles(facts.lines)
        self.of_line: dict[str, Ours | None] = {}
        self.groups: dict[str, list[Line]] = defaultdict(list)  # payment → the lines that refer to it and moved money
        self.fee_lines: dict[str, list[Line]] = defaultdict(list)
        self.taken: set[str] = set()  # payments that a line stands for
        for line in facts.lines:
            self._place(line)

    def is_lost(self, line: Line) -> bool:
        """Moved money, and neither a reference nor a person says whose: a suggestion may be had."""
        return (
            self.of_line[line.id] is None
            and line.moved
            and line.kind not in {StatementLine.SETTLEMENT, StatementLine.FEE}
            and line.currency == self.facts.currency
            and line.id not in self.doubles
            and line.id not in self.facts.seen_before
        )

    def _place(self, line: Line) -> None:
        target = self._find(line)
        self.of_line[line.id] = target
        if target is None or line.id in self.doubles or line.id in self.facts.seen_before:
            return
        if line.kind == StatementLine.FEE:
            self.fee_lines[target.id].append(line)
            return
        self.taken.add(target.id)
        if line.moved and line.currency == target.currency and is_same_way(line, target):
            self.groups[target.id].append(line)

    def _find(self, line: Line) -> Ours | None:
        """What a person said, else what our own reference says, else what the provider's says."""
        if line.kind == StatementLine.SETTLEMENT:
            return None  # whatever was said: it would stand for a payment that no line is about
        if line.id in self.facts.said:
            said = self.facts.said[line.id]
            return self.facts.ours[said] if said else None
        for candidates in (self.facts.by_our_reference, self.facts.by_provider_reference):
            found = [self.facts.ours[payment] for payment in candidates.get(line.id, ())]
            if len(found) > 1:  # a merchant's reference may name a payment and a payout
                found = [ours for ours in found if line.kind in _KINDS[ours.kind]] or found
            if len(found) == 1:
                return found[0]
        return None


def is_same_way(line: Line, target: Ours) -> bool:
    """Whether money went the way that it does with such a payment."""
    return line.kind in _KINDS[target.kind] and (line.amount >= 0) == (target.amount >= 0)


def _doubles(lines: Iterable[Line]) -> set[str]:
    """Lines that stand in the statement before, word for word."""
    seen: set[tuple[object, ...]] = set()
    doubles = set()
    for line in lines:
        name: tuple[object, ...] = (line.provider_reference, line.kind)
        if not line.provider_reference:
            name = (line.our_reference, line.kind, line.occurred_at, line.amount, line.phone)
        if name in seen:
            doubles.add(line.id)
        seen.add(name)
    return doubles

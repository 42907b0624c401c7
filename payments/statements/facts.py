"""What the comparison knows about each side, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Line:
    """A statement line. Amounts are signed; the fee is taken off and positive."""

    id: str
    number: int
    occurred_at: datetime
    provider_reference: str
    our_reference: str
    phone: str
    kind: str
    amount: Decimal
    fee: Decimal
    currency: str
    outcome: str
    is_fee_stated: bool  # its cell for the fee is not empty

    @property
    def moved(self) -> bool:
        return self.outcome == "moved"


@dataclass(frozen=True, slots=True)
class Ours:
    """A payment, payout or refund, and what the ledger has for it on the balance at this provider account."""

    id: str
    kind: str
    status: str
    amount: Decimal  # signed as the line should be
    currency: str
    phone: str
    livemode: bool
    account_id: str
    created_at: datetime
    completed_at: datetime | None
    booked: Decimal | None  # None: not in the ledger
    booked_fee: Decimal

    @property
    def succeeded(self) -> bool:
        return self.status == "succeeded"

    @property
    def in_books(self) -> Decimal:
        """What our balance grew by, before the fee."""
        return ZERO if self.booked is None else self.booked


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where another statement of the account has a payment."""

    statement_id: str
    finding: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Both sides of one statement, and what other statements and people have said."""

    livemode: bool
    account_id: str
    currency: str
    period_start: datetime
    period_end: datetime
    lines: Sequence[Line]
    ours: Mapping[str, Ours]
    by_provider_reference: Mapping[str, Sequence[str]]  # line → payments with that reference of the provider
    by_our_reference: Mapping[str, Sequence[str]]  # line → payments with that reference of ours
    is_layout_proven: bool  # only then is the mapping's word on what did not move enough
    states_fees: bool  # the file has a column for the fee
    said: Mapping[str, str | None] = field(default_factory=dict)  # line → what a person linked; None: none of ours
    settled: Mapping[str, Decimal] = field(default_factory=dict)  # settlement line → what the ledger has for it
    seen_before: Mapping[str, str] = field(default_factory=dict)  # line → an earlier statement with the same line
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)  # payment → another statement that has it
    in_closed_period: frozenset[str] = frozenset()  # payments of an earlier, closed period that no statement has

    def has_in_period(self, moment: datetime | None) -> bool:
        return moment is not None and self.period_start <= moment < self.period_end


@dataclass(frozen=True, slots=True)
class Found:
    """What came out for a line, a payment, or both."""

    line_id: str
    payment_id: str
    link: str
    finding: str
    theirs: Decimal
    ours: Decimal
    elsewhere: str = ""
    statement_id: str = ""  # what it is about when it is about neither

    @property
    def key(self) -> str:
        return self.line_id or self.payment_id or self.statement_id

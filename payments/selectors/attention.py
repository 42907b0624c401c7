"""What a person should look at: counted for Home, and listed with age and amount, oldest first."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum

from payments.decisions import ALIVE_AFTER_FAILED, OTHER_MONEY
from payments.kinds import PaymentKind
from payments.models import AuditEntry, Callback, Payment, Resolution
from payments.selectors.callbacks import in_mode
from payments.selectors.circuits import BlockedCircuit, blocked_circuits
from payments.selectors.reports import Report, last_reports
from payments.states import FINAL, Status

UNKNOWN, ALARM, STOPPED, HELD, PROPOSED = "unknown", "alarm", "stopped", "held", "proposed"
EMPTY_FLOAT = "merchant_funds_insufficient"
# Named, so that the index that begins with mode and kind serves.
_EVERY_KIND = [kind.value for kind in PaymentKind]


def _alarmed(reason: str) -> Exists:
    return Exists(AuditEntry.objects.filter(target=OuterRef("id"), action="payment.alarm", reason=reason))


_NEEDS_SOMEBODY = Q(attention_at__isnull=False)
# It failed before anything moved, for a reason of the merchant's own: no money is in doubt, as long as the network
# has not taken it up again since.
_NOTHING_MOVED = Q(status=Status.FAILED) & ~Q(_alarmed(ALIVE_AFTER_FAILED))
_CONDITIONS = {
    UNKNOWN: Q(status=Status.UNKNOWN),
    # Not the unknown ones that took too long: those are on the list anyway.
    ALARM: _NEEDS_SOMEBODY & ~Q(status=Status.UNKNOWN) & ~_NOTHING_MOVED,
    STOPPED: _NEEDS_SOMEBODY & _NOTHING_MOVED,
    HELD: Q(status=Status.PENDING, held_at__isnull=False),
    PROPOSED: Q(status=Status.UNKNOWN, resolutions__state=Resolution.PROPOSED),
}


@dataclass(frozen=True, slots=True)
class Pile:
    """Payments, payouts and refunds of one sort. Amounts are per currency, because they cannot be added up."""

    count: int = 0
    oldest: datetime | None = None
    amounts: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attention:
    unknown: Pile
    other_money: Pile  # those of the unknown ones that the network reports with another amount, currency or number
    alarms: Pile
    empty_float: Pile
    stopped: Pile  # the other failures that the merchant has to put right
    held: Pile
    proposals: int
    circuits: list[BlockedCircuit]
    unmatched_callbacks: int
    rejected_callbacks: int

    @property
    def is_empty(self) -> bool:
        counts = (
            self.unknown.count, self.alarms.count, self.empty_float.count, self.stopped.count, self.held.count,
            self.proposals, self.unmatched_callbacks, self.rejected_callbacks,
        )  # fmt: skip
        return not (self.circuits or any(counts))


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the list. `sort`: why it is there; `since`: when it was asked for."""

    id: str
    kind: str
    sort: str
    status: str
    amount: Decimal
    currency: str
    phone: str
    reference: str
    provider: str
    failure_code: str
    since: datetime
    held_at: datetime | None
    attention_at: datetime | None
    next_check_at: datetime | None
    alarm: str  # what the last alarm said; "" without any
    report: Report | None  # what the network last said, where somebody has to look
    resolution_id: str  # of the proposal that waits, else ""
    proposed_by: str
    proposed_by_user: int | None
    proposed_outcome: str

    @property
    def is_held(self) -> bool:
        return self.sort == HELD


def attention(*, livemode: bool, callbacks_since: datetime) -> Attention:
    """Counts for Home; callbacks only from the time on."""
    recent = Callback.objects.filter(received_at__gte=callbacks_since)
    callbacks = in_mode(recent.filter(verdict__in=(Callback.REJECTED, Callback.UNMATCHED)), livemode=livemode)
    has_no_payment = Q(payment_id="")
    counts = callbacks.aggregate(
        unmatched=Count("pk", filter=has_no_payment), rejected=Count("pk", filter=~has_no_payment)
    )
    return Attention(
        unknown=_pile(_rows(livemode, UNKNOWN), "created_at"),
        other_money=_pile(_rows(livemode, UNKNOWN).filter(_alarmed(OTHER_MONEY)), "created_at"),
        alarms=_pile(_rows(livemode, ALARM), "attention_at"),
        empty_float=_pile(_rows(livemode, STOPPED).filter(failure_code=EMPTY_FLOAT), "attention_at"),
        stopped=_pile(_rows(livemode, STOPPED).exclude(failure_code=EMPTY_FLOAT), "attention_at"),
        held=_pile(_rows(livemode, HELD), "held_at"),
        proposals=_rows(livemode, PROPOSED).count(),
        circuits=blocked_circuits(livemode=livemode),
        unmatched_callbacks=counts["unmatched"],
        rejected_callbacks=counts["rejected"],
    )


def list_attention(*, livemode: bool, sort: str = "", after: str = "", limit: int) -> tuple[list[Item], str]:
    """The items of one sort, or all of them, oldest first, behind the one with the id `after`; and the next `after`."""
    rows = _rows(livemode, sort)
    last = Payment.objects.filter(pk=after, livemode=livemode).values_list("created_at", flat=True).first()
    if last is not None:
        rows = rows.filter(Q(created_at__gt=last) | Q(created_at=last, id__gt=after))
    found = list(_with_reasons(rows).order_by("created_at", "id")[: limit + 1])
    reports = last_reports(row for row in found[:limit] if row.attention_at)
    items = [_item(row, reports.get(row.id)) for row in found[:limit]]
    return items, items[-1].id if len(found) > limit else ""


def count_attention(*, livemode: bool) -> dict[str, int]:
    """How many there are of each sort; "" for all."""
    return {sort: _rows(livemode, sort).count() for sort in ("", *_CONDITIONS)}


def _rows(livemode: bool, sort: str) -> "QuerySet[Payment]":
    condition = _CONDITIONS.get(sort) or _CONDITIONS[UNKNOWN] | _NEEDS_SOMEBODY | _CONDITIONS[HELD]
    return Payment.objects.filter(condition, livemode=livemode, kind__in=_EVERY_KIND)


def _pile(rows: "QuerySet[Payment]", since: str) -> Pile:
    per_currency = rows.values("currency").order_by("currency")
    found = list(per_currency.annotate(count=Count("pk"), oldest=Min(since), at_stake=Sum("amount")))
    return Pile(
        count=sum(row["count"] for row in found),
        oldest=min((row["oldest"] for row in found), default=None),
        amounts={row["currency"]: row["at_stake"] for row in found},
    )


def _with_reasons(rows: "QuerySet[Payment]") -> "QuerySet[Payment]":
    """The last alarm and the waiting proposal, in the same statement."""
    alarms = AuditEntry.objects.filter(target=OuterRef("id"), action="payment.alarm").order_by("-position")
    proposals = Resolution.objects.filter(payment=OuterRef("id"), state=Resolution.PROPOSED)
    return rows.annotate(
        alarm=Subquery(alarms.values("reason")[:1]),
        **{f"proposal_{name}": Subquery(proposals.values(name)[:1]) for name in _PROPOSAL_FIELDS},
    )


_PROPOSAL_FIELDS = ("id", "proposed_by", "proposed_by_user", "outcome")


def sort_of(payment: Payment, *, is_proposed: bool, alarm: str) -> str:
    """Why a payment needs a person; "" when it does not. alarm: what the last one said."""
    if payment.status == Status.UNKNOWN:
        return PROPOSED if is_proposed else UNKNOWN
    if payment.attention_at:
        return STOPPED if payment.status == Status.FAILED and alarm != ALIVE_AFTER_FAILED else ALARM
    return HELD if payment.held_at and payment.status == Status.PENDING else ""


def _item(payment: Payment, report: Report | None) -> Item:
    row = vars(payment)
    return Item(
        id=payment.id,
        kind=payment.kind,
        sort=sort_of(payment, is_proposed=bool(row["proposal_id"]), alarm=row["alarm"] or ""),
        status=payment.status,
        amount=payment.amount,
        currency=payment.currency,
        phone=payment.phone,
        reference=payment.reference or "",
        provider=payment.provider,
        failure_code=payment.failure_code,
        since=payment.created_at,
        held_at=payment.held_at,
        attention_at=payment.attention_at,
        next_check_at=payment.next_check_at,
        alarm=row["alarm"] or "",
        report=report,
        resolution_id=row["proposal_id"] or "",
        proposed_by=row["proposal_proposed_by"] or "",
        proposed_by_user=row["proposal_proposed_by_user"],
        proposed_outcome=row["proposal_outcome"] or "",
    )


def last_alarm(payment: Payment) -> AuditEntry | None:
    """What the alarm on a payment says, while it needs a person."""
    if payment.attention_at is None:
        return None
    return AuditEntry.objects.filter(target=payment.id, action="payment.alarm").order_by("-position").first()


def is_alarm_over(payment: Payment) -> bool:
    """Whether a person may mark the alarm as seen: nothing more is going to happen by itself."""
    return payment.attention_at is not None and payment.status in FINAL

"""Payments, refunds and payouts as people look for them: filtered pages, counts per status, what changed since."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from payments.kinds import PaymentKind
from payments.models import Payment, Transaction
from payments.selectors.keyset import Page, id_floor, newest_first
from payments.states import FINAL, Status

# Counting stops here, so that a tab never costs more than this many index entries.
COUNT_CAP = 10_000
NEWER_CAP = 99


@dataclass(frozen=True, slots=True)
class PaymentFilters:
    """Everything a list of one kind can be narrowed by. `created_before` is exclusive.

    `reference` finds a refund also by the reference of the payment that it pays back.
    """

    kind: PaymentKind = PaymentKind.COLLECTION

    status: str = ""
    provider: str = ""
    phone: str = ""
    reference: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    needs_attention: bool = False


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """`original` names the payment that a refund pays back: its reference, or its id where it has none."""

    id: str
    kind: PaymentKind
    status: str
    is_held: bool
    amount: Decimal
    amount_refunded: Decimal
    currency: str
    reference: str
    original: str
    phone: str
    provider: str
    failure_code: str
    attempts: int
    created_at: datetime
    completed_at: datetime | None

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def seconds_to_confirm(self) -> float | None:
        """From our acceptance to the provider's word, for payments that succeeded."""
        if self.status != Status.SUCCEEDED or self.completed_at is None:
            return None
        return (self.completed_at - self.created_at).total_seconds()


@dataclass(frozen=True, slots=True)
class StatusCounts:
    by_status: dict[str, int]
    is_capped: bool  # there are more than COUNT_CAP; the numbers are those of the newest ones

    @property
    def total(self) -> int:
        return sum(self.by_status.values())


def list_payments(*, livemode: bool, filters: PaymentFilters, cursor: str, limit: int) -> Page[PaymentRow]:
    """One page of one kind, newest first."""
    rows = _with_context(_matching(livemode, filters))
    return newest_first(rows, key="id", cursor=cursor, limit=limit, convert=_to_row)


def payments_by_id(*, livemode: bool, kind: PaymentKind, ids: list[str]) -> list[PaymentRow]:
    """The rows as they are now, to refresh the ones somebody is looking at."""
    rows = _with_context(Payment.objects.filter(livemode=livemode, kind=kind, id__in=ids))
    return [_to_row(row) for row in rows.order_by("-id")]


def count_by_status(*, livemode: bool, filters: PaymentFilters) -> StatusCounts:
    """How many of each status match the filters other than the status itself."""
    newest = _matching(livemode, filters, with_status=False).order_by("-id").only("status")[: COUNT_CAP + 1]
    per_status = {status.value: Count("pk", filter=Q(status=status.value)) for status in Status}
    counts: dict[str, int] = newest.aggregate(**per_status)
    return StatusCounts(counts, sum(counts.values()) > COUNT_CAP)


def count_newer(*, livemode: bool, filters: PaymentFilters, than: str) -> int:
    """How many matching payments came in after the one with that id; counting stops at NEWER_CAP."""
    return _matching(livemode, filters).filter(id__gt=than).order_by()[:NEWER_CAP].count()


def find_payment(*, livemode: bool, text: str) -> str:
    """The id of the one payment, refund or payout with this id, or this reference of ours, the merchant's or the
    provider's; else "". A payment comes before a payout of the same reference.
    """
    ours = Payment.objects.filter(livemode=livemode)
    by_transaction = Transaction.objects.filter(reference=text).values("payment_id")
    for candidates in (
        ours.filter(id=text),
        *(ours.filter(kind=kind, reference=text) for kind in PaymentKind),
        ours.filter(id__in=by_transaction),
        ours.filter(provider_reference=text),
    ):
        found = list(candidates.values_list("id", flat=True)[:2])
        if len(found) == 1:
            return found[0]
    return ""


def get_payment(*, livemode: bool, payment_id: str, kind: PaymentKind | None = None) -> Payment | None:
    """The object in this mode; of one kind only, if that is given. A refund comes with the payment it pays back."""
    rows = Payment.objects.filter(livemode=livemode, id=payment_id).select_related("original")
    return (rows.filter(kind=kind) if kind else rows).first()


def _matching(livemode: bool, filters: PaymentFilters, *, with_status: bool = True) -> QuerySet[Payment]:
    rows = Payment.objects.filter(livemode=livemode, kind=filters.kind)
    prefix = filters.kind.prefix
    exact = {"provider": filters.provider, "phone": filters.phone}
    if with_status:
        exact["status"] = filters.status
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.reference:
        rows = rows.filter(_by_reference(livemode, filters))
    if filters.created_from:
        rows = rows.filter(id__gte=id_floor(prefix, filters.created_from), created_at__gte=filters.created_from)
    if filters.created_before:
        rows = rows.filter(id__lt=id_floor(prefix, filters.created_before), created_at__lt=filters.created_before)
    if filters.amount_min is not None:
        rows = rows.filter(amount__gte=filters.amount_min)
    if filters.amount_max is not None:
        rows = rows.filter(amount__lte=filters.amount_max)
    if filters.needs_attention:
        rows = rows.filter(attention_at__isnull=False)
    if filters.metadata:
        rows = rows.filter(metadata__contains=dict(filters.metadata))
    return rows


def _by_reference(livemode: bool, filters: PaymentFilters) -> Q:
    own = Q(reference=filters.reference)
    if filters.kind != PaymentKind.REFUND:
        return own
    originals = Payment.objects.filter(
        livemode=livemode, kind=PaymentKind.COLLECTION, reference=filters.reference
    ).values("id")
    return own | Q(original_id__in=originals)


def _with_context(rows: QuerySet[Payment]) -> QuerySet[Payment]:
    """The number of attempts and what a refund pays back, in the same statement."""
    attempts = Transaction.objects.filter(payment=OuterRef("id")).order_by("-number")
    return rows.select_related("original").annotate(attempts=Subquery(attempts.values("number")[:1]))


def _to_row(payment: Payment) -> PaymentRow:
    return PaymentRow(
        id=payment.id,
        kind=PaymentKind(payment.kind),
        status=payment.status,
        is_held=payment.is_held,
        amount=payment.amount,
        amount_refunded=payment.amount_refunded,
        currency=payment.currency,
        reference=payment.reference or "",
        original=(payment.original.reference or payment.original.id) if payment.original else "",
        phone=payment.phone,
        provider=payment.provider,
        failure_code=payment.failure_code,
        attempts=payment.attempts or 0,  # type: ignore[attr-defined]
        created_at=payment.created_at,
        completed_at=payment.completed_at,
    )

"""The inbox: what providers sent, what was made of it, and why."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BinaryField, F, Func, Q, QuerySet, Value

from payments.models import Callback, Exchange, Payment
from payments.selectors.callback_hints import LOOKED_AT_BYTES, likely_payments
from payments.selectors.keyset import Page, id_floor, newest_first

# In the address of the list: what came without an owner, whatever its verdict.
WITHOUT_PAYMENT = "unmatched"


@dataclass(frozen=True, slots=True)
class CallbackFilters:
    """`verdict` is one of Callback.VERDICTS, or WITHOUT_PAYMENT. `before` is exclusive."""

    verdict: str = ""
    provider: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallbackRow:
    id: str
    provider: str
    is_signed: bool
    payment_id: str  # "" when it matches nothing
    likely_payment_id: str  # a guess by what the body names; only for those without a payment
    claims: str
    verdict: str
    reason: str
    duplicates: int
    received_at: datetime
    last_received_at: datetime


def list_callbacks(*, livemode: bool, filters: CallbackFilters, cursor: str, limit: int) -> Page[CallbackRow]:
    """One page, newest first. What matches no payment belongs to no mode and shows in both."""
    rows = in_mode(Callback.objects.all(), livemode=livemode).defer("headers", "body")
    if filters.verdict == WITHOUT_PAYMENT:
        rows = rows.filter(payment_id="")
    elif filters.verdict:
        rows = rows.filter(verdict=filters.verdict)
    if filters.provider:
        rows = rows.filter(provider=filters.provider)
    if filters.since:
        rows = rows.filter(id__gte=id_floor("cb", filters.since))
    if filters.before:
        rows = rows.filter(id__lt=id_floor("cb", filters.before))
    page = newest_first(rows, key="id", cursor=cursor, limit=limit, convert=lambda row: row)
    guesses = _guesses([row.id for row in page.rows if not row.payment_id], livemode)
    return Page([_row(row, guesses.get(row.id, "")) for row in page.rows], page.next_cursor)


def get_callback(*, livemode: bool, callback_id: str) -> Callback | None:
    return in_mode(Callback.objects.filter(pk=callback_id), livemode=livemode).first()


def likely_payment(callback: Callback, *, livemode: bool) -> str:
    """The guess for one message without a payment; "" without any."""
    if callback.payment_id:
        return ""
    return likely_payments([(callback.id, bytes(callback.body))], livemode=livemode).get(callback.id, "")


def read_back_of(callback: Callback) -> Exchange | None:
    """What the provider said when it was asked because of this message."""
    since = callback.linked_at or callback.received_at
    calls = Exchange.objects.filter(payment_id=callback.payment_id, source="callback", started_at__gte=since).exclude(
        verdict=""
    )
    return calls.order_by("id").first()


def in_mode(rows: "QuerySet[Callback]", *, livemode: bool) -> "QuerySet[Callback]":
    """Those of the mode's payments, and those of no payment."""
    return rows.filter(Q(payment_id="") | Q(payment_id__in=Payment.objects.filter(livemode=livemode).values("id")))


def _guesses(ids: list[str], livemode: bool) -> dict[str, str]:
    if not ids:
        return {}
    start = Func(F("body"), Value(1), Value(LOOKED_AT_BYTES), function="substring", output_field=BinaryField())
    bodies = Callback.objects.filter(id__in=ids).annotate(start=start).values_list("id", "start")
    return likely_payments([(message, bytes(body)) for message, body in bodies], livemode=livemode)


def _row(callback: Callback, guess: str) -> CallbackRow:
    return CallbackRow(
        id=callback.id,
        provider=callback.provider,
        is_signed=callback.is_signed,
        payment_id=callback.payment_id,
        likely_payment_id=guess,
        claims=callback.claims,
        verdict=callback.verdict,
        reason=callback.reason,
        duplicates=callback.duplicates,
        received_at=callback.received_at,
        last_received_at=callback.last_received_at,
    )

"""Everything recorded about one payment, in the order it happened: state changes, provider calls, callbacks, people."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from payments.models import AuditEntry, Callback, Event, Exchange, Payment, Transaction

# A payment polled for days has hundreds of calls; the first ones and the latest ones tell the story.
EXCHANGE_CAP = 200
# What only the audit trail knows about a payment: the others repeat what an event already says.
ACTIONS = (
    "payment.check", "payment.cancel", "payment.reveal_phone", "payment.alarm", "payment.alarm_seen", "payment.held",
    "payment.released", "payment.rerouted", "resolution.proposed", "resolution.approved", "resolution.rejected",
    "resolution.withdrawn", "resolution.overtaken", "unknowns.approve",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP exchange, redacted when it was recorded."""

    method: str
    url: str
    request_headers: dict[str, str]
    request_body: str
    status: int | None
    response_headers: dict[str, str]
    response_body: str
    error: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded fact. `kind`: state, call, callback or person; `what`: the machine's word for it within the kind."""

    id: str
    kind: str
    what: str
    at: datetime
    actor: str = ""
    source: str = ""
    status: str = ""
    detail: str = ""
    request_id: str = ""
    verdict: str = ""
    provider: str = ""  # whom it was with, or handed on by; "" where that is whoever had the payment at the time
    count: int = 1  # how many like it in a row are folded into this one; the panes show the last
    call: Call | None = None
    callback: "Received | None" = None


@dataclass(frozen=True, slots=True)
class Received:
    """A callback as it came."""

    method: str
    headers: dict[str, str]
    body: str
    is_signed: bool
    remote_ip: str


def timeline(payment: Payment) -> list[Entry]:
    """Oldest first. Five statements, however long the story is."""
    providers = dict(Transaction.objects.filter(payment=payment).values_list("id", "provider"))
    entries = [
        *(_from_event(event) for event in Event.objects.filter(object_id=payment.id).order_by("object_version")),
        *(_from_exchange(exchange, providers) for exchange in _exchanges(payment)),
        *(_from_callback(callback) for callback in Callback.objects.filter(payment_id=payment.id).order_by("id")[:100]),
        *(_from_audit(entry) for entry in _audited(payment)),
    ]
    # A call is shown where it began: before the change of state that its answer caused.
    return _fold(sorted(entries, key=lambda entry: entry.at))


def fingerprint(payment: Payment, entries: list[Entry]) -> str:
    """Changes whenever the page would look different, so that a refresh without news costs no redraw."""
    planned = payment.next_check_at.isoformat() if payment.next_check_at else "-"
    refunds = f"{payment.amount_refunded + payment.refund_excess}.{payment.amount_reserved}"
    held = "held" if payment.is_held else "-"
    return f"{payment.version}.{len(entries)}.{sum(entry.count for entry in entries)}.{planned}.{refunds}.{held}"


def _exchanges(payment: Payment) -> list[Exchange]:
    newest = list(Exchange.objects.filter(payment=payment).order_by("-id")[:EXCHANGE_CAP])
    return newest[::-1]


def _audited(payment: Payment) -> list[AuditEntry]:
    rows = AuditEntry.objects.filter(target=payment.id, action__in=ACTIONS).order_by("position")
    return list(rows[:100])


def _from_event(event: Event) -> Entry:
    return Entry(
        id=event.id,
        kind="state",
        what=event.type.partition(".")[2],
        at=event.created_at,
        actor=event.actor,
        status=event.status,
        detail=event.reason,
        request_id=event.request_id,
    )


def _from_exchange(exchange: Exchange, providers: dict[str, str]) -> Entry:
    return Entry(
        id=f"call-{exchange.pk}",
        kind="call",
        what=exchange.operation,
        at=exchange.started_at,
        source=exchange.source,
        verdict=exchange.verdict,
        detail=exchange.error,
        provider=providers.get(exchange.transaction_id, ""),
        call=Call(
            method=exchange.method,
            url=exchange.url,
            request_headers=exchange.request_headers,
            request_body=exchange.request_body,
            status=exchange.status,
            response_headers=exchange.response_headers,
            response_body=exchange.response_body,
            error=exchange.error,
            duration_ms=exchange.duration_ms,
        ),
    )


def _from_callback(callback: Callback) -> Entry:
    return Entry(
        id=callback.id,
        kind="callback",
        what=callback.verdict,
        at=callback.received_at,
        actor=callback.linked_by,
        detail=callback.reason,
        request_id=callback.request_id,
        provider=callback.provider,
        count=1 + callback.duplicates,
        callback=Received(
            method=callback.method,
            headers=callback.headers,
            body=bytes(callback.body).decode("utf-8", errors="replace"),
            is_signed=callback.is_signed,
            remote_ip=callback.remote_ip,
        ),
    )


def _from_audit(entry: AuditEntry) -> Entry:
    return Entry(
        id=f"audit-{entry.position}",
        kind="person",
        what=entry.action,
        at=entry.created_at,
        actor=entry.actor,
        verdict=entry.result,
        detail=entry.reason,
        request_id=entry.request_id,
        provider=(entry.before or {}).get("provider", "") if entry.action == "payment.rerouted" else "",
    )


def _fold(entries: list[Entry]) -> list[Entry]:
    """Polls in a row that brought the same answer become one entry that says how many there were."""
    folded = []
    for same, group in groupby(entries, key=_poll_answer):
        members = list(group)
        if same is None:
            folded.extend(members)
        else:
            folded.append(replace(members[-1], count=len(members)))
    return folded


def _poll_answer(entry: Entry) -> tuple[str, str, int | None] | None:
    """What makes two polls the same; None for everything that is never folded."""
    if entry.what != "lookup" or entry.verdict not in ("pending", "unknown", "not_found"):
        return None
    return (entry.source, entry.verdict, entry.call.status if entry.call else None)

"""Writes finished payments for the current merchant: every row that the engine would have left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
from django.db import models

from payments import ids
from payments.chain import GENESIS, link
from payments.demo.shoppers import Purchase
from payments.ledger import success_lines
from payments.models import (
    AuditEntry,
    Callback,
    Event,
    Exchange,
    LedgerEntry,
    Payment,
    ProviderAccount,
    Transaction,
)
from payments.representation import represent
from payments.states import Status
from providers.base import Kind, Outcome
from providers.mtn.wire import read_transaction
from tenants.current import current_tenant

CHECKOUT = 'key:demo "Online shop"'


@dataclass(slots=True)
class Rows:
    """What is to be inserted, kind by kind, in an order that foreign keys accept."""

    payments: list[Payment] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    postings: list[LedgerEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)

    def insert(self) -> None:
        kinds: tuple[list[Any], ...] = (
            self.payments, self.transactions, self.exchanges, self.callbacks, self.postings, self.events, self.entries,
        )  # fmt: skip
        for rows in kinds:
            if rows:
                model: type[models.Model] = type(rows[0])
                model._default_manager.bulk_create(rows, batch_size=1000)


def write_history(purchases: Iterator[Purchase], *, account: ProviderAccount) -> int:
    """Insert the payments of these purchases. Returns how many."""
    rows = Rows()
    for number, purchase in enumerate(purchases, start=1):
        _tell(rows, purchase, account, number)
    _seal(rows)
    rows.insert()
    return len(rows.payments)


def _tell(rows: Rows, purchase: Purchase, account: ProviderAccount, number: int) -> None:
    word = {"status": "FAILED", "reason": purchase.failure} if purchase.failure else {"status": "SUCCESSFUL"}
    outcome = read_transaction(word)
    asked_at = purchase.at + timedelta(milliseconds=180)
    ended_at = asked_at + timedelta(seconds=purchase.seconds_to_answer)
    called_at, asked_again_at = ended_at - timedelta(milliseconds=60), ended_at - timedelta(milliseconds=40)
    payment = _payment(purchase, account, number)
    _event(rows, payment, kind="payment.created", actor=CHECKOUT, reason="Accepted by the API.", at=purchase.at)
    operation = Transaction(
        id=ids.new_id("txn", asked_at), payment=payment, number=1, provider="mtn", account_id=account.id,
        base_url=account.base_url, reference=str(uuid4()), sends=1, polls=1, last_sent_at=asked_at,
        answered_at=asked_at, settled_at=ended_at, created_at=asked_at, provider_code=outcome.provider_code,
        state=Transaction.DEAD if purchase.failure else Transaction.SUCCEEDED,
    )  # fmt: skip
    _advance(payment, Status.PROCESSING, asked_at)
    handed = f"Handed to mtn as {operation.reference}."
    _event(rows, payment, kind="payment.processing", actor="system:dispatch", reason=handed, at=asked_at)
    body = orjson.dumps(_status_body(payment, word)).decode()
    rows.exchanges += [
        _exchange(operation, operation="collect", method="POST", status=202, started_at=asked_at, source="answer",
                  url=_address(operation, ""), verdict=Kind.PENDING),
        _exchange(operation, operation="lookup", method="GET", status=200, started_at=asked_again_at, source="callback",
                  url=_address(operation, f"/{operation.reference}"), verdict=outcome.kind, response_body=body,
                  response_headers={"Content-Type": "application/json"}),
    ]  # fmt: skip
    rows.callbacks.append(_callback(operation, body, outcome, called_at))
    _end(payment, outcome, ended_at)
    if not purchase.failure:
        for line in success_lines(payment, account.id, fee=Decimal(0)):
            line.created_at = ended_at
            rows.postings.append(line)
    _event(rows, payment, kind=f"payment.{payment.status}", actor="provider:mtn", reason=outcome.message, at=ended_at)
    rows.payments.append(payment)
    rows.transactions.append(operation)


def _payment(purchase: Purchase, account: ProviderAccount, number: int) -> Payment:
    return Payment(
        id=ids.new_id("pay", purchase.at), livemode=account.livemode, amount=purchase.amount, currency="ZMW",
        status=Status.PENDING, phone=purchase.phone, provider="mtn", reference=f"INV-{number:05}",
        description=purchase.what, metadata={"order": str(70_000 + number)}, created_by=CHECKOUT,
        created_at=purchase.at, updated_at=purchase.at,
    )  # fmt: skip


def _advance(payment: Payment, status: Status, at: datetime) -> None:
    """The row is new and ends in its last state; no transition of a stored payment happens here."""
    vars(payment).update(status=status, version=payment.version + 1, updated_at=at)


def _end(payment: Payment, outcome: Outcome, at: datetime) -> None:
    _advance(payment, Status(outcome.kind), at)
    payment.completed_at = at
    if outcome.kind == Kind.FAILED:
        payment.failure_code, payment.failure_message = outcome.code, outcome.message
        payment.failure_provider_code, payment.failure_retry_safe = outcome.provider_code, outcome.retry_safe
    else:
        payment.provider_reference = str(1_870_000_000 + hash(payment.id) % 90_000_000)


def _event(rows: Rows, payment: Payment, *, kind: str, actor: str, reason: str, at: datetime) -> None:
    rows.events.append(
        Event(
            id=ids.new_id("evt", at), livemode=payment.livemode, type=kind, object_id=payment.id,
            object_version=payment.version, status=payment.status, reason=reason, actor=actor,
            data={"object": represent(payment)}, created_at=at,
        )
    )  # fmt: skip
    rows.entries.append(
        AuditEntry(
            livemode=payment.livemode, actor=actor, action=kind, target=payment.id, reason=reason,
            after={"status": payment.status, "version": payment.version}, created_at=at,
        )
    )  # fmt: skip


def _address(made: Transaction, path: str) -> str:
    return f"{made.base_url}/collection/v1_0/requesttopay{path}"


def _exchange(made: Transaction, **facts: Any) -> Exchange:
    return Exchange(
        payment=made.payment,
        transaction_id=made.id,
        request_headers={"Authorization": "[redacted]", "X-Reference-Id": made.reference},
        duration_ms=120 + len(made.id + facts.get("response_body", "")) % 90,
        **facts,
    )


def _callback(operation: Transaction, body: str, outcome: Outcome, at: datetime) -> Callback:
    return Callback(
        id=ids.new_id("cb", at), provider="mtn", is_signed=True, transaction_id=operation.id,
        payment_id=operation.payment_id, method="PUT", headers={"Content-Type": "application/json"},
        body=body.encode(), body_sha256=operation.reference, claims=outcome.kind, verdict=Callback.APPLIED,
        reason=f"Read back from mtn: {outcome.kind}.", received_at=at, last_received_at=at, processed_at=at,
    )  # fmt: skip


def _status_body(payment: Payment, word: dict[str, str]) -> dict[str, Any]:
    return {
        "externalId": payment.id, "amount": f"{payment.amount:.2f}", "currency": payment.currency,
        "payer": {"partyIdType": "MSISDN", "partyId": payment.phone}, "payerMessage": payment.description,
        "payeeNote": current_tenant().name, **word,
    }  # fmt: skip


def _seal(rows: Rows) -> None:
    """Number and chain in order of time, as the sealer would have; it goes on from here."""
    last = AuditEntry.objects.filter(sequence__isnull=False).order_by("-sequence").first()
    sequence, prev_hash = (last.sequence or 0, last.hash) if last else (0, GENESIS)
    rows.entries.sort(key=lambda entry: entry.created_at)
    for sequence, entry in enumerate(rows.entries, start=sequence + 1):  # noqa: B020 (counting on from the last one)
        entry.sequence, entry.prev_hash = sequence, prev_hash
        entry.hash = prev_hash = link(prev_hash, entry)
    rows.events.sort(key=lambda event: event.created_at)
    livemode = rows.events[0].livemode if rows.events else False
    newest = Event.objects.filter(livemode=livemode).aggregate(newest=models.Max("sequence"))["newest"] or 0
    for number, event in enumerate(rows.events, start=newest + 1):
        event.sequence = number

"""Writes finished payments, payouts and refunds of the current merchant: every row that the engine would have left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson

from payments import ids
from payments.demo.network import Network
from payments.demo.rows import Rows
from payments.demo.wishes import Wish
from payments.fees import charge
from payments.kinds import PaymentKind
from payments.ledger import success_lines
from payments.models import AuditEntry, Callback, Event, Exchange, FeeRule, Payment, ProviderAccount, Transaction
from payments.representation import represent
from payments.states import Status
from providers.base import Kind, Operation, Outcome
from providers.mtn.products import RESOURCES
from providers.mtn.wire import read_transaction
from tenants.current import current_tenant


@dataclass(slots=True)
class History:
    """Of one account in one mode. `api_users`: at the network, by the prefix of their credentials."""

    account: ProviderAccount
    api_users: dict[str, str]
    fees: Mapping[Operation, FeeRule]
    network: Network
    rows: Rows = field(default_factory=Rows)
    collected: dict[str, Transaction] = field(default_factory=dict)  # by the merchant's reference

    def tell(self, wish: Wish) -> None:
        """Make up all rows of a wish that came to its end. A refund comes after its purchase."""
        operation, original = wish.kind.operation, self.collected.get(wish.refund_of)
        word = {"status": "FAILED", "reason": wish.failure} if wish.failure else {"status": "SUCCESSFUL"}
        outcome = read_transaction(word, operation)
        asked_at = wish.at + timedelta(milliseconds=180)
        ended_at = asked_at + timedelta(seconds=wish.seconds_to_answer)
        payment = _payment(wish, self.account, original)
        _event(self.rows, payment, actor=wish.actor, reason="Accepted.", at=wish.at)
        made = _operation(payment, self.account, operation, outcome, asked_at=asked_at, ended_at=ended_at)
        _advance(payment, Status.PROCESSING, asked_at)
        handed = f"Handed to MTN as {made.reference}."
        _event(self.rows, payment, actor="system:dispatch", reason=handed, at=asked_at)
        financial_id = self.network.carry_out(
            payment, made, api_users=self.api_users, original=original.reference if original else "", word=word,
            at=ended_at,
        )  # fmt: skip
        _talk(self.rows, made, word, outcome, asked_at=asked_at, ended_at=ended_at)
        _end(payment, outcome, financial_id, ended_at)
        _event(self.rows, payment, actor="provider:mtn", reason=outcome.message, at=ended_at)
        self.rows.payments.append(payment)
        self.rows.transactions.append(made)
        if not wish.failure:
            self.collected[wish.reference] = made
            self._book(payment, operation, ended_at)

    def _book(self, payment: Payment, operation: Operation, at: datetime) -> None:
        rule = self.fees.get(operation)
        fee = charge(rule, payment.amount) if rule else Decimal(0)
        for line in success_lines(payment, account_id=self.account.id, fee=fee):
            line.id, line.created_at = ids.new_id("le", at), at
            self.rows.lines.append(line)


def _payment(wish: Wish, account: ProviderAccount, original: Transaction | None) -> Payment:
    return Payment(
        id=ids.new_id(wish.kind.prefix, wish.at), kind=wish.kind, livemode=account.livemode, amount=wish.amount,
        currency="ZMW", status=Status.PENDING, phone=wish.phone, provider="mtn", reference=wish.reference,
        description=wish.what, metadata=dict(wish.metadata), created_by=wish.actor, created_at=wish.at,
        updated_at=wish.at, original_id=original.payment_id if original else None,
    )  # fmt: skip


def _operation(
    payment: Payment, account: ProviderAccount, operation: Operation, outcome: Outcome, *, asked_at: datetime,
    ended_at: datetime,
) -> Transaction:  # fmt: skip
    return Transaction(
        id=ids.new_id("txn", asked_at), payment=payment, number=1, operation=operation, provider="mtn",
        account_id=account.id, base_url=account.base_url, reference=str(uuid4()), sends=1, polls=1,
        last_sent_at=asked_at, answered_at=asked_at, settled_at=ended_at, created_at=asked_at,
        provider_code=outcome.provider_code,
        state=Transaction.DEAD if outcome.kind == Kind.FAILED else Transaction.SUCCEEDED,
    )  # fmt: skip


def _talk(
    rows: Rows, made: Transaction, word: dict[str, str], outcome: Outcome, *, asked_at: datetime, ended_at: datetime
) -> None:
    """The request, the network's call back, and the look-up that made sure."""
    called_at, asked_again_at = ended_at - timedelta(milliseconds=60), ended_at - timedelta(milliseconds=40)
    body = orjson.dumps(_status_body(made, word)).decode()
    rows.exchanges += [
        _exchange(made, operation=made.operation, method="POST", status=202, started_at=asked_at, source="answer",
                  url=_address(made, ""), verdict=Kind.PENDING),
        _exchange(made, operation="lookup", method="GET", status=200, started_at=asked_again_at, source="callback",
                  url=_address(made, f"/{made.reference}"), verdict=outcome.kind, response_body=body,
                  response_headers={"Content-Type": "application/json"}),
    ]  # fmt: skip
    rows.callbacks.append(_callback(made, body, outcome, called_at))


def _advance(payment: Payment, status: Status, at: datetime) -> None:
    """The row is new and ends in its last state; no transition of a stored payment happens here."""
    vars(payment).update(status=status, version=payment.version + 1, updated_at=at)


def _end(payment: Payment, outcome: Outcome, financial_id: str, at: datetime) -> None:
    _advance(payment, Status(outcome.kind), at)
    payment.completed_at = at
    if outcome.kind == Kind.FAILED:
        payment.failure_code, payment.failure_message = outcome.code, outcome.message
        payment.failure_provider_code, payment.failure_retry_safe = outcome.provider_code, outcome.retry_safe
    else:
        payment.provider_reference = financial_id


def _event(rows: Rows, payment: Payment, *, actor: str, reason: str, at: datetime) -> None:
    kind = f"{PaymentKind(payment.kind).object_name}.{'created' if payment.version == 1 else payment.status}"
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
    return f"{made.base_url}{RESOURCES[Operation(made.operation)].path}{path}"


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
        reason=f"Read back from MTN: {outcome.kind}.", received_at=at, last_received_at=at, processed_at=at,
    )  # fmt: skip


def _status_body(made: Transaction, word: dict[str, str]) -> dict[str, Any]:
    payment, party = made.payment, RESOURCES[Operation(made.operation)].party or "payee"
    return {
        "externalId": payment.id, "amount": f"{payment.amount:.2f}", "currency": payment.currency,
        party: {"partyIdType": "MSISDN", "partyId": payment.phone}, "payerMessage": payment.description,
        "payeeNote": current_tenant().name, **word,
    }  # fmt: skip

"""How payments, payouts, refunds and events look to the outside: the same in API answers, events and webhooks."""

from datetime import UTC, datetime
from typing import Any

from payments.kinds import PaymentKind
from payments.models import Event, Payment
from payments.states import Status


def represent(payment: Payment) -> dict[str, Any]:
    """The object of CONTRACT.md section 4 that a row stands for, ready for JSON."""
    kind = PaymentKind(payment.kind)
    return {
        "id": payment.id,
        "object": kind.object_name,
        "livemode": payment.livemode,
        **_OWN_FIELDS[kind](payment),
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency,
        "status": str(payment.status),
        "phone": f"+{payment.phone}",
        "provider": payment.provider,
        "reference": payment.reference,
        "metadata": payment.metadata,
        "failure": _failure(payment),
        "provider_reference": payment.provider_reference or None,
        "version": payment.version,
        "created_at": timestamp(payment.created_at),
        "updated_at": timestamp(payment.updated_at),
        "completed_at": timestamp(payment.completed_at) if payment.completed_at else None,
    }


def represent_event(event: Event) -> dict[str, Any]:
    """An event, ready for JSON. `data` holds its object as it was right after the change."""
    return {
        "id": event.id,
        "object": "event",
        "type": event.type,
        "created_at": timestamp(event.created_at),
        "sequence": event.sequence,
        "livemode": event.livemode,
        "data": event.data,
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: 2026-01-31T09:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _of_collection(payment: Payment) -> dict[str, Any]:
    return {"amount_refunded": f"{payment.amount_refunded:.2f}", "description": payment.description}


def _of_payout(payment: Payment) -> dict[str, Any]:
    return {"description": payment.description, "held_since": _held_since(payment)}


def _of_refund(payment: Payment) -> dict[str, Any]:
    return {"payment": payment.original_id, "reason": payment.description, "held_since": _held_since(payment)}


_OWN_FIELDS = {
    PaymentKind.COLLECTION: _of_collection,
    PaymentKind.PAYOUT: _of_payout,
    PaymentKind.REFUND: _of_refund,
}


def _held_since(payment: Payment) -> str | None:
    return timestamp(payment.held_at) if payment.held_at and payment.status == Status.PENDING else None


def _failure(payment: Payment) -> dict[str, Any] | None:
    if payment.status != Status.FAILED:
        return None
    return {
        "code": payment.failure_code,
        "message": payment.failure_message,
        "provider_code": payment.failure_provider_code or None,
        "retry_safe": payment.failure_retry_safe,
    }

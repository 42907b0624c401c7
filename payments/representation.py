"""How a payment looks to the outside: the same object in API answers, events and webhooks."""

from datetime import UTC, datetime
from typing import Any

from payments.models import Payment
from payments.states import Status


def represent_payment(payment: Payment) -> dict[str, Any]:
    """The `payment` object of CONTRACT.md section 4, ready for JSON."""
    return {
        "id": payment.id,
        "object": "payment",
        "livemode": payment.livemode,
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency,
        "amount_refunded": f"{payment.amount_refunded:.2f}",
        "status": str(payment.status),
        "phone": f"+{payment.phone}",
        "provider": payment.provider,
        "reference": payment.reference,
        "description": payment.description,
        "metadata": payment.metadata,
        "failure": _failure(payment),
        "provider_reference": payment.provider_reference or None,
        "version": payment.version,
        "created_at": timestamp(payment.created_at),
        "updated_at": timestamp(payment.updated_at),
        "completed_at": timestamp(payment.completed_at) if payment.completed_at else None,
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: 2026-01-31T09:00:00.000000Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _failure(payment: Payment) -> dict[str, Any] | None:
    if payment.status != Status.FAILED:
        return None
    return {
        "code": payment.failure_code,
        "message": payment.failure_message,
        "provider_code": payment.failure_provider_code or None,
        "retry_safe": payment.failure_retry_safe,
    }

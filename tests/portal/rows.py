"""Rows as the engine would have left them, made in bulk: what the pages show, without running the engine."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.utils import timezone

from payments.kinds import PaymentKind
from payments.models import AuditEntry, Event, Exchange, LedgerEntry, Payment, Transaction
from payments.selectors.keyset import id_floor
from payments.states import FINAL

_number = itertools.count(1)
_TAILS = "0123456789abcdefghjkmnpqrstvwxyz"


def id_at(prefix: str, moment: datetime) -> str:
    """An id of that moment, different on each call."""
    number, tail = next(_number), ""
    for _ in range(5):
        number, digit = divmod(number, 32)
        tail = _TAILS[digit] + tail
    return id_floor(prefix, moment)[:-5] + tail


def make_payment(
    *,
    status: str = "succeeded",
    created_at: datetime | None = None,
    seconds: float = 4.2,
    account_id: str = "pa_1",
    **fields: Any,
) -> Payment:
    """A payment of that status with its events and one transaction at an account. Runs inside a merchant's schema."""
    created = created_at or timezone.now()
    ended = created + timedelta(seconds=seconds) if status in FINAL else None
    values: dict[str, Any] = {
        "id": id_at("pay", created),
        "livemode": False,
        "amount": Decimal("150.00"),
        "currency": "ZMW",
        "phone": "260966000123",
        "provider": "mtn",
        "created_by": 'key:key_01 "till 3"',
        "created_at": created,
        "updated_at": ended or created,
        "completed_at": ended,
        "status": status,
        "version": 1 if status == "pending" else 2,
    }
    if status == "failed":
        values |= {
            "failure_code": "payer_declined",
            "failure_message": "The payer said no.",
            "failure_retry_safe": True,
        }
        values |= {"failure_provider_code": "APPROVAL_REJECTED"}
    payment = Payment.objects.create(**values | fields)
    name = PaymentKind(payment.kind).object_name
    _event(payment, type=f"{name}.created", status="pending", object_version=1, created_at=created)
    if status != "pending":
        make_transaction(payment, account_id=account_id)
        ended = payment.updated_at
        _event(payment, type=f"{name}.{status}", status=status, object_version=2, created_at=ended)
    return payment


def make_payout(**fields: Any) -> Payment:
    """A payout of that status, as make_payment makes payments."""
    moment = fields.get("created_at") or timezone.now()
    return make_payment(**{"id": id_at("out", moment), "kind": "payout", "amount": Decimal("50.00"), **fields})


def make_refund(original: Payment, **fields: Any) -> Payment:
    """A refund of a payment that succeeded; the database counts it there."""
    moment = fields.get("created_at") or timezone.now()
    values = {"kind": "refund", "amount": Decimal("50.00"), "phone": original.phone, "original": original}
    return make_payment(**{"id": id_at("ref", moment), **values, **fields})


def make_posting(amount: str = "150.00", **fields: Any) -> list[LedgerEntry]:
    """Two lines that sum to zero: on the balance at the provider, and what was collected."""
    object_id = fields.pop("object_id", "") or id_at("pay", timezone.now())
    values: dict[str, Any] = {
        "posting": f"{object_id}:succeeded",
        "livemode": False,
        "provider": "mtn",
        "provider_account_id": "pa_1",
        "currency": "ZMW",
        "object_id": object_id,
    }
    sides = {LedgerEntry.PROVIDER_BALANCE: Decimal(amount), LedgerEntry.COLLECTED: -Decimal(amount)}
    return LedgerEntry.objects.bulk_create(
        LedgerEntry(**values | fields, account=account, amount=signed) for account, signed in sides.items()
    )


def make_transaction(payment: Payment, **fields: Any) -> Transaction:
    values: dict[str, Any] = {
        "number": 1,
        "provider": payment.provider,
        "account_id": "pa_1",
        "base_url": "http://127.0.0.1:9",
        "reference": str(uuid4()),
        "sends": 1,
        "created_at": payment.created_at,
    }
    return Transaction.objects.create(payment=payment, **values | fields)


def make_exchange(payment: Payment, **fields: Any) -> Exchange:
    values: dict[str, Any] = {
        "payment": payment,
        "transaction_id": "txn_1",
        "source": "answer",
        "operation": "collect",
        "method": "POST",
        "url": "http://127.0.0.1:9/collection/v1_0/requesttopay",
        "request_headers": {"Authorization": "Bearer ••••", "Content-Type": "application/json"},
        "request_body": '{"amount":"150.00","currency":"ZMW"}',
        "status": 202,
        "response_headers": {"Content-Length": "0"},
        "started_at": payment.created_at + timedelta(milliseconds=40),
        "duration_ms": 118,
        "verdict": "pending",
    }
    return Exchange.objects.create(**values | fields)


def make_audit(**fields: Any) -> AuditEntry:
    values: dict[str, Any] = {
        "livemode": False,
        "actor": "user:1 owner@acme.test",
        "action": "key.created",
        "target": "key_01",
        "ip": "203.0.113.9",
        "request_id": "req_1",
        "after": {"name": "till 3", "scopes": ["payments:read"]},
    }
    return AuditEntry.objects.create(**values | fields)


def _event(payment: Payment, **fields: Any) -> None:
    actor = payment.created_by if fields["object_version"] == 1 else "provider:mtn"
    Event.objects.create(livemode=payment.livemode, object_id=payment.id, actor=actor, data={}, **fields)

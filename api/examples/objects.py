"""The objects that the reference shows: one school's fees, a refund of part of them, and a supplier who is paid."""

from typing import Any

NEW_PAYMENT: dict[str, Any] = {
    "amount": "150.00",
    "currency": "ZMW",
    "phone": "+260961234567",
    "reference": "SCHOOL-2026-118",
    "description": "School fees, term 2",
    "metadata": {"order": "1001"},
}
NEW_PAYOUT: dict[str, Any] = {
    "amount": "500.00",
    "currency": "ZMW",
    "phone": "+260967654321",
    "reference": "SUPPLIER-2026-031",
    "description": "Chalk and exercise books",
    "metadata": {"supplier": "31"},
}
NEW_REFUND: dict[str, Any] = {
    "amount": "50.00",
    "reason": "Third child is free",
    "reference": "SCHOOL-2026-118-R1",
}
PAYMENT: dict[str, Any] = {
    "id": "pay_01kbrz3w9xe5v8m4t2n6c7d0fg",
    "object": "payment",
    "livemode": False,
    "amount": "150.00",
    "currency": "ZMW",
    "amount_refunded": "0.00",
    "status": "pending",
    "phone": "+260961234567",
    "provider": "mtn",
    "reference": "SCHOOL-2026-118",
    "description": "School fees, term 2",
    "metadata": {"order": "1001"},
    "failure": None,
    "provider_reference": None,
    "version": 1,
    "created_at": "2026-01-31T09:00:00.000000Z",
    "updated_at": "2026-01-31T09:00:00.000000Z",
    "completed_at": None,
}
SUCCEEDED = PAYMENT | {
    "status": "succeeded",
    "provider_reference": "363440463",
    "version": 3,
    "updated_at": "2026-01-31T09:00:14.271003Z",
    "completed_at": "2026-01-31T09:00:14.271003Z",
}
_PAYER = {name: PAYMENT[name] for name in ("livemode", "currency", "phone", "provider")}
REFUND: dict[str, Any] = {
    "id": "ref_01kbrz9d5tf0w3a7k1h8q2v6jm",
    "object": "refund",
    **_PAYER,
    "payment": PAYMENT["id"],
    "reason": NEW_REFUND["reason"],
    "held_since": None,
    "amount": "50.00",
    "status": "pending",
    "reference": NEW_REFUND["reference"],
    "metadata": {},
    "failure": None,
    "provider_reference": None,
    "version": 1,
    "created_at": "2026-01-31T09:03:10.000000Z",
    "updated_at": "2026-01-31T09:03:10.000000Z",
    "completed_at": None,
}
REFUNDED = REFUND | {
    "status": "succeeded",
    "provider_reference": "363440617",
    "version": 3,
    "updated_at": "2026-01-31T09:03:12.804117Z",
    "completed_at": "2026-01-31T09:03:12.804117Z",
}
PAYOUT: dict[str, Any] = {
    "id": "out_01kbrzb8m2e6t4w9s3y7x1d5cn",
    "object": "payout",
    "livemode": False,
    "description": NEW_PAYOUT["description"],
    "held_since": None,
    "amount": "500.00",
    "currency": "ZMW",
    "status": "pending",
    "phone": "+260967654321",
    "provider": "mtn",
    "reference": "SUPPLIER-2026-031",
    "metadata": {"supplier": "31"},
    "failure": None,
    "provider_reference": None,
    "version": 1,
    "created_at": "2026-01-31T09:05:00.000000Z",
    "updated_at": "2026-01-31T09:05:00.000000Z",
    "completed_at": None,
}
PAID_OUT = PAYOUT | {
    "status": "succeeded",
    "provider_reference": "363440702",
    "version": 3,
    "updated_at": "2026-01-31T09:05:02.118870Z",
    "completed_at": "2026-01-31T09:05:02.118870Z",
}
TIMELINE_ENTRY: dict[str, Any] = {
    "id": "evt_01kbrz3w9xf3k2r8s5y1b4m7qe",
    "object": "timeline_entry",
    "kind": "state",
    "what": "created",
    "at": "2026-01-31T09:00:00.000000Z",
    "actor": 'key:key_01kbqh2m4d8n3v6x9c1z5t7r0w "till 3"',
    "status": "pending",
    "detail": "Accepted.",
    "request_id": "req_019c13f87d3b7c41a5e0b26f9d8c4e17",
    "verdict": None,
    "count": 1,
    "call": None,
    "callback": None,
}
ME: dict[str, Any] = {
    "object": "me",
    "merchant": {"id": "k3f9x2ab", "name": "Acme", "slug": "acme"},
    "mode": "test",
    "livemode": False,
    "scopes": ["payments:read", "payments:write"],
    "key": {
        "id": "key_01kbqh2m4d8n3v6x9c1z5t7r0w",
        "name": "till 3",
        "scopes": ["payments:read", "payments:write"],
        "expires_at": None,
    },
    "providers": ["mtn"],
}
PROVIDER_ACCOUNT = "pa_01kbqh1f7e3c9w2y5k8m0t4s6v"
_PLACE: dict[str, Any] = {"livemode": False, "provider": "mtn", "account": PROVIDER_ACCOUNT}
PROVIDER: dict[str, Any] = {
    "object": "provider",
    **_PLACE,
    "state": "degraded",
    "operations": [
        {
            "object": "provider_operation",
            **_PLACE,
            "operation": "collect",
            "state": "degraded",
            "since": None,
            "reason": "6 of 42 orders failed at the network in the last 15 minutes.",
            "last_15_minutes": {"sent": 42, "success_share": 0.8571},
            "last_24_hours": {
                "sent": 1240,
                "success_share": 0.9944,
                "latency_p50_ms": 118,
                "latency_p95_ms": 640,
                "callback_share": 0.9991,
                "callback_lag_seconds": 6.4,
            },
        },
        {
            "object": "provider_operation",
            **_PLACE,
            "operation": "transfer",
            "state": "operational",
            "since": None,
            "reason": None,
            "last_15_minutes": {"sent": 0, "success_share": None},
            "last_24_hours": {
                "sent": 8,
                "success_share": 1.0,
                "latency_p50_ms": 131,
                "latency_p95_ms": 204,
                "callback_share": 1.0,
                "callback_lag_seconds": 1.9,
            },
        },
    ],
}
BALANCE: dict[str, Any] = {
    "object": "balance",
    "livemode": False,
    "data": [
        {
            "provider": "mtn",
            "provider_account": PROVIDER_ACCOUNT,
            "currency": "ZMW",
            "available": "1270.50",
            "collected": "2000.00",
            "refunded": "150.00",
            "paid_out": "500.00",
            "fees": "29.50",
            "settled": "50.00",
        }
    ],
}
LEDGER_ENTRY: dict[str, Any] = {
    "id": "le_01kbrz47pde8r2m6w0v5t9x3hk",
    "object": "ledger_entry",
    "livemode": False,
    "posting": f"{PAYMENT['id']}:succeeded",
    "account": "provider_balance",
    "amount": "150.00",
    "currency": "ZMW",
    "provider": "mtn",
    "provider_account": PROVIDER_ACCOUNT,
    "source": PAYMENT["id"],
    "description": "",
    "created_at": "2026-01-31T09:00:14.271003Z",
}
EVENT: dict[str, Any] = {
    "id": "evt_01kbrz47pdf7s1n4z8c2y6q0wm",
    "object": "event",
    "type": "payment.succeeded",
    "created_at": "2026-01-31T09:00:14.271003Z",
    "sequence": 41,
    "livemode": False,
    "data": {"object": SUCCEEDED},
}


def canceled(example: dict[str, Any]) -> dict[str, Any]:
    """The same object, withdrawn a moment after it was made."""
    moment = example["created_at"].replace(".000000", ".041210")
    return example | {"status": "canceled", "version": 2, "updated_at": moment, "completed_at": moment}

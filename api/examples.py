"""Example answers of the reference; tests prove that they fit the schemas."""

from typing import Any

NEW_PAYMENT: dict[str, Any] = {
    "amount": "150.00",
    "currency": "ZMW",
    "phone": "+260961234567",
    "reference": "SCHOOL-2026-118",
    "description": "School fees, term 2",
    "metadata": {"order": "1001"},
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
CANCELED = PAYMENT | {
    "status": "canceled",
    "version": 2,
    "updated_at": "2026-01-31T09:00:00.041210Z",
    "completed_at": "2026-01-31T09:00:00.041210Z",
}
TIMELINE_ENTRY: dict[str, Any] = {
    "id": "evt_01kbrz3w9xf3k2r8s5y1b4m7qe",
    "object": "timeline_entry",
    "kind": "state",
    "what": "created",
    "at": "2026-01-31T09:00:00.000000Z",
    "actor": 'key:key_01kbqh2m4d8n3v6x9c1z5t7r0w "till 3"',
    "status": "pending",
    "detail": "Accepted by the API.",
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

# By operation id.
ANSWERS: dict[str, dict[str, Any]] = {
    "create_payment": PAYMENT,
    "get_payment": SUCCEEDED,
    "list_payments": {"object": "list", "data": [SUCCEEDED], "has_more": False, "next_cursor": None},
    "cancel_payment": CANCELED,
    "check_payment": SUCCEEDED,
    "get_payment_timeline": {
        "object": "list",
        "data": [TIMELINE_ENTRY],
        "has_more": False,
        "next_cursor": None,
    },
    "get_me": ME,
}

# What a problem of each code says, where the code alone leaves it open.
DETAILS: dict[str, str] = {
    "invalid_api_key": "This is not an API key of ours; it may have been cut or mistyped.",
    "insufficient_scope": "This needs the scope payments:write, which the key till 3 does not have.",
    "ip_not_allowed": "This API key may not be used from 203.0.113.9.",
    "merchant_suspended": "Acme is suspended.",
    "not_found": "There is no payment pay_01kbrz3w9xe5v8m4t2n6c7d0fg.",
    "method_not_allowed": "This address takes GET, not DELETE.",
    "idempotency_key_reused": "This Idempotency-Key was used for another request; it differs in amount.",
    "duplicate_reference": "The reference SCHOOL-2026-118 already belongs to pay_01kbrz3w9xe5v8m4t2n6c7d0fg.",
    "invalid_state": "Only a pending payment can be canceled; pay_01kbrz3w9xe5v8m4t2n6c7d0fg is succeeded.",
    "rate_limited": "At most 100 requests in 60 seconds; try again in 7.",
    "validation_failed": "amount has 3 decimals, but ZMW has 2.",
}
EXTRAS: dict[str, dict[str, Any]] = {
    "idempotency_key_reused": {"fields": ["amount"]},
    "duplicate_reference": {"existing_id": "pay_01kbrz3w9xe5v8m4t2n6c7d0fg"},
    "validation_failed": {
        "errors": [{"field": "amount", "code": "invalid", "message": "has 3 decimals, but ZMW has 2"}]
    },
}
REQUEST_ID = "req_019c13f87d3b7c41a5e0b26f9d8c4e17"

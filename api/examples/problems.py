"""What a problem of each code says in the reference, where the code alone leaves it open."""

from typing import Any

DETAILS: dict[str, str] = {
    "invalid_api_key": "This is not an API key of ours; it may have been cut or mistyped.",
    "insufficient_scope": (
        "This needs the scope payments:write, which the key till 3 does not have. Scopes of a key never change: make a "
        "new key that has it, in the dashboard under API keys."
    ),
    "ip_not_allowed": "This API key may not be used from 203.0.113.9.",
    "merchant_suspended": "Acme is suspended.",
    "not_found": "There is no payment pay_01kbrz3w9xe5v8m4t2n6c7d0fg.",
    "method_not_allowed": "This address takes GET, not DELETE.",
    "idempotency_key_reused": "This Idempotency-Key was used for another request; it differs in amount.",
    "duplicate_reference": "The reference SCHOOL-2026-118 already belongs to pay_01kbrz3w9xe5v8m4t2n6c7d0fg.",
    "provider_unavailable": (
        "MTN is not answering at the moment, and a payer is waiting. Nothing was created; "
        "try again with the same Idempotency-Key, or offer another way to pay."
    ),
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

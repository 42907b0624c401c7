"""Commands to paste: they run as they stand against this installation, once NDALAMA_KEY holds a key."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

KEY_HEADER = '  -H "Authorization: Bearer $NDALAMA_KEY"'
PAYER = "+260961234567"


def export_key() -> str:
    return "export NDALAMA_KEY=ndl_test_…"


def get(path: str, query: Mapping[str, str] | None = None) -> str:
    """A GET; parameters are handed to curl one by one, so that nobody has to escape them."""
    lines = [f"curl {settings.PUBLIC_URL}{path}"]
    if query:
        lines = [f"curl --get {settings.PUBLIC_URL}{path}", *(f'  -d "{key}={value}"' for key, value in query.items())]
    return _joined([*lines, KEY_HEADER])


def post(path: str, body: Mapping[str, Any] | None = None, *, idempotency_key: str = "") -> str:
    lines = [f"curl -X POST {settings.PUBLIC_URL}{path}", KEY_HEADER]
    if idempotency_key:
        lines.append(f'  -H "Idempotency-Key: {idempotency_key}"')
    if body is not None:
        data = json.dumps(body, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        lines += ['  -H "Content-Type: application/json"', f"  -d '{data}'"]
    return _joined(lines)


def create(*, idempotency_key: str, **fields: str) -> str:
    body = {"amount": "150.00", "currency": "ZMW", "phone": PAYER} | fields
    return post("/v1/payments", body, idempotency_key=idempotency_key)


def pay_out(*, idempotency_key: str, **fields: str) -> str:
    body = {"amount": "500.00", "currency": "ZMW", "phone": "+260967654321"} | fields
    return post("/v1/payouts", body, idempotency_key=idempotency_key)


def all_snippets() -> dict[str, str]:
    """The ones that guides name. Each has an Idempotency-Key of its own: all of them run one after the other."""
    return {
        "export_key": export_key(),
        "create": create(idempotency_key="first-payment-1", description="My first payment"),
        "create_once": create(idempotency_key="order-1002", description="Order 1002"),
        "create_declined": create(idempotency_key="declined-payment-1", phone="+260966000451"),
        "create_wrong": post("/v1/payments", {"amount": 150, "currency": "ZMW"}, idempotency_key="wrong-payment-1"),
        "newest": get("/v1/payments", {"limit": "1"}),
        "filtered": get("/v1/payments", {"status": "succeeded", "metadata[order]": "1001", "limit": "50"}),
        "next_page": get("/v1/payments", {"limit": "50", "cursor": "$NEXT_CURSOR"}),
        "me": get("/v1/me"),
        "headers": f"curl -i {settings.PUBLIC_URL}/v1/me \\\n{KEY_HEADER}",
        "check": post("/v1/payments/$PAYMENT_ID/check"),
        "pay_out": pay_out(idempotency_key="wages-2026-05-mwansa", reference="WAGES-2026-05-MWANSA"),
        "pay_out_empty": pay_out(idempotency_key="payout-without-float-1", phone="+260966000455"),
        "cancel_payout": post("/v1/payouts/$PAYOUT_ID/cancel"),
        "pending_payouts": get("/v1/payouts", {"status": "pending", "limit": "100"}),
        "refund_part": post(
            "/v1/payments/$PAYMENT_ID/refunds",
            {"amount": "50.00", "reason": "One item was broken"},
            idempotency_key="return-31",
        ),
        "refund_rest": post("/v1/payments/$PAYMENT_ID/refunds", {}, idempotency_key="return-32"),
        "refunds_of_payment": get("/v1/refunds", {"payment": "$PAYMENT_ID"}),
        "create_unknown": create(idempotency_key="unknown-payment-1", phone="+260966000701"),
        "unknown": get("/v1/payments", {"status": "unknown"}),
        "timeline": get("/v1/payments/$PAYMENT_ID/timeline"),
        "balance": get("/v1/balance"),
        "entries": get("/v1/ledger_entries", {"source": "$PAYMENT_ID"}),
        "events_after": get("/v1/events", {"after": "0", "limit": "100"}),
    }


def _joined(lines: list[str]) -> str:
    return " \\\n".join(lines)

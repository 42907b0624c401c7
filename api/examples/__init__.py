"""Bodies and answers that the reference shows, by schema and operation; tests prove that they fit."""

from typing import Any

from api.examples import objects


def _page(example: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": [example], "has_more": False, "next_cursor": None}


BODIES: dict[str, dict[str, Any]] = {
    "NewPayment": objects.NEW_PAYMENT,
    "NewPayout": objects.NEW_PAYOUT,
    "NewRefund": objects.NEW_REFUND,
}
_TIMELINE = _page(objects.TIMELINE_ENTRY)
ANSWERS: dict[str, dict[str, Any]] = {
    "create_payment": objects.PAYMENT,
    "get_payment": objects.SUCCEEDED,
    "list_payments": _page(objects.SUCCEEDED),
    "cancel_payment": objects.canceled(objects.PAYMENT),
    "check_payment": objects.SUCCEEDED,
    "get_payment_timeline": _TIMELINE,
    "create_refund": objects.REFUND,
    "get_refund": objects.REFUNDED,
    "list_refunds": _page(objects.REFUNDED),
    "cancel_refund": objects.canceled(objects.REFUND),
    "check_refund": objects.REFUNDED,
    "get_refund_timeline": _TIMELINE,
    "create_payout": objects.PAYOUT,
    "get_payout": objects.PAID_OUT,
    "list_payouts": _page(objects.PAID_OUT),
    "cancel_payout": objects.canceled(objects.PAYOUT),
    "check_payout": objects.PAID_OUT,
    "get_payout_timeline": _TIMELINE,
    "get_balance": objects.BALANCE,
    "list_ledger_entries": _page(objects.LEDGER_ENTRY),
    "list_events": _page(objects.EVENT),
    "get_event": objects.EVENT,
    "list_providers": _page(objects.PROVIDER),
    "get_me": objects.ME,
}

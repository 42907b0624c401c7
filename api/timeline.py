"""A payment's timeline as the API shows it."""

from typing import Any

from payments.models import Payment
from payments.representation import timestamp
from payments.selectors.timeline import Call, Entry, Received, timeline


def represent_timeline(payment: Payment) -> dict[str, Any]:
    """Every recorded fact, oldest first. Must run inside the merchant's schema."""
    data = [_entry(entry) for entry in timeline(payment)]
    return {"object": "list", "data": data, "has_more": False, "next_cursor": None}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "object": "timeline_entry",
        "kind": entry.kind,
        "what": entry.what,
        "at": timestamp(entry.at),
        "actor": entry.actor or None,
        "status": entry.status or None,
        "detail": entry.detail or None,
        "request_id": entry.request_id or None,
        "verdict": entry.verdict or None,
        "count": entry.count,
        "call": _call(entry.call) if entry.call else None,
        "callback": _callback(entry.callback) if entry.callback else None,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "method": call.method,
        "url": call.url,
        "request_headers": call.request_headers,
        "request_body": call.request_body,
        "status": call.status,
        "response_headers": call.response_headers,
        "response_body": call.response_body,
        "error": call.error or None,
        "duration_ms": call.duration_ms,
    }


def _callback(received: Received) -> dict[str, Any]:
    return {
        "method": received.method,
        "headers": received.headers,
        "body": received.body,
        "is_signed": received.is_signed,
        "remote_ip": received.remote_ip,
    }

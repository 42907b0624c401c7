"""What is wrong with the network during a run: kinds of faults, and the share of exchanges that each befalls."""

from collections import Counter
from typing import Any

from tests.chaos.options import LATE_SECONDS

ORDERS = ("collect", "transfer", "refund")
HANG = {"hang_seconds": 4.0}
_DETAILS = {"hang_seconds", "late_seconds"}

# Operation, what happens, weight. Together they befall the asked-for share of the exchanges of each operation.
# What is never carried out is sent again, and re-sends may add a tenth to the traffic: those stay well below it.
_ORDER_FAULTS: tuple[tuple[dict[str, Any], float], ...] = (
    ({"answer": "hang", "executes": "now", **HANG}, 2),
    ({"answer": "reset", "executes": "now"}, 6),
    ({"answer": "error_500", "executes": "now"}, 6),
    ({"answer": "timeout_504", "executes": "now"}, 5),
    ({"answer": "garbage", "executes": "now"}, 4),
    ({"answer": "reset", "executes": "late", "late_seconds": LATE_SECONDS}, 4),
    ({"callback_before_answer": True}, 5),
    ({"answer": "unavailable_503", "executes": "never"}, 2),
    ({"answer": "rate_limited", "executes": "never"}, 1),
    ({"answer": "reset", "executes": "never"}, 1),
    ({"answer_delay_seconds": 0.7}, 4),
)
_LOOKUP_FAULTS: tuple[tuple[dict[str, Any], float], ...] = (
    ({"answer": "unavailable_503"}, 8),
    ({"answer": "bad_gateway_502"}, 8),
    ({"answer": "garbage"}, 6),
    ({"answer": "reset"}, 8),
    ({"answer": "hang", **HANG}, 2),
    ({"reason_shape": "object"}, 8),
)
_CALLBACK_FAULTS: tuple[tuple[dict[str, Any], float], ...] = (
    ({"callback": "lost"}, 16),
    ({"callback": "lying"}, 6),
    ({"callback_copies": 3}, 8),
    ({"callback_delay_seconds": 3.0}, 10),
)
_TOKEN_FAULTS: tuple[tuple[dict[str, Any], float], ...] = (
    ({"token_expires_seconds": 1}, 20),
    ({"answer": "unavailable_503"}, 10),
    ({"answer": "html_503"}, 10),
)


def rules(share: float) -> dict[str, Any]:
    """The body of PUT /_control/faults."""
    made = [
        {"match": {"operation": operation}, "set": switches, "probability": share * weight / sum(w for _, w in faults)}
        for operations, faults in (
            (ORDERS, _ORDER_FAULTS), (("lookup",), _LOOKUP_FAULTS), (("callback",), _CALLBACK_FAULTS),
            (("token",), _TOKEN_FAULTS),
        )
        for operation in operations
        for switches, weight in faults
    ]  # fmt: skip
    return {"set": {"approve_seconds": 0.4}, "rules": made}


def none() -> dict[str, Any]:
    return {"set": {"approve_seconds": 0.1}}


def hits(faults: dict[str, Any]) -> dict[str, int]:
    """From the answer of GET /_control/faults: how often each kind of fault befell an exchange."""
    counts: Counter[str] = Counter()
    for rule in faults["rules"]:
        what = ", ".join(f"{name}={value}" for name, value in rule["set"].items() if name not in _DETAILS)
        operation = rule["match"]["operation"]
        counts[f"{'send' if operation in ORDERS else operation} {what}"] += rule["used"]
    return dict(counts)

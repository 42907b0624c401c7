"""What the network may do to the next request of a kind, by a name that reads well in a failing example."""

from typing import Any

LATE_SECONDS = 30.0
# A settle window is 60 s (MtnAdapter.settle_seconds): what is late by less than that must never be charged twice.
SETTLED_SECONDS = 61.0
# Longer than any lease.
LEASE_SECONDS = 600.0

_TAKES: dict[str, Any] = {"executes": "now"}
_CARRIES_OUT: dict[str, Any] = {"executes": "now", "approve_seconds": 0, "callback_before_answer": True}
_LATE: dict[str, Any] = {"executes": "late", "late_seconds": LATE_SECONDS}

# An order that was taken waits to be decided.
SENDS: dict[str, dict[str, Any]] = {
    "takes it": {},
    "carries it out at once": _CARRIES_OUT,
    "takes it and resets": {"answer": "reset", **_TAKES},
    "takes it and answers 500": {"answer": "error_500", **_TAKES},
    "takes it and answers 503": {"answer": "unavailable_503", **_TAKES},
    "carries it out and resets": {"answer": "reset", **_CARRIES_OUT},
    "carries it out and answers garbage": {"answer": "garbage", **_CARRIES_OUT},
    "refuses with 503": {"answer": "unavailable_503", "executes": "never"},
    "refuses with 429": {"answer": "rate_limited", "executes": "never"},
    "forbids it": {"answer": "html_403", "executes": "never"},
    "resets before it takes it": {"answer": "reset", "executes": "never"},
    "resets and takes it late": {"answer": "reset", **_LATE},
    "answers 503 and takes it late": {"answer": "unavailable_503", **_LATE},
    "refuses the number": {"scenario_on_post": True},
}
LOOKUPS: dict[str, dict[str, Any]] = {
    "tells the truth": {},
    "resets": {"answer": "reset"},
    "answers 500": {"answer": "error_500"},
    "answers garbage": {"answer": "garbage"},
    "tells another amount": {"wrong_amount": "+1.00"},
}
DECLINES = ("APPROVAL_REJECTED", "EXPIRED", "INTERNAL_PROCESSING_ERROR", "NOT_ENOUGH_FUNDS")

GOOD_PHONE = "+260966000123"
REFUSED_PHONE = "+260966000455"  # the network can refuse it as it is asked: see "refuses the number"

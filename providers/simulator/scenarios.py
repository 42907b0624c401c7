"""The sandbox's magic numbers: which payer does what (PROVIDERS.md 1.9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from providers.simulator.faults import Switches

# The sandbox numbers, and the same endings on an MTN Zambia number for accounts that charge ZMW.
_MAGIC = re.compile(r"(?:46733123|260966[0-9]{3})(4[56][0-9])")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a request will end, and after how many seconds; None: only the control API ends it."""

    status: str
    reason: str
    seconds: float | None


# Ending of the number -> status, reason and the switch that holds its time ("" = never).
COLLECTIONS: Mapping[str, tuple[str, str, str]] = {
    "450": ("FAILED", "INTERNAL_PROCESSING_ERROR", "approve_seconds"),
    "451": ("FAILED", "APPROVAL_REJECTED", "approve_seconds"),
    "452": ("FAILED", "EXPIRED", "approve_seconds"),
    "453": ("SUCCESSFUL", "", "ongoing_seconds"),
    "454": ("PENDING", "", ""),
    "455": ("FAILED", "PAYER_NOT_FOUND", "approve_seconds"),
    "456": ("FAILED", "PAYEE_NOT_ALLOWED_TO_RECEIVE", "approve_seconds"),
    "457": ("FAILED", "NOT_ALLOWED", "approve_seconds"),
    "458": ("FAILED", "NOT_ALLOWED_TARGET_ENVIRONMENT", "approve_seconds"),
    "459": ("FAILED", "INVALID_CALLBACK_URL_HOST", "approve_seconds"),
    "460": ("FAILED", "INVALID_CURRENCY", "approve_seconds"),
    "461": ("FAILED", "INTERNAL_PROCESSING_ERROR", "approve_seconds"),
    "462": ("FAILED", "SERVICE_UNAVAILABLE", "approve_seconds"),
    "463": ("FAILED", "COULD_NOT_PERFORM_TRANSACTION", "approve_seconds"),
    "464": ("FAILED", "VALIDATION_ERROR", "approve_seconds"),
}
FIRST_TO_ANSWER_ON_POST = "455"

# Ending of the number -> HTTP status and code of "is this account active?"; 200 with "" means inactive.
ACCOUNT_HOLDERS: Mapping[str, tuple[int, str]] = {
    "450": (404, "RESOURCE_NOT_FOUND"),
    "451": (200, ""),
    "452": (500, "NOT_ALLOWED"),
    "453": (500, "NOT_ALLOWED_TARGET_ENVIRONMENT"),
    "454": (500, "INTERNAL_PROCESSING_ERROR"),
    "455": (503, "SERVICE_UNAVAILABLE"),
}


def plan_collection(phone: str, switches: Switches) -> Plan:
    status, reason, timing = COLLECTIONS.get(_ending(phone), ("SUCCESSFUL", "", "approve_seconds"))
    return Plan(status, reason, switches[timing] if timing else None)


def refusal_on_post(phone: str, switches: Switches) -> str:
    """The code of an immediate HTTP 500, or "". Sources differ on whether MTN does it: hence the switch."""
    ending = _ending(phone)
    if not switches["scenario_on_post"] or ending < FIRST_TO_ANSWER_ON_POST:
        return ""
    return COLLECTIONS[ending][1]


def account_holder(phone: str) -> tuple[int, str] | None:
    return ACCOUNT_HOLDERS.get(_ending(phone))


def _ending(phone: str) -> str:
    found = _MAGIC.fullmatch(phone)
    return found[1] if found and found[1] in COLLECTIONS else ""

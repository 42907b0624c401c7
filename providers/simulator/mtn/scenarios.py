"""The sandbox's magic numbers: which party does what (PROVIDERS.md 1.9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from providers.simulator.switches import Switches

# The sandbox numbers, and the same endings on an MTN Zambia number for accounts that charge ZMW.
_MAGIC = re.compile(r"(?:46733123|260966[0-9]{3})(4[56][0-9])")
# Payers who pay like anybody, and whose refunds end as MTN's refund scenarios 1 to 13 do.
_REFUND_MAGIC = re.compile(r"260966[0-9]{3}8([01][0-9])")

Scenarios = Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order will end, and after how many seconds; None: only the control API ends it."""

    status: str
    reason: str
    seconds: float | None


# Ending of the number -> status, reason and the switch that holds its time ("" = never).
COLLECTIONS: Scenarios = {
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
TRANSFERS: Scenarios = {
    **{ending: COLLECTIONS[ending] for ending in ("450", "451", "452", "453", "454")},
    "455": ("FAILED", "NOT_ENOUGH_FUNDS", "approve_seconds"),
    "456": ("FAILED", "PAYER_LIMIT_REACHED", "approve_seconds"),
    "457": ("FAILED", "PAYEE_NOT_FOUND", "approve_seconds"),
    "458": ("FAILED", "NOT_ALLOWED", "approve_seconds"),
    "459": ("FAILED", "NOT_ALLOWED_TARGET_ENVIRONMENT", "approve_seconds"),
    "460": ("FAILED", "INVALID_CALLBACK_URL_HOST", "approve_seconds"),
    "461": ("FAILED", "INVALID_CURRENCY", "approve_seconds"),
    "462": ("FAILED", "INTERNAL_PROCESSING_ERROR", "approve_seconds"),
    "463": ("FAILED", "SERVICE_UNAVAILABLE", "approve_seconds"),
    "464": ("FAILED", "VALIDATION_ERROR", "approve_seconds"),
}
# By `referenceIdToRefund`, which is a payment's reference everywhere else.
REFUNDS: Scenarios = {
    "1": ("FAILED", "RESOURCE_NOT_FOUND", "approve_seconds"),
    "2": ("FAILED", "INTERNAL_PROCESSING_ERROR", "approve_seconds"),
    "3": ("FAILED", "APPROVAL_REJECTED", "approve_seconds"),
    "4": ("FAILED", "EXPIRED", "approve_seconds"),
    "5": ("SUCCESSFUL", "", "ongoing_seconds"),
    "6": ("PENDING", "", ""),
    "7": ("FAILED", "NOT_ALLOWED", "approve_seconds"),
    "8": ("FAILED", "NOT_ALLOWED_TARGET_ENVIRONMENT", "approve_seconds"),
    "9": ("FAILED", "INVALID_CALLBACK_URL_HOST", "approve_seconds"),
    "10": ("FAILED", "INVALID_CURRENCY", "approve_seconds"),
    "11": ("FAILED", "INTERNAL_PROCESSING_ERROR", "approve_seconds"),
    "12": ("FAILED", "SERVICE_UNAVAILABLE", "approve_seconds"),
    "13": ("FAILED", "COULD_NOT_PERFORM_TRANSACTION", "approve_seconds"),
}
_BY_NUMBER: Mapping[str, Scenarios] = {"collection": COLLECTIONS, "transfer": TRANSFERS, "refund": TRANSFERS}
_NORMAL = ("SUCCESSFUL", "", "approve_seconds")
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


def plan(kind: str, phone: str, switches: Switches, *, original: str = "") -> Plan:
    """How an order of this kind ends: by the number of the other party, a refund also by what it refers to."""
    scenario = _BY_NUMBER[kind].get(_ending(phone), _NORMAL)
    if kind == "refund":
        found = _REFUND_MAGIC.fullmatch(phone)
        number = str(int(found[1])) if found else original
        scenario = REFUNDS.get(number, scenario)
    status, reason, timing = scenario
    return Plan(status, reason, switches[timing] if timing else None)


def refusal_on_post(kind: str, phone: str, switches: Switches) -> str:
    """The code of an immediate HTTP 500, or "". Sources differ on whether MTN does it: hence the switch."""
    ending = _ending(phone)
    if not switches["scenario_on_post"] or ending < FIRST_TO_ANSWER_ON_POST:
        return ""
    return _BY_NUMBER[kind][ending][1]


def account_holder(phone: str) -> tuple[int, str] | None:
    return ACCOUNT_HOLDERS.get(_ending(phone))


def _ending(phone: str) -> str:
    found = _MAGIC.fullmatch(phone)
    return found[1] if found and found[1] in COLLECTIONS else ""

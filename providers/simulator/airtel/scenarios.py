"""Airtel's magic numbers: which ending of 260977xxxNNN, and which of pawaPay's test numbers, does what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAGIC = re.compile(r"260977[0-9]{3}(4[56][0-9])")
_PAWAPAY = re.compile(r"260973456([0-9]{3})")
# Payers who pay like anybody, and whose refunds go wrong.
_REFUND_MAGIC = re.compile(r"260977[0-9]{3}(80[0-9])")


@dataclass(frozen=True, slots=True)
class Scenario:
    """How an order ends, after the time of a switch ("" is never), and what Airtel says until then.

    on_post: the answer to the order itself: "" is the right one, "not_found" and "down" take nothing, and
    "down_but_taken" says "Something Went Wrong" and means it not.
    """

    words: str
    status: str = "SUCCESSFUL"
    reason: str = ""
    timing: str = "approve_seconds"
    pending: str = "TIP"
    on_post: str = ""


def _fails(words: str, reason: str) -> Scenario:
    return Scenario(words, "FAILED", reason)


NORMAL = Scenario("")
_SLOW = Scenario("takes a while", timing="ongoing_seconds")
_STAYS = Scenario("stays in progress", "PENDING", timing="")
_AMBIGUOUS = Scenario("ambiguous, then done", timing="ongoing_seconds", pending="TA")
_AMBIGUOUS_FAILS = Scenario("ambiguous, then failed", "FAILED", "REFUSED", "ongoing_seconds", "TA")
_STAYS_AMBIGUOUS = Scenario("stays ambiguous", "PENDING", timing="", pending="TA")
_AT_THE_DOOR: Mapping[str, Scenario] = {
    "462": Scenario("“Msisdn Not Found” to the order itself", on_post="not_found"),
    "463": Scenario("“Something Went Wrong”, nothing taken", on_post="down"),
    "464": Scenario("“Something Went Wrong”, yet taken", on_post="down_but_taken"),
}
COLLECTIONS: Mapping[str, Scenario] = {
    "450": _fails("not enough money", "NOT_ENOUGH_FUNDS"),
    "451": _fails("wrong PIN", "WRONG_PIN"),
    "452": _fails("expires (TE)", "EXPIRED"),
    "453": _SLOW,
    "454": _STAYS,
    "455": _fails("not registered or barred", "PAYER_NOT_FOUND"),
    "456": _fails("limit reached", "LIMIT_REACHED"),
    "457": _fails("the payer refuses", "APPROVAL_REJECTED"),
    "458": _AMBIGUOUS,
    "459": _AMBIGUOUS_FAILS,
    "460": _fails("amount too small", "AMOUNT_OUT_OF_RANGE"),
    "461": _fails("no PIN entered", "NO_PIN"),
    **_AT_THE_DOOR,
    "465": _fails("refused", "REFUSED"),
    "466": _fails("not enough money, in the short form of the code", "INSUFFICIENT_FUNDS"),
    "467": _STAYS_AMBIGUOUS,
}
TRANSFERS: Mapping[str, Scenario] = {
    "450": _fails("our wallet is empty", "NOT_ENOUGH_FUNDS"),
    "451": _fails("refused", "REFUSED"),
    "452": Scenario("timed out, yet done", timing="ongoing_seconds", pending="timed_out"),
    "453": _SLOW,
    "454": _STAYS,
    "455": _fails("invalid mobile number", "PAYEE_NOT_FOUND"),
    "456": _fails("daily maximum reached", "LIMIT_REACHED"),
    "457": _fails("user not allowed", "PAYEE_NOT_ALLOWED_TO_RECEIVE"),
    "458": _AMBIGUOUS,
    "459": _AMBIGUOUS_FAILS,
    "460": _fails("amount out of range", "AMOUNT_OUT_OF_RANGE"),
    "461": _fails("invalid initiatee", "INVALID_INITIATEE"),
    **_AT_THE_DOOR,
    "465": _fails("our wallet is barred", "SENDER_BARRED"),
    "467": _STAYS_AMBIGUOUS,
}
REFUNDS: Mapping[str, Scenario] = {
    "801": _fails("the refund fails", "REFUSED"),
    "802": Scenario("“Something Went Wrong”, nothing paid back", on_post="down"),
    "803": Scenario("“Something Went Wrong”, yet paid back", on_post="down_but_taken"),
}
HOLDERS: Mapping[str, str] = {"450": "not_found", "451": "barred", "452": "not_registered", "453": "failed"}
# pawaPay's sandbox numbers for Airtel Zambia; 260973456789 completes, as any other number does.
PAWAPAY_COLLECTIONS: Mapping[str, Scenario] = {
    "019": COLLECTIONS["456"],
    "039": COLLECTIONS["457"],
    "049": COLLECTIONS["450"],
    "069": _fails("no reason given", "UNSPECIFIED"),
    "129": _STAYS,
}
PAWAPAY_TRANSFERS: Mapping[str, Scenario] = {
    "089": TRANSFERS["455"],
    "119": _fails("no reason given", "UNSPECIFIED"),
    "129": _STAYS,
}
_TABLES = {
    "collection": ((_MAGIC, COLLECTIONS), (_PAWAPAY, PAWAPAY_COLLECTIONS)),
    "transfer": ((_MAGIC, TRANSFERS), (_PAWAPAY, PAWAPAY_TRANSFERS)),
    "refund": ((_REFUND_MAGIC, REFUNDS),),
}


def scenario(kind: str, phone: str) -> Scenario:
    """phone: twelve digits, as in the books."""
    for pattern, table in _TABLES[kind]:
        if (found := pattern.fullmatch(phone)) and found[1] in table:
            return table[found[1]]
    return NORMAL


def holder(phone: str) -> str:
    """What KYC says of a number: one of HOLDERS, or "" for an ordinary customer."""
    found = _MAGIC.fullmatch(phone)
    return HOLDERS.get(found[1], "") if found else ""

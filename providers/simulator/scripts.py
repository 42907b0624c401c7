"""The common misfortunes of a payment network by name, each a handful of switches on some operations.

A script is chosen by a rule, by a share of all traffic (see `mix`), or by the ending of an MTN Zambia number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ORDERS = frozenset({"collect", "transfer", "refund"})
FOR_EVER = 86_400.0  # seconds; the caller leaves long before
CALLBACK, LOOKUP, TOKEN = frozenset({"callback"}), frozenset({"lookup"}), frozenset({"token"})

# 260966xxx7NN, and the same endings at Airtel and Zamtel. Sign-ins name no number, so scripts about tokens have none.
_MAGIC = re.compile(r"260(?:966|977|955)[0-9]{3}(7[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Script:
    """`words` says what the network does, for people."""

    on: frozenset[str]
    switches: Mapping[str, Any]
    words: str
    ending: str = ""


SCRIPTS: Mapping[str, Script] = {
    "accept_then_hang": Script(
        ORDERS, {"answer": "hang", "executes": "now"}, "Takes the order, then says nothing for 60 s.", "700"
    ),
    "accept_then_reset": Script(
        ORDERS, {"answer": "reset", "executes": "now"}, "Takes the order, then resets the connection.", "701"
    ),
    "accept_then_500": Script(
        ORDERS, {"answer": "error_500", "executes": "now"}, "Takes the order, then answers 500.", "702"
    ),
    "refuse_with_503": Script(
        ORDERS, {"answer": "unavailable_503", "executes": "never"}, "Answers 503 and takes nothing.", "703"
    ),
    "no_callback": Script(CALLBACK, {"callback": "lost"}, "Answers 202 and never calls back.", "704"),
    "double_callback": Script(CALLBACK, {"callback_copies": 2}, "Calls back twice.", "705"),
    "late_callback": Script(CALLBACK, {"callback_delay_seconds": 20.0}, "Calls back 20 s late.", "706"),
    "early_callback": Script(
        ORDERS, {"callback_before_answer": True}, "Carries out and calls back before it answers 202.", "707"
    ),
    "lying_callback": Script(CALLBACK, {"callback": "lying"}, "Calls back with the opposite of the truth.", "708"),
    "wrong_amount": Script(LOOKUP, {"wrong_amount": "+1.00"}, "Tells an amount that is 1.00 too high.", "709"),
    "html_403": Script(ORDERS, {"answer": "html_403", "executes": "never"}, "A firewall answers an HTML 403.", "710"),
    "rate_limited": Script(
        ORDERS, {"answer": "rate_limited", "executes": "never"}, "Answers 429 with Retry-After: 1.", "711"
    ),
    "late_execution": Script(
        ORDERS,
        {"answer": "reset", "executes": "late", "late_seconds": 20.0},
        "Resets the connection, and carries the order out 20 s later.",
        "712",
    ),
    "hang_60_s": Script(
        ORDERS, {"answer": "hang", "executes": "never"}, "Says nothing for 60 s and takes nothing.", "713"
    ),
    "reset_before_accepting": Script(
        ORDERS, {"answer": "reset", "executes": "never"}, "Resets the connection and takes nothing.", "714"
    ),
    "accept_then_504": Script(
        ORDERS, {"answer": "timeout_504", "executes": "now"}, "Takes the order; the gateway answers an HTML 504.", "715"
    ),
    "accept_then_garbage": Script(
        ORDERS, {"answer": "garbage", "executes": "now"}, "Takes the order, then answers what is no JSON.", "716"
    ),
    "lookup_503": Script(LOOKUP, {"answer": "unavailable_503"}, "Answers 503 to lookups.", "717"),
    "lookup_hang": Script(LOOKUP, {"answer": "hang"}, "Says nothing to lookups for 60 s.", "718"),
    "clock_skew": Script(
        ORDERS | LOOKUP, {"clock_skew_seconds": 300.0}, "Dates its answers five minutes ahead.", "719"
    ),
    "hang_for_ever": Script(
        ORDERS, {"answer": "hang", "executes": "never", "hang_seconds": FOR_EVER}, "Says nothing and takes nothing."
    ),
    "accept_then_hang_for_ever": Script(
        ORDERS, {"answer": "hang", "executes": "now", "hang_seconds": FOR_EVER}, "Takes the order, and never answers."
    ),
    "slow_answer": Script(ORDERS, {"answer_delay_seconds": 20.0}, "Takes 20 s before it looks at an order."),
    "ip_403": Script(ORDERS, {"answer": "ip_403", "executes": "never"}, "Does not know the caller's IP address."),
    "contradictory_envelope": Script(
        ORDERS | LOOKUP, {"contradictory_envelope": True}, "Airtel: the envelope denies what its content says."
    ),
    "no_money_id": Script(ORDERS | LOOKUP, {"money_id": "NA"}, "Airtel: gives “NA” as its id of the money."),
    "truncated_id": Script(frozenset({"transfer"}), {"truncated_id": True}, "Airtel: cuts a payout's id short."),
    "intermediate_callback": Script(
        frozenset({"collect"}), {"intermediate_callback": True}, "Airtel: calls back once before anything has ended."
    ),
    "wrong_hash": Script(CALLBACK, {"callback_hash": "wrong"}, "Airtel: calls back with a hash that does not fit."),
    "token_expiry": Script(TOKEN, {"token_expires_seconds": 1}, "Hands out tokens that live for 1 s."),
    "token_slow": Script(TOKEN, {"answer_delay_seconds": 20.0}, "Takes 20 s for a sign-in."),
    "token_503": Script(TOKEN, {"answer": "unavailable_503"}, "Answers 503 to sign-ins."),
    "token_html_403": Script(TOKEN, {"answer": "html_403"}, "A firewall answers sign-ins with an HTML 403."),
}
BY_ENDING: Mapping[str, str] = {script.ending: name for name, script in SCRIPTS.items() if script.ending}


def script_of_number(phone: str) -> Script | None:
    """The script that a magic number stands for."""
    found = _MAGIC.fullmatch(phone)
    return SCRIPTS[BY_ENDING[found[1]]] if found and found[1] in BY_ENDING else None


def scripts_as_json() -> dict[str, Any]:
    return {
        name: {
            "on": sorted(script.on),
            "set": dict(script.switches),
            "words": script.words,
            "number": f"260966xxx{script.ending}" if script.ending else "",
        }
        for name, script in SCRIPTS.items()
    }

"""What can be made to go wrong, switch by switch: where each acts, and the values that it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from providers.simulator.scripts import ORDERS

Switches = Mapping[str, Any]

HTTP_OPERATIONS = ORDERS | {"provision", "token", "lookup", "notify", "account_holder", "user_info", "balance", "key"}
OPERATIONS = HTTP_OPERATIONS | {"callback"}

# What is sent in place of the right answer, each network in its own words.
FAULTS = (
    "reset", "hang", "html_403", "rate_limited", "error_500", "bad_gateway_502", "unavailable_503", "html_503",
    "timeout_504", "garbage", "timeout_408", "empty_200", "ip_403", "not_entitled_403", "no_route_404",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Switch:
    """Its value when nobody touched it, the operations that it acts on, and the values that it takes."""

    default: Any
    acts_on: frozenset[str]
    choices: tuple[str, ...] = ()
    may_be_null: bool = False
    may_be_negative: bool = False


def _on(*operations: str) -> frozenset[str]:
    return frozenset(operations)


SWITCHES: Mapping[str, Switch] = {
    "answer": Switch("normal", HTTP_OPERATIONS, ("normal", *FAULTS)),
    "answer_delay_seconds": Switch(0.0, HTTP_OPERATIONS),
    "answer_code": Switch("", ORDERS),  # an error with this code of the network's, in place of the right answer
    "hang_seconds": Switch(60.0, HTTP_OPERATIONS),
    # With a faulty answer: is the payment taken all the same? "auto" is yes for the normal answer only.
    "executes": Switch("auto", ORDERS, ("auto", "now", "never", "late")),
    "late_seconds": Switch(5.0, ORDERS),
    "approve_seconds": Switch(1.5, ORDERS, may_be_null=True),  # null: only by the control API
    "ongoing_seconds": Switch(30.0, ORDERS),
    "scenario_on_post": Switch(False, ORDERS),  # numbers 455 to 464 answer HTTP 500 at once
    "callback_before_answer": Switch(False, ORDERS),
    # What each merchant may pay out and pay back in all; null: as much as it likes.
    "float": Switch(None, _on("transfer", "refund", "balance"), may_be_null=True),
    # The network does not protect anybody from paying back too much, so that our own mistakes come to light.
    "refuse_over_refunds": Switch(False, _on("refund")),
    "callback": Switch("normal", _on("callback"), ("normal", "lost", "lying")),
    "callback_method": Switch("PUT", _on("callback"), ("PUT", "POST")),
    "callback_copies": Switch(1, _on("callback")),
    "callback_delay_seconds": Switch(0.0, _on("callback")),
    "reason_shape": Switch("string", _on("lookup", "callback"), ("string", "object")),
    "wrong_amount": Switch("", _on("lookup")),
    "status_calls_per_second": Switch(None, _on("lookup"), may_be_null=True),  # MTN documents 10
    "token_expires_seconds": Switch(3600, _on("token")),
    "strict_credentials": Switch(False, _on("token")),  # True: only registered accounts may sign in
    # How far the Date of answers is ahead of the simulator's time, or behind it.
    "clock_skew_seconds": Switch(0.0, HTTP_OPERATIONS, may_be_negative=True),
    "retry_after_as_date": Switch(False, HTTP_OPERATIONS),  # by the same skewed clock
    # Zamtel alone. What it does with a conversation id that it has seen is not known: it may well charge twice.
    "refuse_duplicates": Switch(False, ORDERS),
    # Airtel alone.
    "production_strictness": Switch(True, ORDERS),  # ids of 24 letters and digits at most
    "message_signing": Switch(False, ORDERS),  # every order must be signed, whatever its application says
    "refuse_second_refunds": Switch(True, _on("refund")),
    "failures_as_http_200": Switch(True, HTTP_OPERATIONS),  # False: HTTP says what the envelope says
    "contradictory_envelope": Switch(False, ORDERS | _on("lookup")),  # says the opposite of the transaction's status
    "money_id": Switch("", ORDERS | _on("lookup", "callback")),  # "NA", in place of the right one
    "truncated_id": Switch(False, _on("transfer")),  # in the answer to a payout
    "status_while_pending": Switch("", ORDERS | _on("lookup"), ("", "TIP", "TI", "TA")),
    "not_found_code": Switch("", _on("lookup"), ("", "DP00800001025", "DP00900001015", "ESB000045")),
    "intermediate_callback": Switch(False, _on("collect")),  # one with TIP as soon as the push is sent
    "callback_hash": Switch("right", _on("callback"), ("right", "wrong", "none")),
    "callback_hash_over": Switch("compact", _on("callback"), ("compact", "spaced", "indented", "inner", "raw")),
}
DEFAULTS: dict[str, Any] = {name: switch.default for name, switch in SWITCHES.items()}


def checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The same switches, if all are known and fit; ValueError names the first mistake."""
    refuse_unknown(wanted, SWITCHES)
    for name, value in wanted.items():
        switch = SWITCHES[name]
        if switch.choices and value not in switch.choices:
            raise ValueError(f"{name}: one of {', '.join(switch.choices)}")
        if not switch.choices and not _fits(switch, value):
            raise ValueError(f"{name}: {value!r} is of the wrong type")
    return dict(wanted)


def _fits(switch: Switch, value: Any) -> bool:
    if value is None:
        return switch.may_be_null
    if isinstance(switch.default, bool | str):
        return isinstance(value, type(switch.default))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (value >= 0 or switch.may_be_negative)


def refuse_unknown(wanted: Mapping[str, Any], known: Any) -> None:
    if unknown := sorted(set(wanted) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}")

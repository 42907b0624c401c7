"""The switches that make the simulator misbehave: for all, for the next N, or for one number or payment."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from providers.simulator.chance import Attempts, Mix, draw
from providers.simulator.messages import Answer, api_error, gateway_error, html_error
from providers.simulator.scripts import ORDERS, SCRIPTS, script_of_number

Switches = Mapping[str, Any]

HTTP_OPERATIONS = ORDERS | {"provision", "token", "lookup", "notify", "account_holder", "user_info", "balance"}
OPERATIONS = HTTP_OPERATIONS | {"callback"}

# What is sent in place of the right answer.
FAULTY_ANSWERS: Mapping[str, Answer] = {
    "reset": Answer(0, ending="reset"),
    "hang": Answer(0, ending="hang"),
    "html_403": html_error(403, "403 Forbidden"),
    "rate_limited": Answer(
        429, gateway_error(429, "Rate limit is exceeded.").body, "application/json", {"Retry-After": "1"}
    ),
    "error_500": api_error(500, "INTERNAL_PROCESSING_ERROR", "An internal error occurred while processing."),
    "bad_gateway_502": html_error(502, "502 Bad Gateway"),
    "unavailable_503": api_error(503, "SERVICE_UNAVAILABLE", "Service temporarily unavailable, try again later."),
    "html_503": html_error(503, "503 Service Unavailable"),
    "timeout_504": html_error(504, "504 Gateway Time-out"),
    "garbage": Answer(200, b"<<<not json", "application/json"),
}


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
    "answer": Switch("normal", HTTP_OPERATIONS, ("normal", *FAULTY_ANSWERS)),
    "answer_delay_seconds": Switch(0.0, HTTP_OPERATIONS),
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
}
DEFAULTS: dict[str, Any] = {name: switch.default for name, switch in SWITCHES.items()}


def faulty_answer(switches: Switches) -> Answer | None:
    """What to send in place of the right answer, if anything."""
    faulty = FAULTY_ANSWERS.get(switches["answer"])
    return replace(faulty, hang_seconds=switches["hang_seconds"]) if faulty else None


MATCHABLE = ("operation", "phone", "external_id", "reference")


@dataclass(slots=True)
class Rule:
    """Switches, or a script, for the requests that match, for at most `times` of them."""

    match: dict[str, str]
    switches: dict[str, Any]
    times: int | None = None
    probability: float = 1.0
    script: str = ""
    used: int = 0
    acts_on: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        if self.script:
            self.acts_on, self.switches = SCRIPTS[self.script].on, dict(SCRIPTS[self.script].switches)
        else:
            self.acts_on = frozenset().union(*(SWITCHES[name].acts_on for name in self.switches))

    def applies_to(self, facts: Mapping[str, str]) -> bool:
        if facts["operation"] not in self.acts_on or (self.times is not None and self.used >= self.times):
            return False
        return all(facts.get(name) == value for name, value in self.match.items())

    def as_json(self) -> dict[str, Any]:
        return {
            "match": self.match,
            **({"script": self.script} if self.script else {"set": self.switches}),
            "times": self.times,
            "probability": self.probability,
            "used": self.used,
        }


class Faults:
    """Thread-safe. What wins: a later rule over an earlier one, any rule over a magic number's script, that over
    the mix, and the mix over the general settings.
    """

    def __init__(self, seed: int) -> None:
        self._lock = threading.Lock()
        self._attempts = Attempts()
        self._seed = seed
        self._general: dict[str, Any] = {}
        self._rules: list[Rule] = []
        self._mix = Mix({})
        self._base = dict(DEFAULTS)

    def replace(self, wanted: Mapping[str, Any]) -> None:
        """Take `{"set": {…}, "rules": […], "mix": {…}, "seed": n}` in place of all that was set.

        A seed that is left out stays. ValueError names a mistake, and nothing has changed then.
        """
        _refuse_unknown(wanted, ("set", "rules", "mix", "seed"))
        general, mix = _checked(wanted.get("set", {})), Mix(wanted.get("mix", {}))
        rules = [_rule(each) for each in wanted.get("rules", [])]
        seed = wanted.get("seed", self._seed)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise ValueError("seed: a whole number")
        with self._lock:
            self._general, self._rules, self._mix, self._seed = general, rules, mix, seed
            self._base = DEFAULTS | general

    def clear(self) -> None:
        """Back to the defaults; only the seed stays."""
        self.replace({})
        with self._lock:
            self._attempts.clear()

    def switches(self, operation: str, *, phone: str = "", external_id: str = "", reference: str = "") -> Switches:
        """What holds for this request. Asking uses up one of the `times` of every rule that applies."""
        facts = {"operation": operation, "phone": phone, "external_id": external_id, "reference": reference}
        with self._lock:
            chosen, attempt = dict(self._base), self._attempts.next(operation, reference)
            if script := self._mix.choose(operation, reference, attempt, self._seed):
                chosen |= script.switches
            # An order to a magic number meets its script once: what is sent again goes through.
            by_number = script_of_number(phone)
            if by_number and operation in by_number.on and (attempt == 0 or operation not in ORDERS):
                chosen |= by_number.switches
            for position, rule in enumerate(self._rules):
                if rule.applies_to(facts) and self._is_hit(rule, position, operation, reference, attempt):
                    rule.used += 1
                    chosen |= rule.switches
        return chosen

    def _is_hit(self, rule: Rule, position: int, operation: str, reference: str, attempt: int) -> bool:
        if rule.probability >= 1:
            return True
        return draw(self._seed, "rule", position, operation, reference, attempt) < rule.probability

    def as_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "set": dict(self._base),
                "rules": [rule.as_json() for rule in self._rules],
                "mix": self._mix.shares,
                "seed": self._seed,
            }


def _rule(wanted: Mapping[str, Any]) -> Rule:
    _refuse_unknown(wanted, ("match", "set", "script", "times", "probability", "used"))
    match, script = dict(wanted.get("match", {})), wanted.get("script", "")
    _refuse_unknown(match, MATCHABLE)
    if match.get("operation", "token") not in OPERATIONS:
        raise ValueError(f"operation: one of {', '.join(sorted(OPERATIONS))}")
    if script and (script not in SCRIPTS or "set" in wanted):
        raise ValueError(f"script: one of {', '.join(SCRIPTS)}, without a set")
    times, probability = wanted.get("times"), wanted.get("probability", 1.0)
    if not isinstance(times, int | None) or not isinstance(probability, int | float):
        raise ValueError("times: a whole number or null; probability: a number from 0 to 1")
    return Rule(match, _checked(wanted.get("set", {})), times, probability, script, int(wanted.get("used", 0)))


def _checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    _refuse_unknown(wanted, SWITCHES)
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


def _refuse_unknown(wanted: Mapping[str, Any], known: Any) -> None:
    if unknown := sorted(set(wanted) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}")

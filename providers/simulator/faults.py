"""Which switches hold for a request: for all, for the next N, for one number or payment, or by chance."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from providers.simulator.chance import Attempts, Mix, draw
from providers.simulator.receipts import NETWORKS
from providers.simulator.scripts import ORDERS, SCRIPTS, script_of_number
from providers.simulator.switches import DEFAULTS, OPERATIONS, SWITCHES, Switches, checked, refuse_unknown

MATCHABLE = ("network", "operation", "phone", "external_id", "reference")


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
        refuse_unknown(wanted, ("set", "rules", "mix", "seed"))
        general, mix = checked(wanted.get("set", {})), Mix(wanted.get("mix", {}))
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

    def switches(
        self, operation: str, *, network: str = "mtn", phone: str = "", external_id: str = "", reference: str = ""
    ) -> Switches:
        """What holds for this request. Asking uses up one of the `times` of every rule that applies."""
        facts = {"network": network, "operation": operation, "phone": phone}
        facts |= {"external_id": external_id, "reference": reference}
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
    refuse_unknown(wanted, ("match", "set", "script", "times", "probability", "used"))
    match, script = dict(wanted.get("match", {})), wanted.get("script", "")
    refuse_unknown(match, MATCHABLE)
    if match.get("network", NETWORKS[0]) not in NETWORKS:
        raise ValueError(f"network: one of {', '.join(NETWORKS)}")
    if match.get("operation", "token") not in OPERATIONS:
        raise ValueError(f"operation: one of {', '.join(sorted(OPERATIONS))}")
    if script and (script not in SCRIPTS or "set" in wanted):
        raise ValueError(f"script: one of {', '.join(SCRIPTS)}, without a set")
    times, probability = wanted.get("times"), wanted.get("probability", 1.0)
    if not isinstance(times, int | None) or not isinstance(probability, int | float):
        raise ValueError("times: a whole number or null; probability: a number from 0 to 1")
    return Rule(match, checked(wanted.get("set", {})), times, probability, script, int(wanted.get("used", 0)))

"""What a test may ask of, and do to, the simulated network."""

import time
from typing import Any

from providers.mtn.adapter import PROBE_REFERENCE
from providers.registry import get_provider
from providers.simulator.server import Simulator
from tests.processes import eventually


class SimulatedMtn:
    """The session's simulator, cleared for one test: numbers settle at once and callbacks get lost, unless told."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._general: dict[str, Any] = {"approve_seconds": 0, "ongoing_seconds": 0, "callback": "lost"}
        self._rules: list[dict[str, Any]] = []
        self._mix: dict[str, float] = {}
        simulator.timers.clear()
        simulator.clock.clear()
        simulator.books.clear()
        simulator.requests.clear()
        self._apply()

    def misbehave(self, *, operation: str, network: str = "", times: int | None = None, **switches: Any) -> None:
        """From now on, or for the next `times` requests of the operation (at one network), these switches hold."""
        match = {"operation": operation} | ({"network": network} if network else {})
        self._rules.append({"match": match, "set": switches, "times": times})
        self._apply()

    def play(self, script: str, *, times: int | None = None, **match: str) -> None:
        """From now on, or for the next `times` requests that match, this script of the simulator's holds."""
        self._rules.append({"match": match, "script": script, "times": times})
        self._apply()

    def mix(self, **shares: float) -> None:
        """From now on, each script befalls its share of the requests that it acts on, the same by reference."""
        self._mix = shares
        self._apply()

    def set(self, **switches: Any) -> None:
        """For everything from now on: `float=100`, say."""
        self._general |= switches
        self._apply()

    def skip(self, seconds: float) -> None:
        """Put the network's clock forward; what is due within that time has happened on return."""
        self._simulator.world.advance(seconds)

    def behave(self) -> None:
        self._rules.clear()
        self._mix = {}
        self._apply()

    def forget_tokens(self) -> None:
        """Our own process asks for a new token before its next call."""
        get_provider.cache_clear()

    def approve_all(self) -> None:
        self._finish_all("SUCCESSFUL", "")

    def decline_all(self) -> None:
        self._finish_all("FAILED", "APPROVAL_REJECTED")

    def change_its_mind(self, phone: str) -> None:
        """What MTN had called failed turns out to have moved the money."""
        for payment in self._payments(phone):
            if payment.status != "FAILED":
                continue
            payment.status = "PENDING"
            self._simulator.books.settle(payment.reference, "SUCCESSFUL", "", at=time.time())

    def times_charged(self, phone: str) -> int:
        return len(self._movements("collection", phone))

    def times_paid_out(self, phone: str) -> int:
        return len(self.payouts(phone))

    def payouts(self, phone: str) -> list[dict[str, Any]]:
        """The transfers that reached this number, oldest first."""
        return self._movements("transfer", phone)

    def times_refunded(self, payment: str) -> int:
        return len(self.refunds(payment))

    def refunds(self, payment: str) -> list[dict[str, Any]]:
        """What was paid back of a collection, by our reference of it, its external id, or its payer's number."""
        found = []
        for movement in self._movements("refund"):
            original = self._simulator.books.find(movement["original_reference"])
            if original and payment.lstrip("+") in {original.reference, original.external_id, original.phone}:
                found.append(movement)
        return found

    def truth(self) -> dict[str, Any]:
        """The whole ledger: movements, doubles, over_refunded, totals in and out."""
        return self._simulator.books.ledger()

    def sends(self, phone: str, operation: str = "collect") -> int:
        """How many orders of this kind for this number reached the network, taken or not."""
        wanted = {phone.lstrip("+"), *(payment.reference for payment in self._payments(phone))}
        requests = [each for each in self._simulator.requests.entries() if each["operation"] == operation]
        return sum(any(word in str(each) for word in wanted) for each in requests)

    def probes(self) -> int:
        """How many lookups asked for a reference that was never made."""
        return sum(PROBE_REFERENCE in each["path"] for each in self._simulator.requests.entries())

    def wait_until_charged(self, phone: str) -> None:
        eventually(lambda: self.times_charged(phone))

    def wait_until_paid_out(self, phone: str) -> None:
        eventually(lambda: self.times_paid_out(phone))

    def wait_until_refunded(self, payment: str, *, times: int = 1) -> None:
        eventually(lambda: self.times_refunded(payment) >= times)

    def wait_until_settled(self, phone: str) -> None:
        eventually(lambda: all(payment.status != "PENDING" for payment in self._payments(phone)))

    def has_decided_everything(self) -> bool:
        return all(payment.status != "PENDING" for payment in self._simulator.books.payments())

    def word_on(self, external_id: str) -> str:
        """MTN's status of the order that carries this id of ours."""
        [found] = [each for each in self._simulator.books.payments() if each.external_id == external_id]
        return str(found.status)

    def wait_for_late_arrivals(self) -> None:
        time.sleep(0.6)  # what was sent late is a timer of the simulator's, and there is nothing else to wait for

    def _movements(self, kind: str, phone: str = "") -> list[dict[str, Any]]:
        movements = self._simulator.books.ledger()["movements"]
        wanted = phone.lstrip("+")
        return [each for each in movements if each["kind"] == kind and wanted in {"", each["phone"]}]

    def _payments(self, phone: str) -> list[Any]:
        return [payment for payment in self._simulator.books.payments() if payment.phone == phone.lstrip("+")]

    def _finish_all(self, status: str, reason: str) -> None:
        for payment in self._simulator.books.payments():
            self._simulator.settlement.finish(payment.key, status, reason)

    def _apply(self) -> None:
        for rule, held in zip(self._rules, self._simulator.faults.as_json()["rules"], strict=False):
            rule["used"] = held["used"]  # a rule that was good for one request is not good for another one now
        self._simulator.faults.replace({"set": self._general, "rules": self._rules, "mix": self._mix})

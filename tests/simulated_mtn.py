"""What a test may ask of, and do to, the simulated network."""

import time
from typing import Any

from providers.registry import get_provider
from providers.simulator.server import Simulator
from tests.processes import eventually


class SimulatedMtn:
    """The session's simulator, cleared for one test: numbers settle at once and callbacks get lost, unless told."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._general: dict[str, Any] = {"approve_seconds": 0, "ongoing_seconds": 0, "callback": "lost"}
        self._rules: list[dict[str, Any]] = []
        simulator.books.clear()
        simulator.requests.clear()
        self._apply()

    def misbehave(self, *, operation: str, times: int | None = None, **switches: Any) -> None:
        """From now on, or for the next `times` requests of the operation, these switches hold."""
        self._rules.append({"match": {"operation": operation}, "set": switches, "times": times})
        self._apply()

    def behave(self) -> None:
        self._rules.clear()
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
            payment.status = "PENDING"
            self._simulator.books.settle(payment.reference, "SUCCESSFUL", "", at=time.time())

    def times_charged(self, phone: str) -> int:
        movements = self._simulator.books.ledger()["movements"]
        return sum(movement["phone"] == phone.lstrip("+") for movement in movements)

    def sends(self, phone: str) -> int:
        """How many requests to pay for this number reached the network, taken or not."""
        requests = self._simulator.requests.entries()
        return sum(each["operation"] == "collect" and phone.lstrip("+") in str(each) for each in requests)

    def wait_until_charged(self, phone: str) -> None:
        eventually(lambda: self.times_charged(phone))

    def wait_until_settled(self, phone: str) -> None:
        eventually(lambda: all(payment.status != "PENDING" for payment in self._payments(phone)))

    def wait_for_late_arrivals(self) -> None:
        time.sleep(0.6)  # what was sent late is a timer of the simulator's, and there is nothing else to wait for

    def _payments(self, phone: str) -> list[Any]:
        return [payment for payment in self._simulator.books.payments() if payment.phone == phone.lstrip("+")]

    def _finish_all(self, status: str, reason: str) -> None:
        for payment in self._simulator.books.payments():
            self._simulator.settlement.finish(payment.reference, status, reason)

    def _apply(self) -> None:
        self._simulator.faults.replace({"set": self._general, "rules": self._rules})

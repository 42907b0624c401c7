"""The simulated network as the machine plays it: it decides when told to, and remembers what it once said."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from providers.mtn.adapter import PROBE_REFERENCE
from providers.simulator.books import Payment as Order
from providers.simulator.server import Simulator
from tests.model.behaviours import LOOKUPS, SENDS
from tests.simulated_mtn import SimulatedMtn

OPERATIONS = ("collect", "transfer", "refund")


@dataclass
class Network:
    """Orders are named by our references. Nothing in it happens by itself, so that an example repeats."""

    simulator: Simulator
    mtn: SimulatedMtn
    changed: set[str] = field(default_factory=set)  # carried out after it had called them failed
    on_the_way: set[str] = field(default_factory=set)  # taken late: not in the books yet, perhaps

    is_down: bool = False

    def __post_init__(self) -> None:
        self.mtn.set(approve_seconds=None)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Know what was sent and has not arrived."""
        settlement = self.simulator.settlement
        accept_later = settlement.accept_later

        def note(order: Order, seconds: float) -> None:
            self.on_the_way.add(order.reference)
            accept_later(order, seconds)

        with patch.object(settlement, "accept_later", note):
            yield

    def next_send(self, operation: str, behaviour: str) -> None:
        self._next(operation, SENDS[behaviour])

    def next_lookup(self, behaviour: str) -> None:
        self._next("lookup", LOOKUPS[behaviour])

    def goes_down(self) -> None:
        self.is_down = True
        for operation in (*OPERATIONS, "lookup"):
            self.mtn.misbehave(operation=operation, answer="bad_gateway_502")

    def comes_back(self) -> None:
        self.is_down = False
        self.mtn.behave()

    def _next(self, operation: str, switches: dict[str, Any]) -> None:
        """One request is met like this, unless the whole network is down."""
        if not self.is_down:
            self.mtn.behave()
            if switches:
                self.mtn.misbehave(operation=operation, times=1, **switches)

    def orders(self, *, status: str) -> list[Order]:
        return [order for order in self.simulator.books.payments() if order.status == status]

    def decide(self, order: Order, reason: str) -> None:
        """Carry it out, or fail it for a reason."""
        self.simulator.settlement.finish(order.reference, "FAILED" if reason else "SUCCESSFUL", reason)

    def change_its_mind(self, order: Order) -> None:
        """What it had called failed did move the money."""
        order.status, order.reason = "PENDING", ""
        self.simulator.settlement.finish(order.reference, "SUCCESSFUL", "")
        self.changed.add(order.reference)

    def knows(self, reference: str) -> Order | None:
        return self.simulator.books.find(reference)

    def has_said_failed(self, reference: str) -> bool:
        order = self.knows(reference)
        return reference in self.changed or (order is not None and order.status == "FAILED")

    def outcome_on_paper(self, references: list[str]) -> str:
        """What its staff would say about an order of ours; "" while that may change."""
        orders = [self.knows(reference) for reference in references]
        if any(order and order.status == "SUCCESSFUL" for order in orders):
            return "succeeded"
        is_open = any(order and order.status == "PENDING" for order in orders)
        return "" if is_open or any(self.may_yet_take(reference) for reference in references) else "failed"

    def may_yet_take(self, reference: str) -> bool:
        return reference in self.on_the_way and self.knows(reference) is None

    def movements(self) -> list[dict[str, Any]]:
        movements: list[dict[str, Any]] = self.simulator.books.ledger()["movements"]
        return movements

    def times_moved(self) -> Counter[tuple[str, str]]:
        """Per kind and id of ours."""
        return Counter((each["kind"], each["external_id"]) for each in self.movements())

    def refunded(self, collection: str) -> Decimal:
        """What was paid back of a collection, by refunds that the network never called failed."""
        return sum(
            (
                Decimal(each["amount"])
                for each in self.movements()
                if each["kind"] == "refund"
                and each["original_reference"] == collection
                and each["reference"] not in self.changed
            ),
            Decimal(0),
        )

    def requests(self) -> int:
        """How many it got, not counting probes and sign-ins."""
        entries = self.simulator.requests.entries()
        return sum(
            each["operation"] in {*OPERATIONS, "lookup"} and PROBE_REFERENCE not in each["path"] for each in entries
        )

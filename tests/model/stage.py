"""What every step of the machine needs: one example's world, what is in it to choose from, and how things are done.

An example is a merchant in test mode, in one transaction of the database that is rolled back at the end.
"""

from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.db import connection, transaction
from django.test import override_settings

from api.key_cache import keys
from payments import services
from payments.callback_urls import callback_url
from payments.create import accept
from payments.fees import set_fee
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.retry_budget import budget
from payments.states import Status
from providers.simulator.server import Simulator
from tenants.models import Job
from tests.model import invariants, ours
from tests.model.crashes import LIVES
from tests.model.network import Network
from tests.model.people import People
from tests.model.workers import Workers
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant


def chosen(which: int, among: list[Any]) -> Any:
    return among[which % len(among)]


class Stage:
    """One example. Everybody acts upon it through the methods below, and looks at it through `snapshot`."""

    def __init__(self, merchant: Merchant, simulator: Simulator, planted_sql: str) -> None:
        self.merchant, self.simulator, self.planted_sql = merchant, simulator, planted_sql
        self.stack = ExitStack()
        try:
            self.set_up()
        except BaseException:
            self.stack.close()
            raise

    def set_up(self) -> None:
        self.stack.enter_context(override_settings(THROTTLE_LIMIT=10**9, CIRCUIT_FAILURES=3))
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        # A row that the database refuses must not end the example's transaction.
        self.stack.enter_context(patch("payments.refunds.accept", transaction.atomic(accept)))
        self.stack.enter_context(patch.object(services, "CHECK_WAIT_SECONDS", 0))
        keys.forget()
        budget.forget()
        self.mtn = SimulatedMtn(self.simulator)
        self.network = Network(self.simulator, self.mtn)
        self.stack.enter_context(self.network.watched())
        self.workers, self.people = Workers(self.merchant), People(self.merchant)
        self.said: list[tuple[str, dict[str, Any], Any]] = []  # path, body with its key, and the answer
        self.waiting: list[Job] = []
        with self.merchant.entered():
            if self.planted_sql:
                with connection.cursor() as cursor:
                    cursor.execute(self.planted_sql)
            for kind, (percentage, fixed) in ours.FEES.items():
                set_fee(
                    livemode=False, provider="mtn", operation=kind.operation, currency="ZMW", percentage=percentage,
                    fixed=fixed, actor="test",
                )  # fmt: skip
        self.now: ours.Snapshot | None = None
        self.look()

    def close(self) -> None:
        self.stack.close()

    # --- what is true now

    def look(self) -> None:
        before, self.now = self.now, ours.read(self.merchant)
        self.waiting = self.workers.waiting()
        invariants.check(self.now, before, self.network, self.workers)

    @property
    def snapshot(self) -> ours.Snapshot:
        assert self.now is not None
        return self.now

    def known(self) -> list[Payment]:
        return list(self.snapshot.payments.values())

    def collected(self) -> list[Payment]:
        return [each for each in self.known() if (each.kind, each.status) == ("collection", "succeeded")]

    def sent(self) -> list[Payment]:
        return [each for each in self.known() if self.snapshot.references[each.id]]

    def refunded_or_under_way(self, original: Payment) -> Decimal:
        gone = {Status.FAILED, Status.CANCELED}
        refunds_of_it = [each for each in self.known() if each.original_id == original.id and each.status not in gone]
        return sum((each.amount for each in refunds_of_it), Decimal(0))

    def operation_of(self, payment_id: str) -> str:
        return str(PaymentKind(self.snapshot.payments[payment_id].kind).operation)

    # --- how it is done

    def see_to_it(self, answer: Any, network: str, worker: str, *, asked: bool) -> None:
        """Hand over what was accepted, and perhaps ask about it at once."""
        self.look()
        if answer.status_code == 201:
            object_id = answer.json()["id"]
            for job in [each for each in self.waiting if (each.kind, each.subject) == ("dispatch", object_id)]:
                self.network.next_send(self.operation_of(object_id), network)
                self.run(job, worker)
            if asked:
                self.ask_about(object_id)

    def ask_about(self, object_id: str) -> None:
        self.look()
        for job in [each for each in self.waiting if (each.kind, each.subject) == ("poll", object_id)]:
            self.work_one(job, "takes it")

    def work_one(self, job: Job, network: str) -> None:
        """In a worker that lives; questions are answered truthfully."""
        operation = self.operation_of(job.subject) if job.kind == "dispatch" else "lookup"
        self.network.next_send(operation, network if job.kind == "dispatch" else "takes it")
        self.run(job, LIVES)
        self.look()

    def run(self, job: Job, worker: str) -> None:
        """Whatever comes of it: behind an open circuit, nobody but a probe asks the network."""
        is_known = job.subject in self.snapshot.payments
        blocked = is_known and self.workers.is_blocked(self.operation_of(job.subject))
        asked = self.network.requests() if blocked else 0
        self.workers.run(job, worker)
        assert not blocked or self.network.requests() == asked, "asked although the circuit is open"

    def post(self, path: str, **body: str) -> Any:
        body["Idempotency-Key"] = uuid4().hex
        answer = self.call(path, body)
        if answer.status_code == 201:
            self.said.append((path, body, answer))
        return answer

    def call(self, path: str, body: dict[str, Any]) -> Any:
        keys.forget()  # every process hears of a circuit within a second; this one at once
        fields = {name: value for name, value in body.items() if name != "Idempotency-Key"}
        return self.merchant.api("POST", path, fields, **{"Idempotency-Key": body["Idempotency-Key"]})

    def deliver_callback(self, payment: Payment, claim: str, *, signed: bool, times: int) -> None:
        with self.merchant.entered():
            operation = payment.transactions.order_by("-number").first()
        assert operation is not None
        url = callback_url(provider="mtn", merchant=self.merchant.tenant.public_id, place=operation.id)
        path = url.split("8000", 1)[-1]
        for _ in range(times):
            answer = self.merchant.anonymous(
                "PUT", path if signed else f"{path[:-4]}0000", {"status": claim, "amount": "1.00", "currency": "ZMW"}
            )
            assert answer.status_code == (200 if signed else 401), answer.content

"""Everything that can happen, one method for each step; a step with nothing to do does nothing."""

from contextlib import ExitStack
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from django.db import connection, transaction
from django.test import override_settings

from api.key_cache import keys
from payments import refunds, services
from payments.callback_urls import callback_url
from payments.create import accept
from payments.fees import set_fee
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.retry_budget import budget
from payments.states import FINAL, Status
from providers.simulator.server import Simulator
from tenants.models import Job
from tests.model import invariants, ours
from tests.model.behaviours import (
    LEASE_SECONDS,
)
from tests.model.crashes import LIVES
from tests.model.network import Network
from tests.model.workers import Workers
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant

ROUTES = {PaymentKind.COLLECTION: "/v1/payments", PaymentKind.PAYOUT: "/v1/payouts", PaymentKind.REFUND: "/v1/refunds"}
# Everything comes to its end within so many rounds: two looks for every send that never arrived, and five follow-ups.
ROUNDS = 40


def chosen(which: int, among: list[Any]) -> Any:
    return among[which % len(among)]


class Play:
    """One example: a merchant in test mode, in one transaction of the database that is rolled back at the end."""

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
        self.workers = Workers(self.merchant)
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

    # --- the merchant

    def pay(self, amount: str, phone: str, network: str, worker: str, asked: bool) -> None:
        blocked = self.workers.is_blocked("collect")
        answer = self.post("/v1/payments", amount=amount, phone=phone, currency="ZMW")
        assert answer.status_code == (503 if blocked else 201), answer.content
        self.see_to_it(answer, network, worker, asked=asked)

    def pay_out(self, amount: str, phone: str, network: str, worker: str, asked: bool) -> None:
        answer = self.post("/v1/payouts", amount=amount, phone=phone, currency="ZMW")
        assert answer.status_code == 201, answer.content
        self.see_to_it(answer, network, worker, asked=asked)

    def refund(self, which: int, share: str, checked_before: bool, network: str, worker: str, asked: bool) -> None:
        """`checked_before`: other requests came between our check and our row, so the database alone decides."""
        if not self.collected():
            return
        original = chosen(which, self.collected())
        amount = max(Decimal("0.01"), (original.amount * Decimal(share)).quantize(Decimal("0.01")))
        left = original.amount - self.refunded_or_under_way(original)
        with ExitStack() as stack:
            if checked_before:
                stack.enter_context(patch.object(refunds, "refusal_of", lambda *_, **__: None))
            answer = self.post(f"/v1/payments/{original.id}/refunds", amount=str(amount))
        assert answer.status_code == (201 if amount <= left else 409), answer.content
        self.see_to_it(answer, network, worker, asked=asked)

    def repeat(self, which: int, changed: bool) -> None:
        if not self.said:
            return
        path, body, first = chosen(which, self.said)
        if changed:
            answer = self.call(path, {**body, "metadata": {"changed": "yes"}})
            assert answer.status_code == 422, answer.content
        else:
            answer = self.call(path, body)
            assert (answer.status_code, answer.content) == (201, first.content)

    def cancel(self, which: int) -> None:
        if not self.known():
            return
        payment = chosen(which, self.known())
        answer = self.merchant.api("POST", f"{ROUTES[payment.kind]}/{payment.id}/cancel", {})
        assert answer.status_code == (200 if payment.status == Status.PENDING else 409), answer.content

    def check_now(self, which: int) -> None:
        if not self.known():
            return
        payment = chosen(which, self.known())
        answer = self.merchant.api("POST", f"{ROUTES[payment.kind]}/{payment.id}/check", {})
        assert answer.status_code == 200, answer.content

    # --- the workers

    def work(self, which: int, network: str, lookup: str, worker: str) -> None:
        """The next order, or the next question, that reaches the network is met like this."""
        if not self.waiting:
            return
        job = chosen(which, self.waiting)
        if job.kind == "dispatch":
            self.network.next_send(self.operation_of(job.subject), network)
        else:
            self.network.next_lookup(lookup)
        self.run(job, worker)

    def work_on(self, whiches: list[int], network: str) -> None:
        if not self.waiting:
            return
        for which in whiches:
            if self.waiting:
                self.work_one(chosen(which, self.waiting), network)

    def wake_up(self, which: int, network: str) -> None:
        if not self.workers.asleep:
            return
        sleeper = chosen(which, self.workers.asleep)
        if sleeper.intent:
            self.network.next_send(sleeper.intent.operation.operation, network)
        self.workers.wake(sleeper)

    def time_passes(self, seconds: float) -> None:
        self.mtn.skip(seconds)
        self.workers.let_pass(seconds)

    # --- the network

    def weather(self, down: bool) -> None:
        if down:
            self.network.goes_down()
        else:
            self.network.comes_back()

    def decide(self, which: int, reason: str, asked: bool) -> None:
        if not self.network.orders(status="PENDING"):
            return
        order = chosen(which, self.network.orders(status="PENDING"))
        self.network.decide(order, reason)
        if asked:
            self.ask_about(order.external_id)

    def change_its_mind(self, which: int, told: bool) -> None:
        if not self.network.orders(status="FAILED"):
            return
        order = chosen(which, self.network.orders(status="FAILED"))
        self.network.change_its_mind(order)
        if told:
            self.deliver_callback(self.snapshot.payments[order.external_id], "SUCCESSFUL", signed=True, times=1)

    def call_back(self, which: int, claim: str, signed: bool, times: int) -> None:
        """True, lying, early, doubled or forged: the machine neither knows nor cares."""
        if not self.sent():
            return
        self.deliver_callback(chosen(which, self.sent()), claim, signed=signed, times=times)

    # --- after every step, and at the end

    def look(self) -> None:
        before, self.now = self.now, ours.read(self.merchant)
        self.waiting = self.workers.waiting()
        invariants.check(self.now, before, self.network, self.workers)

    def everything_ends_as_the_network_says(self) -> None:
        """The network behaves, sleepers wake up, and every open order is carried out."""
        self.network.comes_back()
        for sleeper in list(self.workers.asleep):
            self.workers.wake(sleeper)
        for _ in range(ROUNDS):
            for order in self.network.orders(status="PENDING"):
                self.network.decide(order, "")
            self.time_passes(LEASE_SECONDS)
            self.workers.run_all()
            self.look()
            if not self.waiting:
                break
        self.network_corrects_itself()
        assert not [each.id for each in self.known() if each.status not in FINAL], "not ended"
        moved = self.network.times_moved()
        for payment in self.known():
            times = moved[ours.MOVEMENT_OF[PaymentKind(payment.kind)], payment.id]
            assert times == (payment.status == Status.SUCCEEDED), f"{payment.id} ended {payment.status}; moved: {times}"

    def network_corrects_itself(self) -> None:
        """What it had called failed and then carried out, nobody asks about any more: it has to say so."""
        for payment in self.sent():
            if self.network.changed & set(self.snapshot.references[payment.id]):
                self.deliver_callback(payment, "SUCCESSFUL", signed=True, times=1)
        self.workers.run_all()
        self.look()

    # --- what there is to choose from

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
        url = callback_url(provider="mtn", merchant=self.merchant.tenant.public_id, transaction_id=operation.id)
        path = url.split("8000", 1)[-1]
        for _ in range(times):
            answer = self.merchant.anonymous(
                "PUT", path if signed else f"{path[:-4]}0000", {"status": claim, "amount": "1.00", "currency": "ZMW"}
            )
            assert answer.status_code == (200 if signed else 401), answer.content

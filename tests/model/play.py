"""Everything that can happen, one method for each step; a step with nothing to do does nothing."""

from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from payments import refunds
from payments.kinds import PaymentKind
from payments.states import FINAL, Status
from tests.model import ours
from tests.model.behaviours import LEASE_SECONDS
from tests.model.stage import Stage, chosen

ROUTES = {PaymentKind.COLLECTION: "/v1/payments", PaymentKind.PAYOUT: "/v1/payouts", PaymentKind.REFUND: "/v1/refunds"}
# Everything comes to its end within so many rounds: two looks for every send that never arrived, and five follow-ups.
ROUNDS = 40


class Play(Stage):
    """One example, step by step."""

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
        self.people.let_pass(timedelta(seconds=seconds))

    # --- two people

    def propose(self, which: int) -> None:
        """Somebody looks into the network's own books and proposes what they say."""
        unknown = [each for each in self.known() if each.status == Status.UNKNOWN]
        if unknown:
            payment = chosen(which, unknown)
            outcome = self.network.outcome_on_paper(self.snapshot.references[payment.id])
            if outcome:
                self.people.propose(payment.id, outcome)

    def approve(self, which: int) -> None:
        """However long after."""
        if self.people.proposals():
            self.people.approve(chosen(which, self.people.proposals()))

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

    # --- at the end

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

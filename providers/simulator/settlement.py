"""What happens to an accepted request over time: it ends by plan, its money moves, its callback goes out."""

import threading
from collections.abc import Callable, Mapping

from providers.simulator.books import Books, Payment
from providers.simulator.callbacks import Callbacks, Message
from providers.simulator.clock import Clock
from providers.simulator.faults import Faults
from providers.simulator.switches import Switches
from providers.simulator.timers import Timers

# What a network calls back with about a payment as it stands, or None where it does not call.
CallbackWriter = Callable[[Payment, Switches], Message | None]
LONGEST_WAIT_SECONDS = 600.0


class Settlement:
    """Accepts payments and sees them through; after a restart it goes on where the journal ends."""

    def __init__(
        self,
        books: Books,
        timers: Timers,
        callbacks: Callbacks,
        faults: Faults,
        clock: Clock,
        *,
        writers: Mapping[str, CallbackWriter],
    ) -> None:
        self._books, self._timers, self._callbacks, self._faults = books, timers, callbacks, faults
        self._clock, self._writers = clock, writers
        self._ended, self._stopped = threading.Condition(), False

    def now(self) -> float:
        """Seconds since the epoch, as the networks see them."""
        return self._clock.now()

    def resume(self) -> None:
        for payment in self._books.payments():
            if payment.status == "PENDING":
                self._schedule(payment)

    def accept(self, payment: Payment) -> bool:
        """False for a duplicate reference."""
        if not self._books.accept(payment):
            return False
        self._schedule(payment)
        return True

    def accept_again(self, payment: Payment) -> None:
        """As `accept`, for a network that takes one reference more than once."""
        self._books.accept_again(payment)
        self._schedule(payment)

    def accept_later(self, payment: Payment, seconds: float, *, again: bool = False) -> None:
        """The network loses the request's answer and delivers the request itself late."""
        accept = self.accept_again if again else self.accept
        if payment.settle_at is not None:
            payment.settle_at += seconds
        payment.accepted_at += seconds
        self._timers.after(seconds, lambda: accept(payment))

    def finish(self, key: str, status: str, reason: str, *, wait_for_callback: bool = False) -> bool:
        """End a payment now. False when it is unknown or had ended before."""
        if not self._books.settle(key, status, reason, at=self.now()):
            return False
        with self._ended:
            self._ended.notify_all()
        if payment := self._books.find(key):
            self.notify(payment, wait=wait_for_callback)
        return True

    def wait_until_ended(self, payment: Payment) -> bool:
        """For networks that answer with the outcome. False when it still goes on and nobody should wait longer."""
        with self._ended:
            self._ended.wait_for(lambda: self._is_over(payment), LONGEST_WAIT_SECONDS)
        return payment.status != "PENDING"

    def clear(self) -> None:
        with self._ended:
            self._ended.notify_all()

    def stop(self) -> None:
        """Nobody waits any longer."""
        with self._ended:
            self._stopped = True
            self._ended.notify_all()

    def notify(self, payment: Payment, *, wait: bool = False) -> None:
        """Call back about the payment as it stands now."""
        writer = self._writers.get(payment.network)
        if writer is None or not payment.callback_url:
            return
        switches = self._faults.switches(
            "callback",
            network=payment.network,
            phone=payment.phone,
            external_id=payment.external_id,
            reference=payment.reference,
        )
        if switches["callback"] == "lost" or (message := writer(payment, switches)) is None:
            return
        for _ in range(int(switches["callback_copies"])):
            if wait:
                self._callbacks.send(message)
            else:
                self._timers.after(switches["callback_delay_seconds"], lambda: self._callbacks.send_later(message))

    def _is_over(self, payment: Payment) -> bool:
        return self._stopped or payment.status != "PENDING" or self._books.find(payment.key) is not payment

    def _schedule(self, payment: Payment) -> None:
        if payment.settle_at is None:
            return
        self._timers.after(
            max(payment.settle_at - self.now(), 0.0),
            lambda: self.finish(payment.key, payment.plan_status, payment.plan_reason),
        )

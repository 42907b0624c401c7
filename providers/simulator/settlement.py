"""What happens to an accepted request over time: it ends by plan, its money moves, its callback goes out."""

import json
from decimal import Decimal
from typing import Any

from providers.simulator.books import Books, Payment
from providers.simulator.callbacks import Callbacks
from providers.simulator.clock import Clock
from providers.simulator.faults import Faults
from providers.simulator.switches import Switches
from providers.simulator.timers import Timers


class Settlement:
    """Accepts payments and sees them through; after a restart it goes on where the journal ends."""

    def __init__(self, books: Books, timers: Timers, callbacks: Callbacks, faults: Faults, clock: Clock) -> None:
        self._books, self._timers, self._callbacks, self._faults = books, timers, callbacks, faults
        self._clock = clock

    def now(self) -> float:
        """Seconds since the epoch, as the network sees them."""
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

    def accept_later(self, payment: Payment, seconds: float) -> None:
        """The network loses the request's answer and delivers the request itself late."""
        if payment.settle_at is not None:
            payment.settle_at += seconds
        payment.accepted_at += seconds
        self._timers.after(seconds, lambda: self.accept(payment))

    def finish(self, reference: str, status: str, reason: str, *, wait_for_callback: bool = False) -> bool:
        """End a payment now. False when it is unknown or had ended before."""
        if not self._books.settle(reference, status, reason, at=self.now()):
            return False
        payment = self._books.find(reference)
        if payment is not None and payment.callback_url:
            self._notify(payment, wait=wait_for_callback)
        return True

    def _schedule(self, payment: Payment) -> None:
        if payment.settle_at is None:
            return
        self._timers.after(
            max(payment.settle_at - self.now(), 0.0),
            lambda: self.finish(payment.reference, payment.plan_status, payment.plan_reason),
        )

    def _notify(self, payment: Payment, *, wait: bool) -> None:
        switches = self._faults.switches(
            "callback", phone=payment.phone, external_id=payment.external_id, reference=payment.reference
        )
        if switches["callback"] == "lost":
            return
        message = {
            "method": switches["callback_method"],
            "url": payment.callback_url,
            "body": json.dumps(callback_body(payment, switches)).encode(),
        }
        for _ in range(int(switches["callback_copies"])):
            if wait:
                self._callbacks.send(**message)
            else:
                self._timers.after(switches["callback_delay_seconds"], lambda: self._callbacks.send_later(**message))


def status_body(payment: Payment, switches: Switches) -> dict[str, Any]:
    """The answer to a status enquiry. It does not contain our X-Reference-Id, and neither does MTN's.

    Of a transfer or refund MTN may leave out the notes, and a refund names no party.
    """
    body: dict[str, Any] = {
        "externalId": payment.external_id,
        "amount": _amount(payment, switches["wrong_amount"]),
        "currency": payment.currency,
    }
    if payment.kind != "refund":
        party = {"partyIdType": payment.party_type, "partyId": payment.phone}
        body["payer" if payment.kind == "collection" else "payee"] = party
    if payment.kind == "collection":
        body |= {"payerMessage": payment.payer_message, "payeeNote": payment.payee_note}
    body["status"] = payment.status
    if payment.status == "SUCCESSFUL":
        body = {"financialTransactionId": payment.financial_id, **body}
    if payment.reason:
        body["reason"] = _shaped(payment.reason, switches)
    return body


def callback_body(payment: Payment, switches: Switches) -> dict[str, Any]:
    """The same as a status answer without the payer's message; a lying one says the opposite of the truth."""
    body = status_body(payment, {**switches, "wrong_amount": ""})
    body.pop("payerMessage", None)
    if switches["callback"] != "lying":
        return body
    if payment.status == "SUCCESSFUL":
        return body | {"status": "FAILED", "reason": _shaped("APPROVAL_REJECTED", switches)}
    body.pop("reason", None)
    return {"financialTransactionId": payment.financial_id, **body, "status": "SUCCESSFUL"}


def _amount(payment: Payment, wrong: str) -> str:
    """A wrong amount with a "+" is that much more than the true one."""
    if wrong.startswith("+"):
        return str(Decimal(payment.amount) + Decimal(wrong))
    return wrong or payment.amount


def _shaped(reason: str, switches: Switches) -> Any:
    if switches["reason_shape"] == "string":
        return reason
    return {"code": reason, "message": reason.replace("_", " ").capitalize()}

"""Airtel's payouts: with an encrypted PIN, and carried out while the caller waits."""

from providers.simulator.airtel.access import Access
from providers.simulator.airtel.keys import opened
from providers.simulator.airtel.orders import OrderReader
from providers.simulator.airtel.pushes import find, refuse_at_the_door
from providers.simulator.airtel.scenarios import scenario
from providers.simulator.airtel.told import enquiry, payout
from providers.simulator.books import Books, Payment
from providers.simulator.messages import Answer, Request
from providers.simulator.networks import Context
from providers.simulator.settlement import Settlement

MISMATCH = "DP00900001016"
DUPLICATE = "DP00900001017"
WRONG_PINS = ("wrong", "0000")  # what begins so is refused: a handy way to play a wrong PIN


class Disbursements:
    def __init__(self, access: Access, books: Books, settlement: Settlement) -> None:
        self._access, self._books, self._settlement = access, books, settlement

    def take(self, request: Request, context: Context) -> Answer:
        switches = context.switches
        client = self._access.may_order(request, switches, code=MISMATCH)
        reader = OrderReader("transfer", request, client, switches)
        payment = reader.payment(self._settlement.now())
        _check_pin(reader)
        if self._books.find(payment.key):
            raise reader.refused(DUPLICATE, "Duplicate Transaction Id")
        refuse_at_the_door(reader, payment)
        if switches["executes"] == "late":
            self._settlement.accept_later(payment, switches["late_seconds"])
            return payout(payment, switches)
        if not self._settlement.accept(payment):
            raise reader.refused(DUPLICATE, "Duplicate Transaction Id")
        self._carry_out(payment)
        if scenario(payment.kind, payment.phone).on_post:
            raise reader.something_went_wrong()
        return payout(payment, switches)

    def status(self, request: Request, context: Context) -> Answer:
        client = self._access.signed_in(request, context.switches)
        return enquiry(find(self._books, client, context, "transfer"), context.switches)

    def _carry_out(self, payment: Payment) -> None:
        """At once, unless something holds it up."""
        if payment.settle_at is not None and payment.settle_at <= payment.accepted_at:
            self._settlement.finish(payment.key, payment.plan_status, payment.plan_reason)


def _check_pin(reader: OrderReader) -> None:
    sealed = reader.body.get("pin")
    if not isinstance(sealed, str) or not sealed:
        raise reader.refused("ROUTER003", "Mandatory field pin is missing")
    pin = opened(sealed)
    if pin is None or not pin.isascii():
        raise reader.refused("ROUTER116", "Pin is not encrypted correctly")
    if not pin:
        raise reader.refused("ROUTER114", "Pin validation failed")
    if pin.decode().startswith(WRONG_PINS):
        raise reader.refused("ROUTER115", "Invalid pin")

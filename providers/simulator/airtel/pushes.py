"""Airtel's USSD push: taking collections, and telling what became of one."""

from providers.simulator.airtel import messages
from providers.simulator.airtel.access import Access
from providers.simulator.airtel.clients import Client
from providers.simulator.airtel.codes import code_of
from providers.simulator.airtel.orders import OrderReader
from providers.simulator.airtel.scenarios import scenario
from providers.simulator.airtel.told import enquiry
from providers.simulator.books import Books, Payment, key_of
from providers.simulator.messages import Answer, Refusal, Request
from providers.simulator.networks import Context
from providers.simulator.settlement import Settlement
from providers.simulator.switches import Switches

MISMATCH = "DP00800001026"


class Pushes:
    def __init__(self, access: Access, books: Books, settlement: Settlement) -> None:
        self._access, self._books, self._settlement = access, books, settlement

    def take(self, request: Request, context: Context) -> Answer:
        """“SUCCESS” in the answer says that the push was sent, and nothing about money. Version 2 must be signed."""
        switches = context.switches
        client = self._access.may_order(request, switches, code=MISMATCH, must_sign=context.arguments["version"] == "2")
        reader = OrderReader("collection", request, client, switches)
        payment = reader.payment(self._settlement.now())
        if self._books.find(payment.key):
            raise reader.refused("ESB000041", "External ID already exists")
        refuse_at_the_door(reader, payment)
        self._accept(payment, reader, switches)
        if scenario(payment.kind, payment.phone).on_post:
            raise reader.something_went_wrong()
        data = {"transaction": {"id": payment.reference, "status": "SUCCESS"}}
        return messages.success(data, code_of("collection", "TIP")[0])

    def status(self, request: Request, context: Context) -> Answer:
        client = self._access.signed_in(request, context.switches)
        payment = find(self._books, client, context, "collection")
        return enquiry(payment, context.switches)

    def _accept(self, payment: Payment, reader: OrderReader, switches: Switches) -> None:
        if switches["executes"] == "late":
            self._settlement.accept_later(payment, switches["late_seconds"])
            return
        if not self._settlement.accept(payment):
            raise reader.refused("ESB000041", "External ID already exists")
        if switches["intermediate_callback"]:
            self._settlement.notify(payment)
        if switches["callback_before_answer"] and payment.settle_at is not None:
            self._settlement.finish(payment.key, payment.plan_status, payment.plan_reason, wait_for_callback=True)


def refuse_at_the_door(reader: OrderReader, payment: Payment) -> None:
    on_post = scenario(payment.kind, payment.phone).on_post
    if on_post == "not_found":
        raise reader.not_a_customer()
    if on_post == "down":
        raise reader.something_went_wrong()


def find(books: Books, client: Client, context: Context, kind: str) -> Payment:
    """An order of this application; Airtel has several words for one that it does not know."""
    payment = books.find(key_of("airtel", context.arguments["reference"]))
    if payment is None or payment.api_user != client.client_id or payment.kind != kind:
        code = context.switches["not_found_code"] or code_of(kind, "UNSPECIFIED")[0]
        raise Refusal(messages.failure(code, "TransactionNot Found", context.switches))
    return payment

"""MTN's three kinds of orders to move money: taking them, and telling their state."""

import time
from collections import defaultdict, deque
from dataclasses import dataclass

from providers.simulator.books import Books, Payment
from providers.simulator.messages import Answer, Refusal, Request, json_answer
from providers.simulator.mtn.access import Access, currency_of, reference_of
from providers.simulator.mtn.accounts import ApiUser
from providers.simulator.mtn.bodies import status_body
from providers.simulator.mtn.messages import DUPLICATE, NOT_FOUND, RATE_LIMITED, api_error
from providers.simulator.mtn.order_rules import MAX_NOTE, OrderReader
from providers.simulator.networks import Context
from providers.simulator.settlement import Settlement


@dataclass(frozen=True, slots=True)
class Resource:
    kind: str
    operation: str
    product: str
    path: str


RESOURCES = (
    Resource("collection", "collect", "collection", "/collection/v1_0/requesttopay"),
    Resource("transfer", "transfer", "disbursement", "/disbursement/v1_0/transfer"),
    Resource("refund", "refund", "disbursement", "/disbursement/v[12]_0/refund"),
)


class Orders:
    """The handlers of one resource."""

    def __init__(self, resource: Resource, access: Access, books: Books, settlement: Settlement) -> None:
        self._resource, self._access, self._books, self._settlement = resource, access, books, settlement
        self._status_calls: dict[str, deque[float]] = defaultdict(deque)

    def take(self, request: Request, context: Context) -> Answer:
        user, switches = self._access.signed_in(request, self._resource.product), context.switches
        reference = reference_of(request)
        if self._books.find(reference):
            raise Refusal(api_error(409, "RESOURCE_ALREADY_EXIST", DUPLICATE))
        payment = self._read(OrderReader(request, user, currency_of(request), switches, self._settlement.now()), user)
        if switches["executes"] == "late":
            self._settlement.accept_later(payment, switches["late_seconds"])
            return Answer(202)
        if not self._settlement.accept(payment):
            raise Refusal(api_error(409, "RESOURCE_ALREADY_EXIST", DUPLICATE))
        if switches["callback_before_answer"] and payment.settle_at is not None:
            self._settlement.finish(reference, payment.plan_status, payment.plan_reason, wait_for_callback=True)
        return Answer(202)

    def status(self, request: Request, context: Context) -> Answer:
        user = self._access.signed_in(request, self._resource.product)
        self._limit_status_calls(user, context.switches["status_calls_per_second"])
        return json_answer(200, status_body(self._payment(user, context), context.switches))

    def notify(self, request: Request, context: Context) -> Answer:
        user = self._access.signed_in(request, self._resource.product)
        body = request.json_object()
        message = body.get("notificationMessage") if body else None
        if not isinstance(message, str) or len(message) > MAX_NOTE:
            raise Refusal(api_error(400, "BAD_REQUEST"))
        self._payment(user, context)
        return Answer(200)

    def _read(self, reader: OrderReader, user: ApiUser) -> Payment:
        if self._resource.kind == "collection":
            return reader.collection()
        if self._resource.kind == "transfer":
            return reader.transfer()
        return reader.refund(self._original(reader.original_reference(), user))

    def _original(self, reference: str, user: ApiUser) -> Payment | None:
        """The collection to pay back, if it exists and belongs to the same merchant."""
        original = self._books.find(reference)
        if original is None or original.kind != "collection" or not self._books.may_refund(user.api_user, original):
            return None
        return original

    def _payment(self, user: ApiUser, context: Context) -> Payment:
        payment = self._books.find(context.arguments["reference"])
        if payment is None or payment.api_user != user.api_user or payment.kind != self._resource.kind:
            raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
        return payment

    def _limit_status_calls(self, user: ApiUser, per_second: float | None) -> None:
        if per_second is None:
            return
        now, calls = time.monotonic(), self._status_calls[user.api_user]
        while calls and calls[0] <= now - 1.0:
            calls.popleft()
        if len(calls) >= per_second:
            raise Refusal(RATE_LIMITED)
        calls.append(now)

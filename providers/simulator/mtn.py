"""MTN's endpoints: which address does what, and who may call it."""

import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from providers.simulator import scenarios
from providers.simulator.access import Access, Context, currency_of, reference_of
from providers.simulator.accounts import ApiUser
from providers.simulator.books import Books, Payment
from providers.simulator.collection_rules import read_collection
from providers.simulator.faults import FAULTY_ANSWERS, Faults, faulty_answer
from providers.simulator.messages import (
    DUPLICATE,
    NOT_FOUND,
    Answer,
    Refusal,
    Request,
    api_error,
    gateway_error,
    html_error,
    json_answer,
)
from providers.simulator.settlement import Settlement, status_body

MAX_NOTE = 160
HOLDER = {
    "name": "Mwansa Banda",
    "given_name": "Mwansa",
    "family_name": "Banda",
    "birthdate": "1990-01-31",
    "locale": "en_ZM",
    "gender": "FEMALE",
    "updated_at": 1769850000,
}
_PRODUCT = "(?P<product>collection|disbursement|remittance)"
_HOLDER = f"/{_PRODUCT}/v1_0/accountholder/(?:msisdn|MSISDN)/(?P<phone>[^/]+)"
_PAYMENT = "/collection/v1_0/requesttopay/(?P<reference>[^/]+)"


Handler = Callable[[Request, Context], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    operation: str
    handler: Handler


class MtnApi:
    def __init__(self, access: Access, books: Books, settlement: Settlement, faults: Faults) -> None:
        self._access, self._books, self._settlement, self._faults = access, books, settlement, faults
        self._status_calls: dict[str, deque[float]] = defaultdict(deque)
        self._routes = (
            Route("POST", "/v1_0/apiuser", "provision", access.create_user),
            Route("GET", "/v1_0/apiuser/(?P<api_user>[^/]+)", "provision", access.show_user),
            Route("POST", "/v1_0/apiuser/(?P<api_user>[^/]+)/apikey", "provision", access.create_key),
            Route("POST", f"/{_PRODUCT}/token/", "token", access.token),
            Route("POST", "/collection/v1_0/requesttopay", "collect", self.request_to_pay),
            Route("GET", _PAYMENT, "lookup", self.status),
            Route("POST", f"{_PAYMENT}/deliverynotification", "notify", self.notify),
            Route("GET", f"{_HOLDER}/active", "account_holder", self.is_active),
            Route("GET", f"{_HOLDER}/basicuserinfo", "user_info", self.user_info),
            Route("GET", f"/{_PRODUCT}/v1_0/account/balance(?:/[A-Z]{{3}})?", "balance", self.balance),
        )

    def handle(self, request: Request, wait: Callable[[float], object]) -> tuple[str, Answer]:
        """The operation that was asked for, and its answer. `wait` sleeps, but not past a shutdown."""
        route, arguments = self._find(request)
        if route is None:
            return "", gateway_error(404, "Resource not found")
        switches = self._faults.switches(route.operation, **self._facts(request, arguments))
        wait(switches["answer_delay_seconds"])
        faulty = faulty_answer(switches)
        if faulty and switches["executes"] in {"auto", "never"}:
            return route.operation, faulty
        answer = self._right_answer(route, request, Context(arguments, switches))
        return route.operation, faulty or answer

    def _right_answer(self, route: Route, request: Request, context: Context) -> Answer:
        try:
            if "//" in request.path:
                raise Refusal(gateway_error(400, "Bad request"))
            if "python-requests" in request.headers.get("user-agent", ""):
                raise Refusal(html_error(403, "403 Forbidden"))
            return route.handler(request, context)
        except Refusal as refusal:
            return refusal.answer

    def _find(self, request: Request) -> tuple[Route | None, Mapping[str, str]]:
        path = re.sub("/{2,}", "/", request.path)
        for route in self._routes:
            found = re.fullmatch(route.path, path) if route.method == request.method else None
            if found:
                return route, found.groupdict()
        return None, {}

    def _facts(self, request: Request, arguments: Mapping[str, str]) -> dict[str, str]:
        """What a fault rule can match: from the body of a new request, or from the books for an old one."""
        reference = arguments.get("reference", request.headers.get("x-reference-id", ""))
        if payment := self._books.find(reference):
            return {"phone": payment.phone, "external_id": payment.external_id, "reference": reference}
        body = request.json_object() or {}
        payer = body.get("payer")
        phone = payer.get("partyId", "") if isinstance(payer, dict) else arguments.get("phone", "")
        return {"phone": phone, "external_id": body.get("externalId", ""), "reference": reference}

    # --- collections

    def request_to_pay(self, request: Request, context: Context) -> Answer:
        user, switches = self._access.signed_in(request, "collection"), context.switches
        reference = reference_of(request)
        if self._books.find(reference):
            raise Refusal(api_error(409, "RESOURCE_ALREADY_EXIST", DUPLICATE))
        payment = read_collection(request, user, currency_of(request), switches)
        if switches["executes"] == "late":
            self._settlement.accept_later(payment, switches["late_seconds"])
            return Answer(202)
        if not self._settlement.accept(payment):
            raise Refusal(api_error(409, "RESOURCE_ALREADY_EXIST", DUPLICATE))
        if switches["callback_before_answer"] and payment.settle_at is not None:
            self._settlement.finish(reference, payment.plan_status, payment.plan_reason, wait_for_callback=True)
        return Answer(202)

    def status(self, request: Request, context: Context) -> Answer:
        user = self._access.signed_in(request, "collection")
        self._limit_status_calls(user, context.switches["status_calls_per_second"])
        payment = self._payment(user, context)
        return json_answer(200, status_body(payment, context.switches))

    def notify(self, request: Request, context: Context) -> Answer:
        user = self._access.signed_in(request, "collection")
        body = request.json_object()
        message = body.get("notificationMessage") if body else None
        if not isinstance(message, str) or len(message) > MAX_NOTE:
            raise Refusal(api_error(400, "BAD_REQUEST"))
        self._payment(user, context)
        return Answer(200)

    def _payment(self, user: ApiUser, context: Context) -> Payment:
        payment = self._books.find(context.arguments["reference"])
        if payment is None or payment.api_user != user.api_user:
            raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
        return payment

    def _limit_status_calls(self, user: ApiUser, per_second: float | None) -> None:
        if per_second is None:
            return
        now, calls = time.monotonic(), self._status_calls[user.api_user]
        while calls and calls[0] <= now - 1.0:
            calls.popleft()
        if len(calls) >= per_second:
            raise Refusal(FAULTY_ANSWERS["rate_limited"])
        calls.append(now)

    # --- accounts

    def is_active(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.arguments["product"])
        status, code = scenarios.account_holder(context.arguments["phone"]) or (200, "active")
        return api_error(status, code) if status != 200 else json_answer(200, {"result": bool(code)})

    def user_info(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.arguments["product"])
        if scenarios.account_holder(context.arguments["phone"]) == scenarios.ACCOUNT_HOLDERS["450"]:
            raise Refusal(api_error(404, "RESOURCE_NOT_FOUND", NOT_FOUND))
        return json_answer(200, {"sub": context.arguments["phone"], **HOLDER})

    def balance(self, request: Request, context: Context) -> Answer:
        self._access.signed_in(request, context.arguments["product"])
        currency = currency_of(request)
        total = self._books.ledger()["totals"].get(currency, "0")
        return json_answer(200, {"availableBalance": total, "currency": currency})

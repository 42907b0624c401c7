"""MTN's endpoints: which address does what, and which faults stand before it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate

from providers.simulator.access import Access, Context
from providers.simulator.books import Books
from providers.simulator.clock import Clock
from providers.simulator.faults import Faults
from providers.simulator.messages import Answer, Refusal, Request, gateway_error, html_error
from providers.simulator.orders import RESOURCES, Orders, Resource
from providers.simulator.settlement import Settlement
from providers.simulator.switches import Switches, faulty_answer
from providers.simulator.wallets import Wallets

_PRODUCT = "(?P<product>collection|disbursement|remittance)"
_HOLDER = f"/{_PRODUCT}/v1_0/accountholder/(?:msisdn|MSISDN)/(?P<phone>[^/]+)"
_REFERENCE = "/(?P<reference>[^/]+)"

Handler = Callable[[Request, Context], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: re.Pattern[str]
    operation: str
    handler: Handler


def _route(method: str, path: str, operation: str, handler: Handler) -> Route:
    return Route(method, re.compile(path), operation, handler)


class MtnApi:
    def __init__(self, access: Access, books: Books, settlement: Settlement, faults: Faults, clock: Clock) -> None:
        self._books, self._faults, self._clock = books, faults, clock
        wallets = Wallets(access, books)
        self._routes = (
            *(route for each in RESOURCES for route in _order_routes(each, Orders(each, access, books, settlement))),
            _route("POST", f"/{_PRODUCT}/token/", "token", access.token),
            _route("GET", f"{_HOLDER}/active", "account_holder", wallets.is_active),
            _route("GET", f"{_HOLDER}/basicuserinfo", "user_info", wallets.user_info),
            _route("GET", f"/{_PRODUCT}/v1_0/account/balance(?:/[A-Z]{{3}})?", "balance", wallets.balance),
            _route("POST", "/v1_0/apiuser", "provision", access.create_user),
            _route("GET", "/v1_0/apiuser/(?P<api_user>[^/]+)", "provision", access.show_user),
            _route("POST", "/v1_0/apiuser/(?P<api_user>[^/]+)/apikey", "provision", access.create_key),
        )

    def handle(self, request: Request, wait: Callable[[float], object]) -> tuple[str, Answer]:
        """The operation that was asked for, and its answer. `wait` sleeps, but not past a shutdown."""
        route, arguments = self._find(request)
        if route is None:
            return "", gateway_error(404, "Resource not found")
        switches = self._faults.switches(route.operation, **self._facts(request, arguments))
        if switches["answer_delay_seconds"]:
            wait(switches["answer_delay_seconds"])
        answer = faulty_answer(switches)
        if answer is None or switches["executes"] in {"now", "late"}:
            right = self._right_answer(route, request, Context(arguments, switches))
            answer = answer or right
        return route.operation, self._dated(answer, switches)

    def _dated(self, answer: Answer, switches: Switches) -> Answer:
        """The answer as a network writes it whose clock is wrong, or whose Retry-After is a moment."""
        now, headers = self._clock.now() + switches["clock_skew_seconds"], dict(answer.headers)
        if switches["clock_skew_seconds"]:
            headers["Date"] = formatdate(now, usegmt=True)
        if switches["retry_after_as_date"] and "Retry-After" in headers:
            headers["Retry-After"] = formatdate(now + int(headers["Retry-After"]), usegmt=True)
        return answer if headers == answer.headers else replace(answer, headers=headers)

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
            found = route.path.fullmatch(path) if route.method == request.method else None
            if found:
                return route, found.groupdict()
        return None, {}

    def _facts(self, request: Request, arguments: Mapping[str, str]) -> dict[str, str]:
        """What a fault rule can match: from the body of a new request, or from the books for an old one."""
        reference = arguments.get("reference", request.headers.get("x-reference-id", ""))
        if payment := self._books.find(reference):
            return {"phone": payment.phone, "external_id": payment.external_id, "reference": reference}
        body = request.json_object() or {}
        party = body.get("payer", body.get("payee"))
        phone = party.get("partyId", "") if isinstance(party, dict) else arguments.get("phone", "")
        original = body.get("referenceIdToRefund")
        if isinstance(original, str) and (refunded := self._books.find(original)):
            phone = refunded.phone
        facts = {"phone": phone, "external_id": body.get("externalId", ""), "reference": reference}
        return {name: value if isinstance(value, str) else "" for name, value in facts.items()}


def _order_routes(resource: Resource, orders: Orders) -> list[Route]:
    path = resource.path
    routes = [
        _route("POST", path, resource.operation, orders.take),
        _route("GET", path + _REFERENCE, "lookup", orders.status),
    ]
    if resource.kind == "collection":
        routes.append(_route("POST", f"{path}{_REFERENCE}/deliverynotification", "notify", orders.notify))
    return routes

"""MTN's endpoints: which address does what, and what a fault rule can match there."""

from collections.abc import Mapping

from providers.simulator.books import Books
from providers.simulator.messages import Refusal, Request, html_error
from providers.simulator.mtn.access import Access
from providers.simulator.mtn.messages import FAULTY_ANSWERS, api_error, gateway_error
from providers.simulator.mtn.orders import RESOURCES, Orders, Resource
from providers.simulator.mtn.wallets import Wallets
from providers.simulator.networks import Network, Route, route
from providers.simulator.settlement import Settlement

_PRODUCT = "(?P<product>collection|disbursement|remittance)"
_HOLDER = f"/{_PRODUCT}/v1_0/accountholder/(?:msisdn|MSISDN)/(?P<phone>[^/]+)"
_REFERENCE = "/(?P<reference>[^/]+)"


def mtn(access: Access, books: Books, settlement: Settlement) -> Network:
    """It serves every address that no other network does."""
    wallets = Wallets(access, books)
    return Network(
        "mtn",
        prefix="",
        routes=(
            *(one for each in RESOURCES for one in _order_routes(each, Orders(each, access, books, settlement))),
            route("POST", f"/{_PRODUCT}/token/", "token", access.token),
            route("GET", f"{_HOLDER}/active", "account_holder", wallets.is_active),
            route("GET", f"{_HOLDER}/basicuserinfo", "user_info", wallets.user_info),
            route("GET", f"/{_PRODUCT}/v1_0/account/balance(?:/[A-Z]{{3}})?", "balance", wallets.balance),
            route("POST", "/v1_0/apiuser", "provision", access.create_user),
            route("GET", "/v1_0/apiuser/(?P<api_user>[^/]+)", "provision", access.show_user),
            route("POST", "/v1_0/apiuser/(?P<api_user>[^/]+)/apikey", "provision", access.create_key),
        ),
        facts=lambda request, arguments: _facts(books, request, arguments),
        faulty_answers=FAULTY_ANSWERS,
        coded_answer=lambda code, _: api_error(500, code),
        unknown_path=gateway_error(404, "Resource not found"),
        gate=_gate,
    )


def _gate(request: Request) -> None:
    if "//" in request.path:
        raise Refusal(gateway_error(400, "Bad request"))
    if "python-requests" in request.headers.get("user-agent", ""):
        raise Refusal(html_error(403, "403 Forbidden"))


def _facts(books: Books, request: Request, arguments: Mapping[str, str]) -> Mapping[str, str]:
    reference = arguments.get("reference", request.headers.get("x-reference-id", ""))
    if payment := books.find(reference):
        return {"phone": payment.phone, "external_id": payment.external_id, "reference": reference}
    body = request.json_object() or {}
    party = body.get("payer", body.get("payee"))
    phone = party.get("partyId", "") if isinstance(party, dict) else arguments.get("phone", "")
    original = body.get("referenceIdToRefund")
    if isinstance(original, str) and (refunded := books.find(original)):
        phone = refunded.phone
    facts = {"phone": phone, "external_id": body.get("externalId", ""), "reference": reference}
    return {name: value if isinstance(value, str) else "" for name, value in facts.items()}


def _order_routes(resource: Resource, orders: Orders) -> list[Route]:
    path = resource.path
    routes = [
        route("POST", path, resource.operation, orders.take),
        route("GET", path + _REFERENCE, "lookup", orders.status),
    ]
    if resource.kind == "collection":
        routes.append(route("POST", f"{path}{_REFERENCE}/deliverynotification", "notify", orders.notify))
    return routes

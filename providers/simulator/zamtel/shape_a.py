"""Zamtel's ZampayRest: an order is one HTTP GET, with everything in its query, answered by JSON with odd names."""

from collections.abc import Mapping

from providers.simulator.messages import Answer, Request, html_error, json_answer
from providers.simulator.networks import Context, Network, route
from providers.simulator.zamtel import codes
from providers.simulator.zamtel.orders import Order, Orders, Result

_APPLICATION = "/ZampayRest(?:Prod)?"
SILENCE = Answer(0, ending="reset")

FAULTY_ANSWERS: Mapping[str, Answer] = {
    "rate_limited": Answer(429, b"Too many requests", "text/plain", {"Retry-After": "1"}),
    "error_500": html_error(500, "500 Internal Server Error"),
    "unavailable_503": html_error(503, "503 Service Unavailable"),
    "ip_403": html_error(403, "403 - Forbidden: Access is denied."),
    "not_entitled_403": html_error(403, "403 - Forbidden: Access is denied."),
    "no_route_404": html_error(404, "404 - File or directory not found."),
}


def shape_a(orders: Orders) -> Network:
    def collect(request: Request, context: Context) -> Answer:
        return written(orders.carry_out(_order("collection", request.query), context.switches))

    def pay_out(request: Request, context: Context) -> Answer:
        return written(orders.carry_out(_order("transfer", request.query), context.switches))

    return Network(
        "zamtel",
        prefix=f"/+{_APPLICATION[1:]}(?:/|$)",
        routes=(
            route("GET", f"{_APPLICATION}/Req/?", "collect", collect),
            route("GET", f"{_APPLICATION}/B2CReq/?", "transfer", pay_out),
        ),
        facts=_facts,
        faulty_answers=FAULTY_ANSWERS,
        coded_answer=lambda code, request: written(Result(code, request.query.get("ConversationId", ""))),
        unknown_path=FAULTY_ANSWERS["no_route_404"],
    )


def written(result: Result | None) -> Answer:
    """The transaction's number has two names, and the conversation's has a space in it."""
    if result is None:
        return SILENCE
    body = {
        "Conversation id": result.conversation_id,
        "message": codes.words(result.code),
        "StatusCode" if result.old_name else "status": result.code,
    }
    if result.transaction_id:
        body |= {"TransactionId": result.transaction_id, "Transaction id": result.transaction_id}
    return json_answer(200, body)


def _order(kind: str, query: Mapping[str, str]) -> Order:
    return Order(
        kind=kind,
        third_party_id=query.get("ThirdPartyID", ""),
        password=query.get("Password", ""),
        amount=query.get("Amount", ""),
        phone=query.get("Msisdn", ""),
        shortcode=query.get("Shortcode", ""),
        conversation_id=query.get("ConversationId", ""),
        text=query.get("Reference", ""),
        identifier=query.get("identifier", ""),
        credential=query.get("credential", ""),
    )


def _facts(request: Request, _: Mapping[str, str]) -> Mapping[str, str]:
    query = request.query
    return {
        "phone": query.get("Msisdn", ""),
        "external_id": query.get("Reference", ""),
        "reference": query.get("ConversationId", ""),
    }

"""Zamtel's SYNCAPIRequestMgrService: the same orders as SOAP, one address for all of them."""

import re
from collections.abc import Mapping

from providers.simulator.messages import Answer, Refusal, Request, html_error
from providers.simulator.networks import Context, Network, route
from providers.simulator.zamtel import codes
from providers.simulator.zamtel.orders import CURRENCY, Order, Orders, Result
from providers.simulator.zamtel.shape_a import SILENCE
from providers.simulator.zamtel.soap import Command, fault, result

_ADDRESS = "/payment/services/SYNCAPIRequestMgrService/?"
_COLLECT, _PAY_OUT = "InitTrans_Customer Pay Organization Bill", "InitTrans_B2CTransfer"
_PHONE, _SHORT_CODE, _OPERATOR = "1", "4", "11"
_TIMESTAMP = re.compile(r"[0-9]{14}")

FAULTY_ANSWERS: Mapping[str, Answer] = {
    "rate_limited": Answer(429, b"Too many requests", "text/plain", {"Retry-After": "1"}),
    "error_500": fault("Internal Error"),
    "unavailable_503": html_error(503, "503 Service Unavailable"),
    "ip_403": html_error(403, "403 Forbidden"),
    "not_entitled_403": fault("The service is not available to this caller"),
    "no_route_404": html_error(404, "404 Not Found"),
}


def shape_b(orders: Orders) -> Network:
    def carry_out(request: Request, context: Context) -> Answer:
        return _written(orders.carry_out(_order(request), context.switches))

    return Network(
        "zamtel",
        prefix="/+payment/services/",
        routes=(
            route("POST", _ADDRESS, "transfer", carry_out, when=lambda request: _command_id(request) == _PAY_OUT),
            route("POST", _ADDRESS, "collect", carry_out),
        ),
        facts=_facts,
        faulty_answers=FAULTY_ANSWERS,
        coded_answer=lambda code, request: _written(Result(code, _facts(request, {})["reference"])),
        unknown_path=FAULTY_ANSWERS["no_route_404"],
    )


def _order(request: Request) -> Order:
    command = _command(request)
    kinds = {_COLLECT: "collection", _PAY_OUT: "transfer"}
    kind = kinds.get(command.header("CommandID"))
    if kind is None:
        raise Refusal(fault("Unknown CommandID"))
    if not _TIMESTAMP.fullmatch(command.header("Timestamp")) or command.transaction("Parameters/Currency") != CURRENCY:
        raise Refusal(fault("Timestamp or Currency is not valid"))
    initiator, counterpart = command.party("Initiator"), command.party("ReceiverParty")
    payer_or_payee, organisation = (initiator, counterpart) if kind == "collection" else (counterpart, initiator)
    if payer_or_payee.type != _PHONE or organisation.type != (_SHORT_CODE if kind == "collection" else _OPERATOR):
        raise Refusal(fault("IdentifierType is not valid"))
    return Order(
        kind=kind,
        third_party_id=command.header("Caller/ThirdPartyID"),
        password=command.header("Caller/Password"),
        amount=command.transaction("Parameters/Amount"),
        phone=payer_or_payee.identifier,
        shortcode=organisation.identifier if kind == "collection" else organisation.short_code,
        conversation_id=command.header("OriginatorConversationID"),
        text=command.parameter("BillReferenceNumber"),
        identifier=initiator.identifier,
        credential=initiator.credential,
    )


def _command(request: Request) -> Command:
    if "xml" not in request.headers.get("content-type", "") or "soapaction" not in request.headers:
        raise Refusal(fault("Content-Type and SOAPAction are wanted"))
    try:
        return Command(request.body)
    except ValueError as error:
        raise Refusal(fault(f"Invalid request: {error}")) from error


def _written(told: Result | None) -> Answer:
    if told is None:
        return SILENCE
    return result(
        told.code,
        "Process service request successfully." if told.code == codes.SUCCESS else codes.words(told.code),
        originator=told.conversation_id,
        conversation=f"AG_{told.conversation_id}",
        transaction=told.transaction_id,
    )


def _command_id(request: Request) -> str:
    try:
        return Command(request.body).header("CommandID")
    except ValueError:
        return ""


def _facts(request: Request, _: Mapping[str, str]) -> Mapping[str, str]:
    try:
        command = Command(request.body)
    except ValueError:
        return {}
    party = command.party("ReceiverParty" if command.header("CommandID") == _PAY_OUT else "Initiator")
    return {
        "phone": party.identifier,
        "external_id": command.parameter("BillReferenceNumber"),
        "reference": command.header("OriginatorConversationID"),
    }

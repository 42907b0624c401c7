"""A merchant's account at Zamtel, orders for it, and answers as Zamtel gives them in either shape."""

import json
import socket
from dataclasses import replace
from decimal import Decimal
from typing import Any

from providers.base import Account, Instruction, Operation, Timeouts
from tests.providers.raw_server import Behaviour, http_answer, reply

REFERENCE = "NPGW01HZX7"
OUTWARD = (Operation.COLLECT, Operation.TRANSFER)
TIMES = Timeouts(connect_seconds=2, read_seconds=1, total_seconds=2)
CREDENTIALS = {
    "third_party_id": "SHOP_Caller",
    "password": "caller-password-1",
    "shortcode": "000001",
    "initiator": "shop-operator",
    "initiator_credential": "operator-credential-1",
}


def account_at(base_url: str, **credentials: str) -> Account:
    return Account("pa_1", base_url, CREDENTIALS | credentials, TIMES)


def make_order(operation: Operation = Operation.COLLECT, **changes: Any) -> Instruction:
    order = Instruction(
        operation=operation,
        reference=REFERENCE,
        amount=Decimal("150.00"),
        currency="ZMW",
        phone="260955000123",
        external_id="pay_1",
        payer_message="Order 1001",
        payee_note="Shop A",
        callback_url="",
    )
    return replace(order, **changes)


def body_a(code: str = "0", **changes: Any) -> bytes:
    """As Zamtel writes it: key names with spaces, and the transaction id twice."""
    answer = {
        "Conversation id": REFERENCE,
        "message": "Success",
        "status": code,
        "TransactionId": "000000239999",
        "Transaction id": "000000239999",
    }
    return json.dumps(answer | changes).encode()


def body_b(code: str = "0", *, reference: str = REFERENCE, more: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>
<api:Result xmlns:api="http://cps.huawei.com/synccpsinterface/api_requestmgr"
 xmlns:res="http://cps.huawei.com/synccpsinterface/result">
 <res:Header><res:Version>1.0</res:Version><res:OriginatorConversationID>{reference}</res:OriginatorConversationID>
 <res:ConversationID>AG_20260702_7030aa11bb22cc33</res:ConversationID></res:Header>
 <res:Body><res:ResultType>0</res:ResultType><res:ResultCode>{code}</res:ResultCode>
  <res:ResultDesc>Process service request successfully.</res:ResultDesc>
  <res:TransactionResult><res:TransactionID>000000239999</res:TransactionID></res:TransactionResult>{more}</res:Body>
</api:Result></soapenv:Body></soapenv:Envelope>""".encode()


def answers(body: bytes, status: int = 200, *headers: str) -> Behaviour:
    return reply(http_answer(status, body, *headers))


def first_line(request: bytes) -> str:
    return request.partition(b"\r\n")[0].decode()


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port

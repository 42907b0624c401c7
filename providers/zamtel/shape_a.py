"""Shape A, "ZampayRest": an order is an HTTP GET, and its answer is JSON with odd key names (PROVIDERS.md 3.1).

Known only from public integrators' code. The GET moves money: whatever repeats it charges twice.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from providers.base import Account, Instruction, Operation
from providers.parsing import parse_object, word_of
from providers.recording import Request
from providers.zamtel.credentials import secrets_of
from providers.zamtel.records import spellings
from providers.zamtel.shapes import OWN_CONNECTION, Said, Shape, values_of

PATHS: Mapping[Operation, str] = {Operation.COLLECT: "/Req", Operation.TRANSFER: "/B2CReq"}

# Zamtel's name → ours.
_FIELDS: Mapping[str, str] = {
    "ThirdPartyID": "third_party_id",
    "Password": "password",
    "Amount": "amount",
    "Msisdn": "phone",
    "Shortcode": "shortcode",
    "ConversationId": "reference",
}
FIELDS: Mapping[Operation, Mapping[str, str]] = {
    Operation.COLLECT: _FIELDS,
    Operation.TRANSFER: {**_FIELDS, "identifier": "initiator", "credential": "initiator_credential"},
}

# Of the names in a row, the first that the answer has counts.
CODE = ("status", "StatusCode")
REFERENCE = ("Conversation id",)
TRANSACTION = ("TransactionId", "Transaction id")


def message(account: Account, order: Instruction) -> Request:
    values = values_of(account, order)
    query = {name: values[ours] for name, ours in FIELDS[order.operation].items()}
    return Request(
        operation=order.operation,
        method="GET",
        url=f"{account.base_url.rstrip('/')}{PATHS[order.operation]}?{urlencode(query, quote_via=quote, safe='')}",
        headers=OWN_CONNECTION,
        secrets=spellings(secrets_of(account.credentials)),
    )


def said(body: bytes) -> Said:
    """Codes are texts in every answer that was seen; a number 0, which any framework may write, is none."""
    answer = parse_object(body)
    return Said(
        code=_text(answer, CODE), reference=_text(answer, REFERENCE), provider_reference=_text(answer, TRANSACTION)
    )


def _text(answer: Mapping[str, Any], names: tuple[str, ...]) -> str:
    value = next((answer[name] for name in names if name in answer), "")
    return word_of(value) if isinstance(value, str) else ""


SHAPE_A = Shape(message, said)

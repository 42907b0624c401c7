"""Shape B, Huawei's CPS: an order is a SOAP message, answered in the same call (PROVIDERS.md 3.2).

Known only from public integrators' code; the reply's frame and the synchronous payout are put together from what
other deployments of the same platform do.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from xml.sax.saxutils import escape

from providers.base import Account, Instruction, Operation
from providers.parsing import word_of
from providers.recording import Request
from providers.zamtel.credentials import secrets_of
from providers.zamtel.records import spellings
from providers.zamtel.shapes import OWN_CONNECTION, Said, Shape, values_of

HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""', "Accept": "text/xml", **OWN_CONNECTION}

COMMANDS: Mapping[Operation, str] = {
    Operation.COLLECT: "InitTrans_Customer Pay Organization Bill",
    Operation.TRANSFER: "InitTrans_B2CTransfer",
}

# Identifier types: 1 a phone number, 4 an organisation's short code, 11 one of its operators.
PARTIES: Mapping[Operation, str] = {
    Operation.COLLECT: (
        "<req:Initiator><req:IdentifierType>1</req:IdentifierType><req:Identifier>{phone}</req:Identifier>"
        "</req:Initiator>"
        "<req:ReceiverParty><req:IdentifierType>4</req:IdentifierType><req:Identifier>{shortcode}</req:Identifier>"
        "</req:ReceiverParty>"
    ),
    Operation.TRANSFER: (
        "<req:Initiator><req:IdentifierType>11</req:IdentifierType><req:Identifier>{initiator}</req:Identifier>"
        "<req:SecurityCredential>{initiator_credential}</req:SecurityCredential>"
        "<req:ShortCode>{shortcode}</req:ShortCode></req:Initiator>"
        "<req:ReceiverParty><req:IdentifierType>1</req:IdentifierType><req:Identifier>{phone}</req:Identifier>"
        "</req:ReceiverParty>"
    ),
}
# The bill's number is what the merchant's statement shows, so it is our reference.
PARAMETERS: Mapping[Operation, str] = {
    Operation.COLLECT: (
        "<req:Parameter><com:Key>BillReferenceNumber</com:Key><com:Value>{reference}</com:Value></req:Parameter>"
    ),
    Operation.TRANSFER: "",
}
FRAME = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:api="http://cps.huawei.com/synccpsinterface/api_requestmgr"'
    ' xmlns:req="http://cps.huawei.com/synccpsinterface/request"'
    ' xmlns:com="http://cps.huawei.com/synccpsinterface/common">'
    "<soapenv:Body><api:Request>"
    "<req:Header><req:Version>1.0</req:Version><req:CommandID>%(command)s</req:CommandID>"
    "<req:OriginatorConversationID>{reference}</req:OriginatorConversationID>"
    "<req:Caller><req:CallerType>2</req:CallerType><req:ThirdPartyID>{third_party_id}</req:ThirdPartyID>"
    "<req:Password>{password}</req:Password></req:Caller>"
    "<req:KeyOwner>1</req:KeyOwner><req:Timestamp>{timestamp}</req:Timestamp></req:Header>"
    "<req:Body><req:Identity>%(parties)s</req:Identity>"
    "<req:TransactionRequest><req:Parameters>%(parameters)s"
    "<req:Amount>{amount}</req:Amount><req:Currency>{currency}</req:Currency>"
    "</req:Parameters></req:TransactionRequest></req:Body>"
    "</api:Request></soapenv:Body></soapenv:Envelope>"
)

# Elements of the reply, by their names without the namespace, which differs between deployments.
CODE = "ResultCode"
REFERENCE = "OriginatorConversationID"
TRANSACTION = "TransactionID"
FAULT = "Fault"


def message(account: Account, order: Instruction) -> Request:
    escaped = {name: escape(value) for name, value in values_of(account, order).items()}
    return Request(
        operation=order.operation,
        method="POST",
        url=account.base_url,
        headers=HEADERS,
        body=_form(order.operation).format_map(escaped).encode(),
        secrets=spellings(secrets_of(account.credentials)),
    )


def said(body: bytes) -> Said:
    """Nothing of a fault, of what is not XML, and of a reply that says two things about one."""
    texts = _texts(body)
    if FAULT in texts:
        return Said()
    code, reference, transaction = (texts.get(name, set()) for name in (CODE, REFERENCE, TRANSACTION))
    return Said(code=_only(code), reference=_only(reference), provider_reference=_only(transaction))


def _form(operation: Operation) -> str:
    return FRAME % {
        "command": COMMANDS[operation],
        "parties": PARTIES[operation],
        "parameters": PARAMETERS[operation],
    }


def _texts(body: bytes) -> Mapping[str, set[str]]:
    """The texts in a reply by their element's name. No document type: that is where XML hides bombs and files."""
    found: dict[str, set[str]] = {}
    try:
        text = body.decode("utf-8-sig")  # decoded here, so that no other encoding hides what is looked for
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return {}
        for element in ET.fromstring(text).iter():  # noqa: S314 - see above
            found.setdefault(element.tag.rpartition("}")[2], set()).add(word_of(element.text or ""))
    except (ValueError, ET.ParseError):
        return {}
    return found


def _only(texts: set[str]) -> str:
    return next(iter(texts)) if len(texts) == 1 else ""


SHAPE_B = Shape(message, said)

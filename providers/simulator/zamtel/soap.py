"""Reading and writing the SOAP of Huawei's mobile-money core, as far as Zamtel's interface shows it."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from providers.simulator.messages import Answer

_ENVELOPE = "{http://schemas.xmlsoap.org/soap/envelope/}"
_CPS = "http://cps.huawei.com/synccpsinterface/"
_REQUEST, _COMMON = f"{{{_CPS}request}}", f"{{{_CPS}common}}"
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RESULT = f"""\
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>\
<api:Result xmlns:api="{_CPS}api_requestmgr" xmlns:res="{_CPS}result">\
<res:Header><res:Version>1.0</res:Version>\
<res:OriginatorConversationID>{{originator}}</res:OriginatorConversationID>\
<res:ConversationID>{{conversation}}</res:ConversationID></res:Header>\
<res:Body><res:ResultType>0</res:ResultType><res:ResultCode>{{code}}</res:ResultCode>\
<res:ResultDesc>{{words}}</res:ResultDesc>{{transaction}}</res:Body>\
</api:Result></soapenv:Body></soapenv:Envelope>"""
_TRANSACTION = "<res:TransactionResult><res:TransactionID>{}</res:TransactionID></res:TransactionResult>"
_FAULT = """\
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>\
<soapenv:Fault><faultcode>soapenv:Server</faultcode><faultstring>{}</faultstring></soapenv:Fault>\
</soapenv:Body></soapenv:Envelope>"""


@dataclass(frozen=True, slots=True)
class Party:
    """Identifier types: 1 is a phone number, 4 a short code of an organisation, 11 and 14 are operators of one."""

    type: str = ""
    identifier: str = ""
    credential: str = ""
    short_code: str = ""


class Command:
    """One request; ValueError for what is none. What is missing in it reads as ""."""

    def __init__(self, body: bytes) -> None:
        if _FORBIDDEN.search(body):
            raise ValueError("document types and entities are not taken")
        try:
            envelope = ElementTree.fromstring(body.decode())  # noqa: S314 - nothing in it can declare an entity
        except ElementTree.ParseError as error:
            raise ValueError(str(error)) from error
        found = envelope.find(f"{_ENVELOPE}Body/{{{_CPS}api_requestmgr}}Request")
        if envelope.tag != f"{_ENVELOPE}Envelope" or found is None:
            raise ValueError("no Request in a SOAP body")
        self._request = found

    def header(self, path: str) -> str:
        return self._text("Header", path)

    def transaction(self, path: str) -> str:
        return self._text("Body/TransactionRequest", path)

    def party(self, name: str) -> Party:
        """Initiator or ReceiverParty."""
        part = f"Body/Identity/{name}"
        fields = ("IdentifierType", "Identifier", "SecurityCredential", "ShortCode")
        return Party(*(self._text(part, field) for field in fields))

    def parameter(self, key: str) -> str:
        for each in self._request.iterfind(_path("Body/TransactionRequest/Parameters/Parameter")):
            if each.findtext(f"{_COMMON}Key") == key:
                return each.findtext(f"{_COMMON}Value") or ""
        return ""

    def _text(self, part: str, path: str) -> str:
        return self._request.findtext(_path(f"{part}/{path}")) or ""


def result(code: str, words: str, *, originator: str, conversation: str, transaction: str) -> Answer:
    body = _RESULT.format(
        originator=escape(originator),
        conversation=escape(conversation),
        code=escape(code),
        words=escape(words),
        transaction=_TRANSACTION.format(escape(transaction)) if transaction else "",
    )
    return Answer(200, body.encode(), "text/xml; charset=utf-8")


def fault(words: str) -> Answer:
    return Answer(500, _FAULT.format(escape(words)).encode(), "text/xml; charset=utf-8")


def _path(names: str) -> str:
    return "/".join(f"{_REQUEST}{name}" for name in names.split("/"))

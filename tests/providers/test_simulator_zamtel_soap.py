"""The simulated Zamtel, shape B: the same orders as SOAP, written and read here without our adapter's code."""

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from providers.simulator.server import Simulator
from tests.providers.control import Reply, call

PATH = "/payment/services/SYNCAPIRequestMgrService/"
HEADERS = {"Content-Type": "text/xml", "SOAPAction": '""'}
RESULT = "{http://cps.huawei.com/synccpsinterface/result}"
PAYER = (
    "<req:Initiator><req:IdentifierType>1</req:IdentifierType><req:Identifier>{phone}</req:Identifier></req:Initiator>"
)
SHOP = (
    "<req:ReceiverParty><req:IdentifierType>4</req:IdentifierType>"
    "<req:Identifier>000001</req:Identifier></req:ReceiverParty>"
)
OPERATOR = (
    "<req:Initiator><req:IdentifierType>11</req:IdentifierType><req:Identifier>shop_operator</req:Identifier>"
    "<req:SecurityCredential>{credential}</req:SecurityCredential><req:ShortCode>000001</req:ShortCode></req:Initiator>"
)
PAYEE = (
    "<req:ReceiverParty><req:IdentifierType>1</req:IdentifierType>"
    "<req:Identifier>{phone}</req:Identifier></req:ReceiverParty>"
)
ENVELOPE = """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:api="http://cps.huawei.com/synccpsinterface/api_requestmgr"
  xmlns:req="http://cps.huawei.com/synccpsinterface/request"
  xmlns:com="http://cps.huawei.com/synccpsinterface/common">
 <soapenv:Body><api:Request>
  <req:Header><req:Version>1.0</req:Version><req:CommandID>{command}</req:CommandID>
   <req:OriginatorConversationID>{reference}</req:OriginatorConversationID>
   <req:Caller><req:CallerType>2</req:CallerType><req:ThirdPartyID>SHOP_Caller</req:ThirdPartyID>
    <req:Password>{password}</req:Password></req:Caller>
   <req:KeyOwner>1</req:KeyOwner><req:Timestamp>{timestamp}</req:Timestamp></req:Header>
  <req:Body><req:Identity>{identity}</req:Identity>
   <req:TransactionRequest><req:Parameters>
    <req:Parameter><com:Key>BillReferenceNumber</com:Key><com:Value>INV1001</com:Value></req:Parameter>
    <req:Amount>{amount}</req:Amount><req:Currency>{currency}</req:Currency>
   </req:Parameters></req:TransactionRequest></req:Body>
 </api:Request></soapenv:Body>
</soapenv:Envelope>"""
COLLECTION = {"command": "InitTrans_Customer Pay Organization Bill", "identity": PAYER + SHOP}
PAYOUT = {"command": "InitTrans_B2CTransfer", "identity": OPERATOR + PAYEE}

Send = Callable[..., Reply]


@pytest.fixture
def send(simulator: Simulator) -> Send:
    def send(**changes: str) -> Reply:
        facts = {"reference": "PGW01HZX7", "password": "secret-1", "amount": "150", "phone": "260955000123"}
        facts |= {"timestamp": "20260702103000", "currency": "ZMW", "credential": "secret-2", **COLLECTION, **changes}
        facts["identity"] = facts["identity"].format(**facts)
        return call(simulator.url, "POST", PATH, ENVELOPE.format(**facts).encode(), HEADERS)

    return send


def told(reply: Reply) -> dict[str, str]:
    assert (reply.status, reply.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    found = ElementTree.fromstring(reply.body).iter()  # noqa: S314 - our own answer
    return {each.tag.removeprefix(RESULT): each.text or "" for each in found if not len(each)}


def is_fault(reply: Reply) -> bool:
    return reply.status == 500 and b"<soapenv:Fault>" in reply.body


def ledger(simulator: Simulator) -> Any:
    return call(simulator.url, "GET", "/_control/ledger?network=zamtel").json()


def test_a_bill_is_paid(simulator: Simulator, send: Send) -> None:
    answer = told(send())
    [moved] = ledger(simulator)["movements"]
    assert (answer["ResultCode"], answer["OriginatorConversationID"]) == ("0", "PGW01HZX7")
    assert answer["TransactionID"] == moved["financial_transaction_id"]
    assert (moved["kind"], moved["amount"], moved["phone"]) == ("collection", "150", "260955000123")
    assert (moved["external_id"], moved["api_user"]) == ("INV1001", "SHOP_Caller")


def test_a_payout_moves_money_the_other_way(simulator: Simulator, send: Send) -> None:
    assert told(send(**PAYOUT))["ResultCode"] == "0"
    [moved] = ledger(simulator)["movements"]
    assert (moved["kind"], moved["direction"], moved["phone"]) == ("transfer", "out", "260955000123")


@pytest.mark.parametrize("order", [COLLECTION, PAYOUT], ids=["collection", "payout"])
@pytest.mark.parametrize(
    ("ending", "code", "moves"),
    [("450", "2006", 0), ("451", "E8003", 0), ("459", "E8027", 1), ("460", "-1", 1), ("464", "0", 1)],
)
def test_numbers_work_as_in_the_other_shape(
    simulator: Simulator, send: Send, order: dict[str, str], ending: str, code: str, moves: int
) -> None:
    answer = told(send(**order, phone=f"260955000{ending}"))
    assert (answer["ResultCode"], "TransactionID" in answer) == (code, code == "0")
    assert ledger(simulator)["count"] == moves


def test_credentials_are_checked(send: Send) -> None:
    assert told(send(password="wrong"))["ResultCode"] == "E8027"
    assert told(send(**PAYOUT, password="wrong"))["ResultCode"] == "2001"
    assert told(send(**PAYOUT, credential="wrong"))["ResultCode"] == "2001"


@pytest.mark.parametrize(
    "changes",
    [
        {"command": "QueryOrganizationBalance"}, {"timestamp": "now"}, {"currency": "USD"},
        {"identity": OPERATOR + SHOP}, {"command": PAYOUT["command"]},
    ],
)  # fmt: skip
def test_a_command_that_is_not_understood_is_a_fault(simulator: Simulator, send: Send, changes: dict[str, str]) -> None:
    assert is_fault(send(**changes))
    assert simulator.books.payments() == []


@pytest.mark.parametrize(
    "body",
    [
        b"", b"not xml", b"<x/>", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        ENVELOPE.replace("synccpsinterface/api_requestmgr", "cpsinterface/api_requestmgr").encode(),
    ],
)  # fmt: skip
def test_what_is_no_request_is_a_fault(simulator: Simulator, body: bytes) -> None:
    assert is_fault(call(simulator.url, "POST", PATH, body, HEADERS))


def test_the_headers_of_soap_are_wanted(simulator: Simulator) -> None:
    assert is_fault(call(simulator.url, "POST", PATH, ENVELOPE.encode(), {"SOAPAction": '""'}))
    assert is_fault(call(simulator.url, "POST", PATH, ENVELOPE.encode(), {"Content-Type": "text/xml"}))
    assert call(simulator.url, "GET", PATH).status == 404


def test_what_comes_in_is_written_out_as_text(send: Send) -> None:
    answer = told(send(reference="a&lt;b&gt;&amp;c"))
    assert answer["OriginatorConversationID"] == "a<b>&c"


def test_one_reference_charges_twice_over_both_shapes(simulator: Simulator, send: Send) -> None:
    query = "ThirdPartyID=SHOP_Caller&Password=p&Amount=150&Msisdn=260955000123&Shortcode=1&ConversationId=PGW01HZX7"
    send()
    call(simulator.url, "GET", f"/ZampayRest/Req?{query}")
    assert ledger(simulator)["doubles"] == {"PGW01HZX7": 2}


@pytest.mark.parametrize(
    ("switches", "is_taken"),
    [
        ({"answer": "error_500", "executes": "now"}, True),
        ({"answer": "empty_200", "executes": "now"}, True),
        ({"answer": "error_500", "executes": "never"}, False),
        ({"answer_code": "E7777", "executes": "now"}, True),
    ],
)
def test_faults_and_empty_answers_say_nothing_about_what_was_taken(
    simulator: Simulator, send: Send, faults: Any, switches: dict[str, str], *, is_taken: bool
) -> None:
    faults({"match": {"network": "zamtel", "operation": "transfer"}, "set": switches})
    assert b"<res:ResultCode>0<" not in send(**PAYOUT).body
    call(simulator.url, "POST", "/_control/clock", {"advance_seconds": 10})
    assert ledger(simulator)["count"] == is_taken
    assert told(send())["ResultCode"] == "0"


@pytest.mark.parametrize("match", [{"phone": "260955000123"}, {"reference": "PGW01HZX7"}, {"external_id": "INV1001"}])
def test_a_rule_finds_an_order_by_what_it_says(send: Send, faults: Any, match: dict[str, str]) -> None:
    faults({"match": match, "script": "reset_before_accepting", "times": 1})
    with pytest.raises(ConnectionError):
        send()
    assert told(send())["ResultCode"] == "0"


def test_the_password_is_not_remembered(simulator: Simulator, send: Send) -> None:
    send(**PAYOUT)
    seen = str(call(simulator.url, "GET", "/_control/requests").json()["requests"])
    assert "SHOP_Caller" in seen
    assert "secret-1" not in seen
    assert "secret-2" not in seen

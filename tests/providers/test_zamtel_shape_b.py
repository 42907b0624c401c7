"""Zamtel's shape B over real HTTP: the SOAP that goes out, and replies that are read without trust."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.base import Instruction, Kind, Operation, Outcome
from providers.http import HttpClient
from providers.zamtel import shape_b
from providers.zamtel.adapter import ZamtelAdapter
from providers.zamtel.shapes import Said
from tests.providers.raw_server import RawServer
from tests.providers.zamtel_world import REFERENCE, account_at, answers, body_b, first_line, headers_of, make_order

PATH = "/payment/services/SYNCAPIRequestMgrService/"
NAMES = {
    "soapenv": "http://schemas.xmlsoap.org/soap/envelope/",
    "api": "http://cps.huawei.com/synccpsinterface/api_requestmgr",
    "req": "http://cps.huawei.com/synccpsinterface/request",
    "com": "http://cps.huawei.com/synccpsinterface/common",
}
HOSTILE = "a b&amp;<req:Amount>1</req:Amount>{amount}%(command)s]]>é\"'ȘĀ"


@pytest.fixture
def exchange(client: HttpClient, raw_server: Any) -> Callable[..., tuple[Outcome, RawServer]]:
    """One order against a server that gives this reply; what came of it, and what the server saw."""

    def send(body: bytes, order: Instruction | None = None, **credentials: str) -> tuple[Outcome, RawServer]:
        server = raw_server(answers(body))
        account = account_at(server.url + PATH, shape="b", **credentials)
        return ZamtelAdapter(client=client).send(account, order or make_order()), server

    return send


def sent(server: RawServer) -> ET.Element:
    """The `api:Request` of the one message that the server saw."""
    assert len(server.requests) == 1
    envelope = ET.fromstring(server.requests[0].partition(b"\r\n\r\n")[2])  # noqa: S314 - our own
    request = envelope.find("soapenv:Body/api:Request", NAMES)
    assert request is not None
    return request


def text(request: ET.Element, path: str) -> str | None:
    return request.findtext(path, None, NAMES)


def leaves(element: ET.Element) -> list[tuple[str, str]]:
    """Each text in the order of the document, by its element's local name."""
    return [(each.tag.rpartition("}")[2], each.text or "") for each in element.iter() if not len(each)]


def test_a_collection_is_one_soap_message_to_the_whole_address(exchange: Any) -> None:
    _, server = exchange(body_b())
    assert first_line(server.requests[0]) == f"POST {PATH} HTTP/1.1"
    headers = headers_of(server.requests[0])
    assert (headers["content-type"], headers["soapaction"]) == ("text/xml; charset=utf-8", '""')
    assert (headers["connection"], headers["accept"]) == ("close", "text/xml")
    fields = dict(leaves(sent(server)))
    assert len(fields.pop("Timestamp")) == 14
    assert fields == {
        "Version": "1.0",
        "CommandID": "InitTrans_Customer Pay Organization Bill",
        "OriginatorConversationID": REFERENCE,
        "CallerType": "2",
        "ThirdPartyID": "SHOP_Caller",
        "Password": "caller-password-1",
        "KeyOwner": "1",
        "IdentifierType": "4",
        "Identifier": "000001",
        "Key": "BillReferenceNumber",
        "Value": REFERENCE,
        "Amount": "150",
        "Currency": "ZMW",
    }


def test_a_message_is_dated_in_zambian_time(exchange: Any) -> None:
    stamp = text(sent(exchange(body_b())[1]), "req:Header/req:Timestamp")
    assert stamp is not None
    written_at = datetime.strptime(f"{stamp}+0200", "%Y%m%d%H%M%S%z")
    assert abs(datetime.now(UTC) - written_at) < timedelta(minutes=1)


def test_in_a_collection_the_payer_begins_and_the_shop_receives(exchange: Any) -> None:
    identity = sent(exchange(body_b())[1]).find("req:Body/req:Identity", NAMES)
    assert identity is not None
    assert [leaves(party) for party in identity] == [
        [("IdentifierType", "1"), ("Identifier", "260955000123")],
        [("IdentifierType", "4"), ("Identifier", "000001")],
    ]


def test_in_a_payout_the_operator_begins_and_the_wallet_receives(exchange: Any) -> None:
    request = sent(exchange(body_b(), make_order(Operation.TRANSFER))[1])
    assert text(request, "req:Header/req:CommandID") == "InitTrans_B2CTransfer"
    identity = request.find("req:Body/req:Identity", NAMES)
    assert identity is not None
    assert [leaves(party) for party in identity] == [
        [
            ("IdentifierType", "11"),
            ("Identifier", "shop-operator"),
            ("SecurityCredential", "operator-credential-1"),
            ("ShortCode", "000001"),
        ],
        [("IdentifierType", "1"), ("Identifier", "260955000123")],
    ]
    parameters = request.find("req:Body/req:TransactionRequest/req:Parameters", NAMES)
    assert parameters is not None
    assert leaves(parameters) == [("Amount", "150"), ("Currency", "ZMW")]


@pytest.mark.parametrize("name", ["third_party_id", "password", "shortcode", "initiator", "initiator_credential"])
def test_hostile_credentials_arrive_as_they_are_and_change_nothing_else(exchange: Any, name: str) -> None:
    plain = leaves(sent(exchange(body_b(), make_order(Operation.TRANSFER))[1]))
    hostile = leaves(sent(exchange(body_b(), make_order(Operation.TRANSFER), **{name: HOSTILE})[1]))
    assert [field for field, _ in hostile] == [field for field, _ in plain]
    changed = {new for old, new in zip(plain, hostile, strict=True) if old != new and old[0] != "Timestamp"}
    assert {value for _, value in changed} == {HOSTILE}


def test_success_brings_zamtels_own_reference(exchange: Any) -> None:
    outcome, _ = exchange(body_b())
    assert (outcome.kind, outcome.provider_code, outcome.provider_reference) == (Kind.SUCCEEDED, "0", "000000239999")


def test_namespaces_of_a_reply_do_not_matter() -> None:
    assert shape_b.said(b"<Result><ResultCode> 2006 </ResultCode></Result>") == Said("2006")
    assert shape_b.said(b'<x:R xmlns:x="urn:other"><x:ResultCode>0</x:ResultCode></x:R>') == Said("0")
    assert shape_b.said(b"\xef\xbb\xbf<R><ResultCode>0</ResultCode><TransactionID>7</TransactionID></R>").code == "0"


FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode>'
    b"<faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>"
)
ACKNOWLEDGED = (
    b'<api:Response xmlns:api="urn:a"><ResponseCode>0</ResponseCode>'
    b"<ResponseDesc>Accept the service request successfully.</ResponseDesc>"
    b"<ServiceStatus>0</ServiceStatus></api:Response>"
)
BOMB = b'<!DOCTYPE r [<!ENTITY a "0"><!ENTITY b "&a;">]><r><ResultCode>&b;</ResultCode></r>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"OK",
        b'{"status":"0"}',
        b"<html><body>0</body></html>",
        b"<ResultCode>0",
        b"<r><ResultCode>0</ResultCode>",
        b"<r><ResultCode/></r>",
        b"<r><ResultCode>0</ResultCode><ResultCode>2006</ResultCode></r>",
        b"<r><ResultCode>0</ResultCode></r><r/>",
        b"<r><ResultCode><b>0</b></ResultCode></r>",
        FAULT,
        FAULT.replace(b"<faultstring>", b"<ResultCode>0</ResultCode><faultstring>"),
        ACKNOWLEDGED,
        BOMB,
        BOMB.decode().encode("utf-16"),
        b'<!DOCTYPE r SYSTEM "file:///etc/hostname"><r><ResultCode>0</ResultCode></r>',
        b'<?xml version="1.0" encoding="utf-16"?>\xff\xfe<r/>',
        b"<r><ResultCode>0</ResultCode>\0</r>",
        b"\xe9<r/>",
        b"<a>" * 200_000,
    ],
)
def test_what_is_no_clear_reply_says_nothing(exchange: Any, body: bytes) -> None:
    outcome, server = exchange(body)
    assert (outcome.kind, outcome.code, outcome.trouble) == (Kind.UNKNOWN, "", True)
    assert len(server.requests) == 1


def test_a_deep_reply_is_no_danger(exchange: Any) -> None:
    outcome, _ = exchange(b"<a>" * 100_000 + b"<ResultCode>0</ResultCode>" + b"</a>" * 100_000)
    assert outcome.kind is Kind.SUCCEEDED


@pytest.mark.parametrize("code", ["0", "2006", "2001", "E8003"])
def test_an_answer_about_another_order_is_not_believed(exchange: Any, code: str) -> None:
    outcome, _ = exchange(body_b(code, reference="NSOMEBODYELSE"))
    assert (outcome.kind, outcome.alarm, outcome.provider_reference) == (Kind.UNKNOWN, True, "")


def test_a_second_word_about_the_transaction_leaves_it_without_a_reference() -> None:
    said = shape_b.said(body_b(more="<TransactionID>1</TransactionID>"))
    assert (said.code, said.provider_reference) == ("0", "")

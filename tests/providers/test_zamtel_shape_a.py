"""Zamtel's shape A over real HTTP: the address that goes out, and the odd JSON that comes back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from providers.base import Instruction, Kind, Operation, Outcome
from providers.http import HttpClient
from providers.zamtel import shape_a
from providers.zamtel.adapter import ZamtelAdapter
from providers.zamtel.shapes import Said
from tests.providers.raw_server import RawServer
from tests.providers.zamtel_world import (
    REFERENCE,
    account_at,
    answers,
    body_a,
    first_line,
    headers_of,
    make_order,
)

HOSTILE = "a b&Amount=1%26+#?/é€\"<>'=[ȘĀ]"


@pytest.fixture
def exchange(client: HttpClient, raw_server: Any) -> Callable[..., tuple[Outcome, RawServer]]:
    """One order against a server that gives this answer; what came of it, and what the server saw."""

    def send(body: bytes, order: Instruction | None = None, **credentials: str) -> tuple[Outcome, RawServer]:
        server = raw_server(answers(body))
        account = account_at(f"{server.url}/ZampayRestProd", **credentials)
        return ZamtelAdapter(client=client).send(account, order or make_order()), server

    return send


def sent(server: RawServer) -> tuple[str, dict[str, list[str]]]:
    method, target, _ = first_line(server.requests[0]).split(" ")
    assert method == "GET"
    parts = urlsplit(target)
    return parts.path, parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)


def test_a_collection_is_one_get_with_the_documented_names(exchange: Any) -> None:
    _, server = exchange(body_a())
    assert sent(server) == (
        "/ZampayRestProd/Req",
        {
            "ThirdPartyID": ["SHOP_Caller"],
            "Password": ["caller-password-1"],
            "Amount": ["150"],
            "Msisdn": ["260955000123"],
            "Shortcode": ["000001"],
            "ConversationId": [REFERENCE],
        },
    )
    assert len(server.requests) == 1


def test_a_payout_names_its_initiator_as_well(exchange: Any) -> None:
    _, server = exchange(body_a(), make_order(Operation.TRANSFER))
    path, query = sent(server)
    assert path == "/ZampayRestProd/B2CReq"
    assert (query["identifier"], query["credential"]) == (["shop-operator"], ["operator-credential-1"])
    assert len(query) == 8


def test_a_collection_never_carries_the_initiator(exchange: Any) -> None:
    _, server = exchange(body_a())
    assert b"operator" not in server.requests[0]


def test_an_order_travels_on_a_connection_of_its_own_and_past_every_cache(exchange: Any) -> None:
    _, server = exchange(body_a())
    headers = headers_of(server.requests[0])
    assert (headers["connection"], headers["cache-control"]) == ("close", "no-store")
    assert server.requests[0].endswith(b"\r\n\r\n")


def test_a_slash_at_the_end_of_the_base_address_is_not_doubled(client: HttpClient, raw_server: Any) -> None:
    server = raw_server(answers(body_a()))
    ZamtelAdapter(client=client).send(account_at(f"{server.url}/ZampayRest/"), make_order())
    assert sent(server)[0] == "/ZampayRest/Req"


@pytest.mark.parametrize("name", ["third_party_id", "password", "shortcode", "initiator", "initiator_credential"])
def test_hostile_credentials_arrive_as_they_are_and_change_nothing_else(exchange: Any, name: str) -> None:
    _, server = exchange(body_a(), make_order(Operation.TRANSFER), **{name: HOSTILE})
    _, query = sent(server)
    ours = shape_a.FIELDS[Operation.TRANSFER]
    assert [ours[field] for field, values in query.items() if values == [HOSTILE]] == [name]
    assert (query["Amount"], len(query)) == (["150"], 8)


def test_a_space_is_never_written_as_a_plus(exchange: Any) -> None:
    _, server = exchange(body_a(), password="two words+more")
    assert "Password=two%20words%2Bmore&" in first_line(server.requests[0])


@pytest.mark.parametrize(
    ("amount", "text"),
    [("150.00", "150"), ("150", "150"), ("150.5", "150.50"), ("150.50", "150.50"), ("0.01", "0.01"),
     ("100", "100"), ("1E+2", "100"), ("999999999999999999.99", "999999999999999999.99"), ("1.005", "1.005")],
)  # fmt: skip
def test_an_amount_is_plain_decimal_text_and_never_rounded(exchange: Any, amount: str, text: str) -> None:
    _, server = exchange(body_a(), make_order(amount=Decimal(amount)))
    assert sent(server)[1]["Amount"] == [text]


def test_success_brings_zamtels_own_reference(exchange: Any) -> None:
    outcome, _ = exchange(body_a())
    assert (outcome.kind, outcome.provider_code, outcome.provider_reference) == (Kind.SUCCEEDED, "0", "000000239999")
    assert (outcome.amount, outcome.currency, outcome.phone) == (None, "", "")
    assert [each.operation for each in outcome.exchanges] == [Operation.COLLECT]


def test_a_status_code_stands_in_for_a_status_that_is_absent(exchange: Any) -> None:
    outcome, _ = exchange(b'{"StatusCode":"0","Transaction id":"77"}', make_order(Operation.TRANSFER))
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "77")


@pytest.mark.parametrize(
    "body",
    [
        b'{"status":"","StatusCode":"0"}',
        b'{"status":null,"StatusCode":"0"}',
        b'{"status":0}',
        b'{"status":0.0}',
        b'{"status":false}',
        b'{"status":["0"]}',
        b'{"status":{"code":"0"}}',
        b'{"Status":"0"}',
        b'[{"status":"0"}]',
        b'"0"',
        b"0",
        b"",
        b"OK",
        b'{"status":"0"',
        b'{"status":"0"} trailing',
        b"<html>0</html>",
        b"\xff\xfe",
        b"[" * 50_000,
    ],
)
def test_anything_but_a_code_as_text_says_nothing(exchange: Any, body: bytes) -> None:
    outcome, server = exchange(body)
    assert (outcome.kind, outcome.code, outcome.trouble) == (Kind.UNKNOWN, "", True)
    assert (outcome.provider_code, len(server.requests)) == ("HTTP 200", 1)


@pytest.mark.parametrize("code", ["00", "0.0", "+0", "O", "success", "Success", "200", "-0", "0 0"])
def test_only_zero_is_success(exchange: Any, code: str) -> None:
    outcome, _ = exchange(body_a(code))
    assert (outcome.kind, outcome.provider_code) == (Kind.UNKNOWN, code)


@pytest.mark.parametrize("code", ["0", "2006", "2001", "E8003"])
def test_an_answer_about_another_order_is_not_believed(exchange: Any, code: str) -> None:
    outcome, _ = exchange(body_a(code, **{"Conversation id": "NSOMEBODYELSE"}))
    assert (outcome.kind, outcome.alarm, outcome.provider_reference) == (Kind.UNKNOWN, True, "")


def test_an_answer_need_not_repeat_our_reference() -> None:
    assert shape_a.said(b'{"status":"0","TransactionId":"7"}') == Said("0", "", "7")
    assert shape_a.said(b'{"status":"0","Conversation id":12,"TransactionId":34}') == Said("0", "", "")

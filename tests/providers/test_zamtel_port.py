"""Zamtel as the port sees it: what it can do, what it never does, and what stops an order before it leaves."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from providers.base import (
    Account,
    CallbackProof,
    CallsBack,
    HolderStatus,
    Instruction,
    Kind,
    Operation,
    Outcome,
    Provider,
)  # fmt: skip
from providers.clock import steady_seconds
from providers.http import HttpClient
from providers.zamtel.adapter import ZamtelAdapter
from tests.providers.raw_server import RawServer, hang, reset
from tests.providers.zamtel_world import (
    CREDENTIALS,
    OUTWARD,
    account_at,
    answers,
    body_a,
    body_b,
    closed_port,
    first_line,
    headers_of,
    make_order,
)

ADAPTER: Provider = ZamtelAdapter()
COLLECTING = dict.fromkeys(("third_party_id", "password", "shortcode"), "x")
INITIATOR = dict.fromkeys(("initiator", "initiator_credential"), "x")


@pytest.fixture
def zamtel(client: HttpClient) -> ZamtelAdapter:
    return ZamtelAdapter(client=client)


@pytest.fixture
def server(raw_server: Any) -> RawServer:
    """It would carry out whatever reached it."""
    started: RawServer = raw_server(answers(body_a()))
    return started


@pytest.fixture
def refused(zamtel: ZamtelAdapter, server: RawServer) -> Callable[..., Outcome]:
    """The refusal of an order, of which not a byte reached the server."""

    def send(account: Account | None = None, order: Instruction | None = None) -> Outcome:
        outcome = zamtel.send(account or account_at(server.url), order or make_order())
        assert (outcome.kind, outcome.exchanges, server.requests) == (Kind.REFUSED, (), [])
        return outcome

    return send


# --- what it can do


def test_collecting_needs_the_caller_and_paying_out_the_initiator_too() -> None:
    assert ADAPTER.operations({}) == frozenset()
    assert ADAPTER.operations(INITIATOR) == frozenset()
    assert ADAPTER.operations(COLLECTING) == {Operation.COLLECT}
    assert ADAPTER.operations(COLLECTING | {"initiator": "x"}) == {Operation.COLLECT}
    assert ADAPTER.operations(COLLECTING | {"initiator": "x", "initiator_credential": ""}) == {Operation.COLLECT}
    assert ADAPTER.operations(COLLECTING | INITIATOR) == {Operation.COLLECT, Operation.TRANSFER}


def test_an_account_is_named_by_its_caller_and_its_short_code() -> None:
    assert set(ADAPTER.required_credentials) == COLLECTING.keys()
    assert set(ADAPTER.optional_credentials) == INITIATOR.keys() | {"shape"}
    assert ADAPTER.identity_credentials == ("third_party_id", "shortcode")


def test_money_goes_back_by_a_payout() -> None:
    assert {ADAPTER.refund_operation(is_partial=partial) for partial in (True, False)} == {Operation.TRANSFER}


def test_nothing_is_ever_sent_twice_or_asked_about_or_called_back() -> None:
    assert not any(
        ADAPTER.refuses_duplicates(operation) or ADAPTER.answers_lookups(operation) for operation in Operation
    )
    assert (ADAPTER.calls_back, ADAPTER.echoes_amounts) == (CallsBack.NEVER, False)
    assert ADAPTER.prove_callback(CREDENTIALS, b"{}") is CallbackProof.NONE
    with pytest.raises(ValueError, match="calls nobody back"):
        ADAPTER.read_callback(body_a())


def test_references_are_short_plain_and_never_the_same() -> None:
    references = {ADAPTER.new_reference() for _ in range(2000)}
    assert len(references) == 2000
    assert all(re.fullmatch(r"N[A-Z2-7]{23}", reference) for reference in references)


@pytest.mark.parametrize("operation", Operation)
def test_a_lookup_makes_no_call_and_says_who_can_settle_it(
    zamtel: ZamtelAdapter, server: RawServer, operation: Operation
) -> None:
    outcome = zamtel.lookup(account_at(server.url), operation, "NANY")
    assert (outcome.kind, outcome.alarm, outcome.trouble, outcome.exchanges) == (Kind.UNKNOWN, True, False, ())
    assert "answers no enquiries" in outcome.message
    assert "statement" in outcome.message
    assert "two people" in outcome.message
    assert server.requests == []


def test_what_zamtel_does_not_tell_is_not_asked(zamtel: ZamtelAdapter, server: RawServer) -> None:
    account = account_at(server.url)
    assert zamtel.account_holder(account, "260955000123") is HolderStatus.UNKNOWN
    assert zamtel.balance(account, Operation.TRANSFER) is None
    assert server.requests == []


@pytest.mark.parametrize("body", [body_a(), body_a("2006"), body_b(), b""])
def test_an_answer_to_an_order_is_no_report_of_a_lookup(body: bytes) -> None:
    assert [ADAPTER.read_report(operation, body) for operation in Operation] == [None, None, None]


# --- what stops an order


@pytest.mark.parametrize("name", ["third_party_id", "password", "shortcode"])
@pytest.mark.parametrize("value", ["", "line\nbreak", "nul\0", "half \ud800"])
def test_a_credential_that_is_missing_or_cannot_be_sent_is_refused_by_name(
    refused: Any, server: RawServer, name: str, value: str
) -> None:
    for operation in OUTWARD:
        outcome = refused(account_at(server.url, **{name: value}), make_order(operation))
        assert (outcome.code, outcome.alarm, outcome.retry_after_seconds) == ("credentials_rejected", True, None)
        assert name in outcome.message


def test_a_payout_without_an_initiator_is_refused_while_a_collection_goes_out(
    refused: Any, zamtel: ZamtelAdapter, server: RawServer
) -> None:
    account = account_at(server.url, initiator="", initiator_credential="half \ud800")
    outcome = refused(account, make_order(Operation.TRANSFER))
    assert "initiator, initiator_credential" in outcome.message
    assert zamtel.send(account, make_order()).kind is Kind.SUCCEEDED


def test_a_refund_is_refused(refused: Any) -> None:
    assert refused(order=make_order(Operation.REFUND)).code == "provider_rejected"


@pytest.mark.parametrize("currency", ["EUR", "zmw", ""])
def test_another_currency_is_refused(refused: Any, currency: str) -> None:
    assert refused(order=make_order(currency=currency)).code == "currency_not_supported"


@pytest.mark.parametrize("shape", ["c", "A", " a"])
def test_a_shape_that_does_not_exist_is_refused(refused: Any, server: RawServer, shape: str) -> None:
    outcome = refused(account_at(server.url, shape=shape))
    assert (outcome.code, outcome.alarm) == ("credentials_rejected", True)


def test_what_is_late_is_not_sent_and_may_be_planned_anew(refused: Any) -> None:
    outcome = refused(order=make_order(send_before=steady_seconds() - 0.001))
    assert (outcome.code, outcome.retry_safe, outcome.low_trust) == ("provider_error", True, False)
    assert (outcome.retry_after_seconds, outcome.trouble) == (0.0, False)


def test_what_is_in_time_is_sent(zamtel: ZamtelAdapter, server: RawServer) -> None:
    order = make_order(send_before=steady_seconds() + 60)
    assert zamtel.send(account_at(server.url), order).kind is Kind.SUCCEEDED


@pytest.mark.parametrize("shape", ["", "a"])
def test_shape_a_is_the_one_that_nobody_has_to_name(zamtel: ZamtelAdapter, server: RawServer, shape: str) -> None:
    assert zamtel.send(account_at(server.url, shape=shape), make_order()).kind is Kind.SUCCEEDED
    assert first_line(server.requests[0]).startswith("GET /Req?")


# --- the probe


@pytest.mark.parametrize("shape", ["a", "b"])
def test_a_probe_asks_the_bare_address_and_tells_no_secret(
    zamtel: ZamtelAdapter, server: RawServer, shape: str
) -> None:
    account = account_at(f"{server.url}/Zampay/", shape=shape)
    outcome = zamtel.probe(account, Operation.COLLECT)
    assert (outcome.kind, outcome.trouble, outcome.exchanges[0].operation) == (Kind.PENDING, False, "probe")
    assert [first_line(request) for request in server.requests] == ["GET /Zampay/ HTTP/1.1"]
    assert not any(value.encode() in server.requests[0] for value in CREDENTIALS.values())
    assert headers_of(server.requests[0])["connection"] == "close"


@pytest.mark.parametrize("status", [200, 301, 401, 404, 405, 429])
def test_any_answer_below_500_is_a_sign_of_life(zamtel: ZamtelAdapter, raw_server: Any, status: int) -> None:
    outcome = zamtel.probe(account_at(raw_server(answers(b"x", status)).url), Operation.COLLECT)
    assert (outcome.kind, outcome.trouble, outcome.provider_code) == (Kind.PENDING, False, f"HTTP {status}")


@pytest.mark.parametrize("behaviour", [answers(b"", 500), answers(b"", 503), hang, reset])
def test_anything_else_is_none(zamtel: ZamtelAdapter, raw_server: Any, behaviour: Any) -> None:
    outcome = zamtel.probe(account_at(raw_server(behaviour).url), Operation.TRANSFER)
    assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)


def test_a_closed_door_is_none_either(zamtel: ZamtelAdapter) -> None:
    outcome = zamtel.probe(account_at(f"http://127.0.0.1:{closed_port()}"), Operation.COLLECT)
    assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)

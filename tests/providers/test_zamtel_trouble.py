"""Zamtel over a broken network: an order goes out at most once, and only what never left may be sent again."""

import socket
import threading
import time
from typing import Any

import pytest

from providers.base import Kind, Operation
from providers.http import HttpClient
from providers.zamtel.adapter import ZamtelAdapter
from tests.providers.raw_server import Behaviour, drip, hang, http_answer, reply, reset
from tests.providers.zamtel_world import (
    OUTWARD,
    account_at,
    answers,
    body_a,
    body_b,
    closed_port,
    first_line,
    make_order,
)

SHAPES = pytest.mark.parametrize(("shape", "body"), [("a", body_a()), ("b", body_b())], ids=["a", "b"])
EXECUTED_BUT = {
    "reset": reset,
    "hang": hang,
    "closed": reply(b""),
    "garbage": reply(b"garbage\r\n\r\n"),
    "headers only": reply(b"HTTP/1.1 200 OK\r\n"),
    "cut by length": reply(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n" + body_a()),
    "cut by chunk": reply(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n" + body_a()),
    "too long": reply(http_answer(200, b" " * 2_000_000 + body_a())),
    "slow": drip(http_answer(200, body_a()), pause_seconds=0.02),
    "bad gateway": answers(b"<html>", 502),
    "gateway timeout": answers(b"", 504),
    "busy": answers(b"", 503, "Retry-After: 0"),
    "too many": answers(b"", 429, "Retry-After: 0"),
    "unauthorised": answers(b"", 401),
    "no content": reply(b"HTTP/1.1 204 No Content\r\n\r\n"),
}


@pytest.fixture
def zamtel(client: HttpClient) -> ZamtelAdapter:
    return ZamtelAdapter(client=client)


@pytest.mark.parametrize("shape", ["a", "b"])
@pytest.mark.parametrize("behaviour", EXECUTED_BUT.values(), ids=EXECUTED_BUT)
def test_whatever_happens_after_the_order_left_is_unknown_and_it_left_once(
    zamtel: ZamtelAdapter, raw_server: Any, shape: str, behaviour: Behaviour
) -> None:
    server = raw_server(behaviour)
    outcome = zamtel.send(account_at(server.url, shape=shape), make_order())
    assert (outcome.kind, outcome.code, outcome.retry_after_seconds) == (Kind.UNKNOWN, "", None)
    assert (outcome.retry_safe, len(outcome.exchanges)) == (False, 1)
    time.sleep(0.05)
    assert len(server.requests) == 1


@SHAPES
@pytest.mark.parametrize("operation", OUTWARD)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_not_even_by_a_get(
    zamtel: ZamtelAdapter, raw_server: Any, shape: str, body: bytes, operation: Operation, status: int
) -> None:
    elsewhere = raw_server(answers(body))
    server = raw_server(answers(body, status, f"Location: {elsewhere.url}/Req"))
    outcome = zamtel.send(account_at(server.url, shape=shape), make_order(operation))
    assert (outcome.kind, outcome.alarm) == (Kind.UNKNOWN, True)
    assert (len(server.requests), elsewhere.requests) == (1, [])


@SHAPES
def test_a_refused_connection_means_that_nothing_can_have_arrived(
    zamtel: ZamtelAdapter, shape: str, body: bytes
) -> None:
    outcome = zamtel.send(account_at(f"http://127.0.0.1:{closed_port()}", shape=shape), make_order())
    assert (outcome.kind, outcome.code, outcome.low_trust) == (Kind.REFUSED, "provider_error", False)
    assert (outcome.retry_after_seconds, outcome.trouble) == (2.0, True)
    assert outcome.exchanges[0].error == "connection refused"


@pytest.mark.parametrize("url", ["http://[::1", "nonsense", "http://half\ud800.example"])
def test_an_impossible_address_is_refused_too(zamtel: ZamtelAdapter, url: str) -> None:
    for shape in ("a", "b"):
        assert zamtel.send(account_at(url, shape=shape), make_order()).kind is Kind.REFUSED


def test_two_orders_never_share_a_connection_that_the_server_may_close(zamtel: ZamtelAdapter) -> None:
    """A server that heeds `Connection: close`, as HTTP/1.1 asks of it."""
    accepted = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    accepted.append(connection.recv(65536))
                    connection.sendall(http_answer(200, body_a(), "Connection: close"))

        thread = threading.Thread(target=serve)
        thread.start()
        account = account_at(f"http://127.0.0.1:{listener.getsockname()[1]}")
        kinds = [zamtel.send(account, make_order()).kind for _ in range(2)]
        thread.join()
    assert kinds == [Kind.SUCCEEDED, Kind.SUCCEEDED]
    assert len(accepted) == 2


@SHAPES
def test_a_payer_who_takes_time_to_enter_the_pin_is_waited_for(
    zamtel: ZamtelAdapter, raw_server: Any, shape: str, body: bytes
) -> None:
    def think(connection: socket.socket, stopping: threading.Event) -> None:
        stopping.wait(0.15)
        connection.sendall(http_answer(200, body))

    server = raw_server(think)
    assert zamtel.send(account_at(server.url, shape=shape), make_order()).kind is Kind.SUCCEEDED
    assert len(server.requests) == 1


def test_a_payout_and_a_collection_go_to_addresses_of_their_own(zamtel: ZamtelAdapter, raw_server: Any) -> None:
    server = raw_server(answers(body_a()))
    outcomes = [zamtel.send(account_at(server.url), make_order(operation)) for operation in OUTWARD]
    assert [outcome.kind for outcome in outcomes] == [Kind.SUCCEEDED] * 2
    assert [first_line(request).partition("?")[0] for request in server.requests] == ["GET /Req", "GET /B2CReq"]

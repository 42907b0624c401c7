"""The simulator's own HTTP: what it reads from a connection, and how it ends one."""

import socket
from collections.abc import Iterator

import pytest

from providers.simulator.server import Simulator

GET = b"GET /_control/health HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def connection(simulator: Simulator) -> Iterator[socket.socket]:
    port = int(simulator.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=3) as connection:
        yield connection


def answer_to(connection: socket.socket, content: bytes) -> bytes:
    connection.sendall(content)
    return connection.recv(65536)


def is_closed(connection: socket.socket) -> bool:
    return connection.recv(1) == b""


def test_a_connection_serves_many_requests(connection: socket.socket) -> None:
    for _ in range(3):
        assert answer_to(connection, GET + b"\r\n").startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "content", [GET + b"Connection: close\r\n\r\n", b"GET /_control/health HTTP/1.0\r\n\r\n"], ids=["asked", "HTTP/1.0"]
)
def test_a_connection_is_closed_when_the_client_wants_no_more(connection: socket.socket, content: bytes) -> None:
    assert b"Connection: close" in answer_to(connection, content)
    assert is_closed(connection)


def test_a_body_is_asked_for_where_the_client_waits_for_that(connection: socket.socket) -> None:
    head = b"POST /_control/reset HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    assert answer_to(connection, head) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer_to(connection, b"{}").startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/2\r\n\r\n", b"400"),
        (GET + b"no colon\r\n\r\n", b"400"),
        (GET + b"Content-Length: -1\r\n\r\n", b"413"),
        (GET + b"Content-Length: 99999999\r\n\r\n", b"413"),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n", b"411"),
        (GET + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n", b"431"),
    ],
)
def test_what_is_no_proper_request_is_refused_and_the_connection_closed(
    connection: socket.socket, content: bytes, status: bytes
) -> None:
    assert answer_to(connection, content).split()[1] == status
    assert is_closed(connection)

"""The client under every misfortune of a network: what is certain, what is recorded, and how long it takes."""

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers import connections, http
from providers.base import Kind, Operation, Timeouts
from providers.http import Answer, HttpClient
from providers.mtn.adapter import MtnAdapter
from providers.recording import Request
from providers.simulator.server import Simulator
from tests.providers.raw_server import Behaviour, drip, hang, http_answer, reply, reset

TIMES = Timeouts(connect_seconds=2, read_seconds=2, total_seconds=4, token_seconds=4)
HASTY = Timeouts(connect_seconds=0.2, read_seconds=0.2, total_seconds=0.4, token_seconds=0.4)
OK = http_answer(200, b'{"ok":true}')


@pytest.fixture
def get(client: HttpClient, raw_server: Any) -> Callable[..., Answer]:
    def send(behaviour: Behaviour, method: str = "GET", timeouts: Timeouts = TIMES) -> Answer:
        url = raw_server(behaviour).url
        return client.send(Request("lookup", method, f"{url}/x", {}, b"{}" if method == "POST" else None), timeouts)

    return send


def send_to(client: HttpClient, url: str, *, timeouts: Timeouts = TIMES, **headers: str) -> Answer:
    return client.send(Request("lookup", "GET", url, headers), timeouts)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


# --- nothing was sent


def test_a_refused_connection_sent_nothing(client: HttpClient) -> None:
    answer = send_to(client, f"http://127.0.0.1:{closed_port()}/")
    assert (answer.sent, answer.status, answer.error) == (False, None, "connection refused")
    assert answer.exchange.error == "connection refused"


def test_an_unknown_name_sent_nothing(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    answer = send_to(client, "http://nowhere.invalid/")
    assert (answer.sent, answer.error) == (False, "host name not found")


def test_a_name_server_that_hangs_is_given_up_in_time(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(2) and [])
    started = time.monotonic()
    answer = send_to(client, "http://slow.invalid/", timeouts=HASTY)
    release.set()
    assert (answer.sent, answer.error) == (False, "connect timeout after 0.2 s")
    assert time.monotonic() - started < 1


def test_a_connection_that_is_never_accepted_sent_nothing(client: HttpClient) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]  # fill the backlog
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        answer = send_to(client, f"http://127.0.0.1:{port}/", timeouts=HASTY)
        for each in waiting:
            each.close()
    assert (answer.sent, answer.error) == (False, "connect timeout after 0.2 s")


def test_every_address_of_a_name_is_tried(client: HttpClient, raw_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(raw_server(reply(OK)).url.rpartition(":")[2])
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", each)) for each in (closed_port(), port)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    assert send_to(client, f"http://two.invalid:{port}/").status == 200


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://[::1", "http://" + "a" * 80 + ".example/", "ftp://h/"])
def test_an_impossible_address_sent_nothing(client: HttpClient, url: str) -> None:
    answer = send_to(client, url)
    assert (answer.sent, answer.status) == (False, None)
    assert answer.error


@pytest.mark.parametrize("value", ["two\r\nlines", "beyond latin-1: ȘĀ"])
def test_a_header_that_cannot_be_written_sent_nothing(client: HttpClient, raw_server: Any, value: str) -> None:
    server = raw_server(reply(OK))
    answer = send_to(client, server.url, Authorization=value)
    assert (answer.sent, server.requests) == (False, [])


def test_an_unreachable_network_sent_nothing(client: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(connections._BoundedConnection, "_open", fail)
    answer = send_to(client, "http://127.0.0.1:9/")
    assert (answer.sent, answer.error) == (False, "no connection")


# --- it may have been received


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_reset_after_the_request_may_hide_anything(get: Any, method: str) -> None:
    answer = get(reset, method)
    assert (answer.sent, answer.status, answer.error) == (True, None, "connection reset")


def test_a_connection_closed_without_an_answer_may_hide_anything(get: Any) -> None:
    assert (get(reply(b"")).sent, get(reply(b"")).error) == (True, "connection reset")


def test_silence_ends_with_a_read_timeout(get: Any) -> None:
    started = time.monotonic()
    answer = get(hang, timeouts=HASTY)
    assert (answer.sent, answer.error) == (True, "read timeout after 0.2 s")
    assert 0.15 < time.monotonic() - started < 0.8


@pytest.mark.parametrize(
    "content",
    [http_answer(200, b"x" * 400), b"HTTP/1.1 200 OK\r\n" + b"X-Slow: yes\r\n" * 40],
    ids=["body", "headers"],
)
def test_a_slow_drip_cannot_outlive_the_deadline(get: Any, content: bytes) -> None:
    started = time.monotonic()
    answer = get(drip(content, pause_seconds=0.02), timeouts=HASTY)
    assert (answer.sent, answer.error) == (True, "no complete answer after 0.4 s")
    assert time.monotonic() - started < 0.8


@pytest.mark.parametrize(
    "content",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_body_cut_short_is_an_error_even_with_a_status(get: Any, content: bytes) -> None:
    answer = get(reply(content))
    assert (answer.status, answer.sent) == (200, True)
    assert answer.error
    assert answer.exchange.status == 200


@pytest.mark.parametrize("content", [b"SSH-2.0-OpenSSH\r\n", b"\x00" * 64 + b"\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_something_that_is_not_http_is_an_error(get: Any, content: bytes) -> None:
    answer = get(reply(content))
    assert (answer.status, answer.sent) == (None, True)
    assert answer.error


@pytest.mark.parametrize(
    "content",
    [
        http_answer(200, b"x" * 2_000_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"8000\r\n" + b"x" * 0x8000 + b"\r\n") * 60,
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 60_000) for n in range(60)),
    ],
    ids=["length", "chunked", "headers"],
)
def test_an_oversized_answer_is_dropped_at_one_mebibyte(get: Any, content: bytes) -> None:
    answer = get(reply(content))
    assert (answer.sent, answer.error) == (True, "answer too long")
    assert len(answer.body) <= 1024 * 1024
    assert len(answer.exchange.response_body) <= 8 * 1024


# --- what is never done


def test_a_redirect_is_an_answer_and_not_followed(get: Any, raw_server: Any) -> None:
    elsewhere = raw_server(reply(OK))
    answer = get(reply(http_answer(302, b"", f"Location: {elsewhere.url}/")))
    assert (answer.status, elsewhere.requests) == (302, [])


def test_nothing_is_retried(client: HttpClient, raw_server: Any) -> None:
    for behaviour in (reset, reply(b""), reply(http_answer(503, b"", "Retry-After: 0"))):
        server = raw_server(behaviour)
        send_to(client, server.url)
        assert len(server.requests) == 1


def test_proxies_of_the_environment_are_ignored(
    client: HttpClient, raw_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    assert send_to(client, raw_server(reply(OK)).url).status == 200


def test_the_request_carries_our_name_no_cookie_and_no_compression(client: HttpClient, raw_server: Any) -> None:
    server = raw_server(reply(http_answer(200, b"", "Set-Cookie: a=b", "Connection: close")))
    send_to(client, server.url)
    send_to(client, server.url)
    head = server.requests[1].lower()
    assert b"user-agent: ndalama/" in head
    assert b"accept-encoding: identity" in head
    assert b"cookie" not in head
    assert b"python-requests" not in head


# --- connections


def test_calls_share_connections(simulator: Simulator, client: HttpClient) -> None:
    before = simulator._server.connections
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: send_to(client, f"{simulator.url}/v1_0/apiuser/x"), range(200)))
    assert simulator._server.connections - before <= 4


def test_a_connection_that_the_server_closed_in_the_meantime_is_replaced(client: HttpClient, raw_server: Any) -> None:
    server = raw_server(reply(OK))
    for _ in range(3):
        assert send_to(client, server.url).status == 200
        time.sleep(0.05)  # without it the next request may cross the server's FIN, which is a reset


def test_a_connection_idle_for_long_is_not_used_again(
    simulator: Simulator, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = simulator._server.connections
    send_to(client, simulator.url)
    monkeypatch.setattr(connections, "MAX_IDLE_SECONDS", 0.0)
    send_to(client, simulator.url)
    assert simulator._server.connections - before == 2


def test_a_short_deadline_does_not_spoil_the_connection_for_the_next_call(
    simulator: Simulator, client: HttpClient, faults: Any
) -> None:
    hasty = Timeouts(0.05, 0.05, 0.05)
    client.send(Request("lookup", "GET", f"{simulator.url}/v1_0/apiuser/x", {}), hasty)
    faults(answer_delay_seconds=0.1)
    assert send_to(client, f"{simulator.url}/v1_0/apiuser/x").status == 401


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_gets_a_client_of_its_own() -> None:
    parent = http.get_client()
    assert parent is http.get_client()
    child = os.fork()
    if child == 0:
        os._exit(0 if http.get_client() is not parent else 1)
    assert os.waitpid(child, 0)[1] == 0


# --- TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate and its key, for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = tmp_path / "server.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + signed.public_bytes(pem))
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    stopping = threading.Event()

    def serve() -> None:
        listener.settimeout(0.02)
        while not stopping.is_set():
            try:
                plain, _ = listener.accept()
            except TimeoutError:
                continue
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as connection:
                        connection.recv(65536)
                        connection.sendall(OK)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://localhost:{listener.getsockname()[1]}/"
    stopping.set()
    thread.join()
    listener.close()


def test_a_certificate_that_is_not_trusted_sent_nothing(client: HttpClient, tls_server: str) -> None:
    answer = send_to(client, tls_server)
    assert (answer.sent, answer.error) == (False, "TLS failure")


def test_a_trusted_certificate_is_spoken_to(certificate: Path, tls_server: str) -> None:
    client = HttpClient(ca_file=str(certificate))
    assert send_to(client, tls_server).body == b'{"ok":true}'
    client.close()


def test_a_handshake_that_hangs_sent_nothing(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = send_to(client, f"https://127.0.0.1:{listener.getsockname()[1]}/", timeouts=HASTY)
    assert (answer.sent, answer.error) == (False, "connect timeout after 0.2 s")


# --- as the adapter sees it


def test_the_adapter_refuses_when_nothing_was_sent(adapter: MtnAdapter, make_account: Any, make_request: Any) -> None:
    outcome = adapter.send(make_account(f"http://127.0.0.1:{closed_port()}"), make_request())
    assert (outcome.kind, outcome.code, outcome.retry_safe) == (Kind.REFUSED, "provider_error", True)


@pytest.mark.parametrize(
    "behaviour",
    [
        reset,
        hang,
        reply(b""),
        reply(b"garbage\r\n\r\n"),
        reply(http_answer(200, b"<html>hello</html>")),
        reply(http_answer(302, b"", "Location: http://127.0.0.1/")),
        reply(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{"),
        reply(http_answer(500, b"x" * 2_000_000)),
        reply(http_answer(500, b"[" * 50_000)),
        reply(http_answer(502, b"<html>")),
        reply(http_answer(504, b"")),
        drip(http_answer(202, b"x" * 100), pause_seconds=0.02),
    ],
)
def test_the_adapter_is_unsure_after_anything_doubtful(
    adapter: MtnAdapter, raw_server: Any, make_account: Any, make_request: Any, behaviour: Behaviour
) -> None:
    account = make_account(raw_server(behaviour).url)
    assert adapter.send(account, make_request()).kind is Kind.UNKNOWN
    assert adapter.lookup(account, Operation.COLLECT, make_request().reference).kind is Kind.UNKNOWN


def test_an_html_403_is_a_refusal_with_an_alarm(
    adapter: MtnAdapter, raw_server: Any, make_account: Any, make_request: Any
) -> None:
    account = make_account(raw_server(reply(http_answer(403, b"<html>403</html>"))).url)
    outcome = adapter.send(account, make_request())
    assert (outcome.kind, outcome.provider_code, outcome.alarm) == (Kind.REFUSED, "HTTP 403", True)


def test_an_error_page_that_echoes_our_secrets_is_recorded_without_them(
    adapter: MtnAdapter, raw_server: Any, make_account: Any, make_request: Any
) -> None:
    echo = b"<pre>Bearer raw-token, key api-key-0123456789, subscription-0123456789</pre>"
    account = make_account(raw_server(reply(http_answer(500, echo, "X-Echo: raw-token"))).url)
    exchange = adapter.send(account, make_request()).exchanges[-1]
    assert exchange.response_body == "<pre>Bearer [redacted], key [redacted], [redacted]</pre>"
    assert exchange.response_headers["x-echo"] == "[redacted]"

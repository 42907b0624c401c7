"""The world of the Airtel tests: a server whose answers a test writes, and accounts for it."""

import base64
import threading
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import orjson
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from providers.base import Account, Timeouts
from tests.providers.raw_server import Behaviour, http_answer, reply

PRIVATE_KEY: RSAPrivateKey = generate_private_key(65537, 1024)  # noqa: S505  the size of Airtel's own
PUBLIC_KEY = base64.b64encode(
    PRIVATE_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()

TOKEN = {"access_token": "UCcp1oToken0123456789", "expires_in": "180", "token_type": "bearer"}
KEY = {
    "data": {"key_id": 100, "key": PUBLIC_KEY, "valid_upto": "12-08-2099 21:29:26"},
    "status": {"response_code": "DP02010001001", "code": "200", "success": True},
}
IN_PROCESS = {
    "code": "200", "message": "SUCCESS", "result_code": "ESB000010", "response_code": "DP00800001006", "success": True,
}  # fmt: skip

# A machine that is busy may be slow; only where a server hangs is it given up on soon.
PATIENT = Timeouts(connect_seconds=10, read_seconds=10, total_seconds=10, token_seconds=10)
HASTY = Timeouts(connect_seconds=1, read_seconds=0.3, total_seconds=1, token_seconds=10)


def decrypt(text: str) -> bytes:
    return PRIVATE_KEY.decrypt(base64.b64decode(text), PKCS1v15())


def account_at(url: str, **credentials: str) -> Account:
    """An account without a public key of its own, unless one is given."""
    defaults = {
        "client_id": "c0ffee00-0000-4000-8000-000000000001",
        "client_secret": "client-secret-0123456789",
        "pin": "481632",
        "callback_secret": "a4f48f692d2b4df9acbad7dff60a32a6",
    }
    return Account("pa_1", url, defaults | credentials, PATIENT)


def hasty_account_at(url: str) -> Account:
    return replace(account_at(url), timeouts=HASTY)


def envelope(state: str = "", **status: Any) -> dict[str, Any]:
    """A body with a transaction in this state, and the envelope around it."""
    transaction = {"transaction": {"id": "N1", "status": state}} if state else None
    return ({"data": transaction} if transaction else {}) | ({"status": status} if status else {})


def json_answer(body: Any, status: int = 200, *headers: str) -> bytes:
    return http_answer(status, body if isinstance(body, bytes) else orjson.dumps(body), "Connection: close", *headers)


@dataclass(frozen=True, slots=True)
class Seen:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64


class ScriptedAirtel:
    """Signs everybody in and gives out a key, then answers each other request by the first behaviour left, or the last.

    Every token it mints is the first one with a number behind it.
    """

    def __init__(self, *behaviours: Behaviour) -> None:
        self.behaviours = list(behaviours)
        self.token: Behaviour | None = None
        self.key: Behaviour = reply(json_answer(KEY))
        self.seen: list[Seen] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False  # so that closing waits for all of them
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def paths(self) -> list[str]:
        return [each.path for each in self.seen]

    def behaviour_for(self, seen: Seen) -> Behaviour:
        with self._lock:
            self.seen.append(seen)
            if seen.path == "/auth/oauth2/token":
                minted = self.paths().count(seen.path)
                token = {**TOKEN, "access_token": f"{TOKEN['access_token']}-{minted}"}
                return self.token or reply(json_answer(token))
            if seen.path == "/v1/rsa/encryption-keys":
                return self.key
            return self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        world = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.close_connection = True
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    return
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                behaviour = world.behaviour_for(Seen(self.command, self.path, headers, body))
                try:
                    behaviour(self.connection, world._stopping)
                except OSError:
                    return  # the client left first, which is what some tests want

        return Handler

"""The one HTTP client of a process: pooled, bounded in time and size, and recording every call redacted.

It never retries, follows no redirect, keeps no cookie and reads no proxy from the environment: it speaks to
the transport of requests directly, because a `requests.Session` prepares (and unpacks) redirects even when
told not to follow them. What it adds is the one fact payments need after a failure: could we have been heard?

A kept-alive connection may have been closed by the server just as we write to it. The reset that follows
looks exactly like one from a server that died after reading us, so it counts as "may have been received".
The pool makes it rare (it drops connections that are readable or idle for long); a lookup settles the rest.
"""

import os
import ssl
import time
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from math import inf
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError, IncompleteRead, NameResolutionError, NewConnectionError

from providers.base import Exchange, Timeouts
from providers.connections import (
    CURRENT_CALL,
    AnswerTooLongError,
    BoundedAdapter,
    Call,
    Resolver,
    TooLateToSendError,
)
from providers.recording import Request, record

HOSTS = 64
CONNECTIONS_PER_HOST = 32
CHUNK_BYTES = 64 * 1024

TOO_LATE_TO_SEND = "too late to send"
# What to call a failure, by the first of its causes found here. Never str(error): it may quote the URL.
ERROR_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (NameResolutionError, "host name not found"),
    (ssl.SSLError, "TLS failure"),
    (ConnectionRefusedError, "connection refused"),
    (TimeoutError, "{phase} timeout after {seconds} s"),
    (NewConnectionError, "no connection"),
    (AnswerTooLongError, "answer too long"),
    (TooLateToSendError, TOO_LATE_TO_SEND),
    (IncompleteRead, "answer cut short"),
    (ConnectionError, "connection reset"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call. Only an answer with no `error` was read to its end and may be interpreted."""

    status: int | None
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    sent: bool  # False: certainly not one byte left us, so nothing can have happened
    error: str
    exchange: Exchange

    @property
    def is_too_late(self) -> bool:
        """Nothing was sent, because connecting took until after Instruction.send_before."""
        return self.error == TOO_LATE_TO_SEND


class HttpClient:
    """Thread-safe. One per process is enough for all providers and merchants: see `get_client`."""

    def __init__(self, *, ca_file: str | None = None) -> None:
        self._resolver = Resolver()
        self._verify: bool | str = ca_file or True
        self._transport = BoundedAdapter(hosts=HOSTS, connections_per_host=CONNECTIONS_PER_HOST)

    def send(self, request: Request, timeouts: Timeouts, *, send_before: float = inf) -> Answer:
        """Make one HTTP call. Never raises for network trouble; the answer says what is certain.

        send_before: by providers.clock; not a byte leaves after it.
        """
        started_at, started = datetime.now(UTC), time.monotonic()
        call = Call.begin(timeouts, self._resolver, send_before=send_before)
        status, headers, body, error = None, {}, bytearray(), ""
        token = CURRENT_CALL.set(call)
        try:
            with self._open(request, timeouts) as response:
                status = response.status_code
                headers = {name.lower(): value for name, value in response.headers.items()}
                while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
                    body += chunk
        # ValueError: an address or a header that cannot be written; raised before anything is sent.
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as failure:
            error = _describe(failure, call)
        finally:
            CURRENT_CALL.reset(token)
        exchange = record(
            request,
            headers={**OWN_HEADERS, **request.headers},
            status=status,
            response_headers=headers,
            response_body=bytes(body),
            started_at=started_at,
            seconds=time.monotonic() - started,
            error=error,
        )
        return Answer(status, headers, bytes(body), call.sent, error, exchange)

    def close(self) -> None:
        self._transport.close()
        self._resolver.close()

    def _open(self, request: Request, timeouts: Timeouts) -> requests.Response:
        prepared = requests.Request(
            request.method, request.url, headers={**OWN_HEADERS, **request.headers}, data=request.body
        ).prepare()
        return self._transport.send(
            prepared,
            stream=True,
            timeout=(timeouts.connect_seconds, timeouts.read_seconds),
            verify=self._verify,
        )


def get_client() -> HttpClient:
    """The client of this process."""
    return _process_client[0]


def _describe(failure: BaseException, call: Call) -> str:
    if time.monotonic() >= call.deadline:
        return f"no complete answer after {call.timeouts.total_seconds} s"
    phase, seconds = ("read", call.timeouts.read_seconds) if call.sent else ("connect", call.timeouts.connect_seconds)
    for kind, words in ERROR_WORDS:
        if any(isinstance(cause, kind) for cause in _causes(failure)):
            return words.format(phase=phase, seconds=seconds)
    return f"{type(failure).__name__} {'after' if call.sent else 'before'} the request was sent"


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _version() -> str:
    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    return str(tomllib.loads(project.read_text())["project"]["version"])


# MTN's newer gateway answers an HTML 403 to the user agent "python-requests".
USER_AGENT = f"Ndalama/{_version()}"
# "identity": a compressed answer could unpack to any size.
OWN_HEADERS = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"}

_process_client = [HttpClient()]


def _renew_after_fork() -> None:
    """Two processes must never speak over one connection: a child starts with pools of its own."""
    _process_client[0] = HttpClient()


os.register_at_fork(after_in_child=_renew_after_fork)

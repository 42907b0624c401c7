"""Pooled connections that keep a hard deadline and know whether a byte of a request may have left us.

urllib3 keeps its timeouts per socket operation, so an answer that drips one byte a second never ends, and
its exceptions do not say whether the request had gone out. Both matter when the request moves money.
"""

import http.client
import io
import socket
import sys
import time
from collections.abc import Buffer
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from providers.base import Timeouts
from providers.clock import steady_seconds

# Gateways and load balancers close idle connections after a minute or more. Leaving first keeps the race
# "they close while we send" rare: its reset cannot be told from a request that arrived.
MAX_IDLE_SECONDS = 20.0
MAX_ANSWER_BYTES = 1024 * 1024  # status line, headers and body together

Address = tuple[Any, ...]


class AnswerTooLongError(OSError):
    """The answer went past MAX_ANSWER_BYTES."""


class TooLateToSendError(OSError):
    """Connecting took until after Instruction.send_before; nothing was sent."""


# getaddrinfo cannot be given a timeout, so it runs aside. Names are looked up for new connections only.
_RESOLVER_THREADS = 4


class Resolver:
    """Name resolution that gives up in time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")

    def addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        found: Future[list[Any]] = self._threads.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return found.result(timeout=seconds)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(slots=True)
class Call:
    """The bounds of one HTTP call and what is known of its progress."""

    timeouts: Timeouts
    resolver: Resolver
    deadline: float  # time.monotonic()
    send_before: float  # providers.clock.steady_seconds()
    sent: bool = False  # True from just before the first byte is handed to the system
    bytes_left: int = MAX_ANSWER_BYTES

    @classmethod
    def begin(cls, timeouts: Timeouts, resolver: Resolver, *, send_before: float) -> "Call":
        return cls(timeouts, resolver, deadline=time.monotonic() + timeouts.total_seconds, send_before=send_before)

    def within(self, seconds: float) -> float:
        """The shorter of `seconds` and the time left; raises TimeoutError when none is left."""
        left = min(seconds, self.deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


# urllib3 has no way to hand an object of the caller's to the connection that it picks from the pool.
CURRENT_CALL: ContextVar[Call] = ContextVar("current_call")


class _BoundedReader(io.RawIOBase):
    """A socket's bytes, each read bounded by the silence allowed, the call's deadline and the size cap."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, call: Call) -> None:
        self._raw, self._sock, self._call = raw, sock, call

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int | None:
        self._sock.settimeout(self._call.within(self._call.timeouts.read_seconds))
        count: int | None = self._raw.readinto(buffer)
        self._call.bytes_left -= count or 0
        if self._call.bytes_left < 0:
            raise AnswerTooLongError(f"answer over {MAX_ANSWER_BYTES} bytes")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw = self.fp.detach()
        self.fp = io.BufferedReader(_BoundedReader(raw, sock, CURRENT_CALL.get()))


class _BoundedConnection(HTTPConnection):
    """What both schemes share. `_new_conn` returns a connected socket, before any TLS handshake."""

    response_class = _BoundedResponse
    _used_at = 0.0

    def _new_conn(self) -> socket.socket:
        call = CURRENT_CALL.get()
        give_up_at = time.monotonic() + call.within(call.timeouts.connect_seconds)
        addresses = self._addresses(call.resolver, give_up_at - time.monotonic())
        error: OSError = TimeoutError("no time left to connect")
        for position, (family, kind, protocol, _, address) in enumerate(addresses):
            # A fair share each: a dead IPv6 route must not eat the time of the IPv4 address behind it.
            share = (give_up_at - time.monotonic()) / (len(addresses) - position)
            try:
                sock = self._open(family, kind, protocol, address, share)
            except OSError as failure:
                error = failure
            else:
                # What is left of the connect phase bounds the TLS handshake.
                sock.settimeout(max(give_up_at - time.monotonic(), 0.001))
                sys.audit("http.client.connect", self, self.host, self.port)
                return sock
        if isinstance(error, TimeoutError):
            raise ConnectTimeoutError(self, f"connecting to {self.host} timed out") from error
        raise NewConnectionError(self, f"cannot connect to {self.host}: {error}") from error

    def _addresses(self, resolver: Resolver, seconds: float) -> list[Address]:
        try:
            return resolver.addresses(self.host, self.port or 0, seconds)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"looking up {self.host} timed out") from error
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error

    def _open(self, family: int, kind: int, protocol: int, address: Any, seconds: float) -> socket.socket:
        if seconds <= 0:
            raise TimeoutError("no time left to connect")
        sock = socket.socket(family, kind, protocol)
        try:
            for option in self.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(seconds)
            sock.connect(address)
        except BaseException:
            sock.close()
            raise
        return sock

    def send(self, data: Any) -> None:
        """The only place where bytes of a request leave; http.client connects lazily in here."""
        if self.sock is None:
            self.connect()
        call = CURRENT_CALL.get()
        self.sock.settimeout(call.within(call.timeouts.read_seconds))
        if not call.sent and steady_seconds() > call.send_before:
            raise TooLateToSendError("too late to send")
        call.sent = True
        super().send(data)

    def getresponse(self) -> Any:
        self._used_at = time.monotonic()
        return super().getresponse()

    @property
    def is_connected(self) -> bool:
        """Asked by the pool before it reuses a connection: False makes it open a new one."""
        return super().is_connected and time.monotonic() - self._used_at < MAX_IDLE_SECONDS


class _BoundedTlsConnection(_BoundedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection


class BoundedAdapter(HTTPAdapter):
    """Gives requests pools of bounded connections, one pool per host, and never retries."""

    def __init__(self, *, hosts: int, connections_per_host: int) -> None:
        super().__init__(pool_connections=hosts, pool_maxsize=connections_per_host, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

"""The simulator's sockets: HTTP/1.1 over kept-alive connections, one thread each.

`http.server` reads headers with the parser for e-mail, which costs more than all the rest of a request here.
"""

import logging
import select
import socket
import socketserver
import struct
import sys
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from providers.simulator.clock import Clock
from providers.simulator.messages import Answer, Request, json_answer

MAX_LINE_BYTES = 64 * 1024
MAX_HEADERS = 100
MAX_BODY_BYTES = 1024 * 1024
IDLE_SECONDS = 75.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_REASONS = {status.value: status.phrase for status in HTTPStatus}

log = logging.getLogger(__name__)

# The request, and how many connections were opened so far, so that a client's reuse can be measured.
Application = Callable[[Request, int], Answer]


class BadRequest(Exception):
    """The bytes are no request that could be answered; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class HttpServer(socketserver.ThreadingTCPServer):
    """Knows its open connections, so that stopping leaves none behind."""

    allow_reuse_address = True
    daemon_threads = False  # server_close waits for them, which hang_up has made quick
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], application: Application, clock: Clock) -> None:
        self.application = application
        self.connections = 0
        self._clock, self._date = clock, (0, "")
        self._open: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def date(self) -> str:
        """The Date header's value, written anew once a second."""
        now = int(self._clock.now())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("a connection was closed by its client first")

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exception(), ConnectionError | TimeoutError):
            log.debug("the client %s went away", client_address)
        else:
            log.exception("a request could not be handled")


class _Connection(socketserver.StreamRequestHandler):
    server: HttpServer
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    rbufsize = 64 * 1024

    def handle(self) -> None:
        goes_on = True
        while goes_on:
            try:
                request, goes_on = self._read()
            except BadRequest as bad:
                self._send(json_answer(bad.status, {"error": _REASONS[bad.status].lower()}), keep=False)
                return
            if request is None:
                return
            answer = self.server.application(request, self.server.connections)
            if answer.ending:
                self._end(answer)
                return
            self._send(answer, keep=goes_on)

    def _read(self) -> tuple[Request | None, bool]:
        """The next request, or None at the end; and whether another may follow."""
        words = self._line().split(" ")
        if words == [""]:
            return None, False
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequest(400)
        headers = self._headers()
        path, _, query = words[1].partition("?")  # urlsplit would take "//x" for a host
        request = Request(
            method=words[0],
            path=path,
            query=dict(parse_qsl(query)) if query else {},
            headers=headers,
            body=self._body(headers),
        )
        connection = headers.get("connection", "").lower()
        return request, connection == "keep-alive" if words[2] == "HTTP/1.0" else connection != "close"

    def _line(self) -> str:
        line = self.rfile.readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES:
            raise BadRequest(431)
        return line.rstrip(b"\r\n").decode("latin-1")

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        while line := self._line():
            if len(headers) >= MAX_HEADERS:
                raise BadRequest(431)
            name, colon, value = line.partition(":")
            if not colon:
                raise BadRequest(400)
            headers[name.lower()] = value.strip()
        return headers

    def _body(self, headers: dict[str, str]) -> bytes:
        length = headers.get("content-length", "0")
        if "transfer-encoding" in headers:
            raise BadRequest(411)
        if not (length.isascii() and length.isdigit()) or int(length) > MAX_BODY_BYTES:
            raise BadRequest(413)
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self.rfile.read(int(length)) if length != "0" else b""

    def _send(self, answer: Answer, *, keep: bool) -> None:
        head = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}", "Server: NdalamaSimulator"]
        headers = {"Date": self.server.date(), **answer.headers, "Content-Length": str(len(answer.body))}
        if answer.content_type:
            headers["Content-Type"] = answer.content_type
        if not keep:
            headers["Connection"] = "close"
        head += [f"{name}: {value}" for name, value in headers.items()]
        # Head and body leave together.
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + answer.body)

    def _end(self, answer: Answer) -> None:
        """No answer: silence until the client leaves or the time is over, or a reset."""
        if answer.ending == "hang":
            poll = select.poll()
            poll.register(self.connection, select.POLLIN | select.POLLHUP)
            poll.poll(answer.hang_seconds * 1000)
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self.connection.close()  # before socketserver would end it politely

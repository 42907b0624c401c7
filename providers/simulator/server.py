"""The simulator's process: sockets, threads, start and stop."""

import json
import logging
import signal
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from providers.simulator.access import Access
from providers.simulator.accounts import Accounts
from providers.simulator.books import Books
from providers.simulator.callbacks import Callbacks
from providers.simulator.clock import Clock
from providers.simulator.control import PREFIX, ControlApi
from providers.simulator.faults import Faults
from providers.simulator.journal import Journal
from providers.simulator.messages import Answer, Request, json_answer
from providers.simulator.mtn import MtnApi
from providers.simulator.request_log import RequestLog
from providers.simulator.settlement import Settlement
from providers.simulator.timers import Timers

MAX_BODY_BYTES = 1024 * 1024
IDLE_SECONDS = 75.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

log = logging.getLogger(__name__)


class Simulator:
    """One simulated network with its HTTP server. Use as a context manager, or `start` and `stop`."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        script: str | Path | None = None,
        state: str | Path | None = None,
        fsync: bool = False,
    ) -> None:
        self.faults = Faults(seed)
        if script:
            self.faults.replace(json.loads(Path(script).read_text(encoding="utf-8")))
        self.books = Books(Journal(Path(state) if state else None, fsync=fsync))
        self.accounts, self.requests = Accounts(), RequestLog()
        self.timers, self.callbacks = Timers(), Callbacks()
        self.clock = Clock()
        self.settlement = Settlement(self.books, self.timers, self.callbacks, self.faults, self.clock)
        self.mtn = MtnApi(Access(self.accounts), self.books, self.settlement, self.faults)
        self.control = ControlApi(
            accounts=self.accounts,
            books=self.books,
            callbacks=self.callbacks,
            faults=self.faults,
            requests=self.requests,
            settlement=self.settlement,
            timers=self.timers,
        )
        self.stopping = threading.Event()
        self._server = _Server((host, port), self)
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="simulator", args=(0.05,))

    def start(self) -> None:
        self.settlement.resume()
        self._thread.start()

    def stop(self) -> None:
        """End every thread and close every socket; what was accepted stays in the journal."""
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self.timers.stop()
        self.callbacks.stop()
        self.books.close()

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, request: Request, connections: int) -> Answer:
        if request.path.startswith(PREFIX):
            return self.control.handle(request, connections)
        operation, answer = self.mtn.handle(request, self.stopping.wait)
        self.requests.add(operation, request, answer)
        return answer


def serve(
    *,
    host: str = "127.0.0.1",
    port: int = 8800,
    seed: int = 0,
    script: str | None = None,
    state: str | None = None,
    fsync: bool = False,
    ready: Callable[[str], object] = log.info,
) -> None:
    """Run until SIGTERM or Ctrl-C. `ready` is called with the URL as soon as requests are answered."""
    wanted = threading.Event()
    before = {each: signal.signal(each, lambda *_: wanted.set()) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Simulator(host=host, port=port, seed=seed, script=script, state=state, fsync=fsync) as simulator:
            ready(simulator.url)
            wanted.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping leaves none behind."""

    daemon_threads = False  # server_close waits for them, which hang_up has made quick
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        self.simulator = simulator
        self.connections = 0
        self._open: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer would look up its own host name, which takes seconds on a machine without DNS.
        socketserver.TCPServer.server_bind(self)

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
        if isinstance(sys.exception(), ConnectionError):
            log.debug("the client %s went away", client_address)
        else:
            log.exception("a request could not be handled")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "NdalamaSimulator"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            self._send(json_answer(413, {"error": "too large"}))
            return
        path, _, query = self.path.partition("?")  # urlsplit would take "//x" for a host
        request = Request(
            method=self.command,
            path=path,
            query=dict(parse_qsl(query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        self._send(self.server.simulator.answer(request, self.server.connections))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - names of the base class

    def _send(self, answer: Answer) -> None:
        if answer.ending:
            self._end(answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def _end(self, answer: Answer) -> None:
        self.close_connection = True
        if answer.ending == "hang":
            self.server.simulator.stopping.wait(answer.hang_seconds)
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        log.debug(format, *args)

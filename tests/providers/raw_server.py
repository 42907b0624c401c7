"""A server that speaks bytes, for everything that a proper HTTP server would never do."""

import socket
import struct
import threading
from collections.abc import Callable

Behaviour = Callable[[socket.socket, threading.Event], None]

TOKEN = b'{"access_token":"raw-token","expires_in":3600}'


def http_answer(status: int, body: bytes, *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def reply(content: bytes) -> Behaviour:
    return lambda connection, _: connection.sendall(content)


def hang(_: socket.socket, stopping: threading.Event) -> None:
    stopping.wait(10)


def reset(connection: socket.socket, _: threading.Event) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(content: bytes, *, pause_seconds: float) -> Behaviour:
    def behave(connection: socket.socket, stopping: threading.Event) -> None:
        for byte in content:
            connection.sendall(bytes([byte]))
            if stopping.wait(pause_seconds):
                return

    return behave


class RawServer:
    """Signs everybody in, then answers each other request by `behaviour` and closes the connection."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.requests: list[bytes] = []
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.02)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._workers: list[threading.Thread] = []
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in (self._thread, *self._workers):
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._workers.append(threading.Thread(target=self._serve, args=(connection,)))
            self._workers[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(2)
                request = _read_request(connection)
                self.requests.append(request)
                if b"/token/" in request.split(b"\r\n")[0]:
                    connection.sendall(http_answer(200, TOKEN, "Connection: close"))
                else:
                    self.behaviour(connection, self._stopping)
            except OSError:
                return  # the client left first, which is what some tests want


def _read_request(connection: socket.socket) -> bytes:
    content = b""
    while b"\r\n\r\n" not in content:
        content += connection.recv(65536)
    head, _, body = content.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body

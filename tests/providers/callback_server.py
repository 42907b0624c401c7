"""A merchant-side address that takes callbacks and remembers them."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class CallbackServer:
    def __init__(self) -> None:
        self.received: list[tuple[str, str, bytes]] = []
        self._arrived = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer._arrived:
                    outer.received.append((self.command, self.path, body))
                    outer._arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PUT = do_POST = _take  # noqa: N815 - names of the base class

            def log_message(self, *_: Any) -> None:
                return

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def wait_for(self, count: int) -> list[tuple[str, str, bytes]]:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, timeout=3)
            return list(self.received)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

"""Sending callbacks over real HTTP, and remembering what became of them."""

import http.client
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 5.0
SENDERS = 8
REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Message:
    """One callback as it goes out."""

    method: str
    url: str
    body: bytes


class Callbacks:
    """Each callback is tried once: MTN's current documentation promises no retry, and Airtel's is silent."""

    def __init__(self) -> None:
        self._senders = ThreadPoolExecutor(SENDERS, thread_name_prefix="callback")
        self._sent: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)

    def send_later(self, message: Message) -> None:
        self._senders.submit(self.send, message)

    def send(self, message: Message) -> dict[str, Any]:
        """Send it now. The result has `status`, or `error` where there was no answer."""
        result: dict[str, Any] = {"at": time.time(), "method": message.method, "url": message.url}
        result |= {"status": None, "error": ""}
        try:
            result["status"] = _request(message)
        except (OSError, http.client.HTTPException, ValueError) as error:
            result["error"] = f"{type(error).__name__}: {error}"
        self._sent.append(result)
        return result

    def sent(self) -> list[dict[str, Any]]:
        return list(self._sent)

    def clear(self) -> None:
        self._sent.clear()

    def stop(self) -> None:
        self._senders.shutdown(wait=True, cancel_futures=True)


def _request(message: Message) -> int:
    parts = urlsplit(message.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not an http(s) URL: {message.url!r}")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection.request(message.method, target, message.body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()

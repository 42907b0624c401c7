"""What the simulator was asked."""

import threading
import time
from collections import Counter, deque
from typing import Any

from providers.simulator.messages import Answer, Request

REMEMBERED_REQUESTS = 1000
HIDDEN_HEADERS = frozenset({"authorization", "ocp-apim-subscription-key"})


class RequestLog:
    """The last requests to MTN's addresses, without secrets, and how many of each operation there were."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=REMEMBERED_REQUESTS)
        self._counts: Counter[str] = Counter()

    def add(self, operation: str, request: Request, answer: Answer) -> None:
        entry = {
            "at": time.time(),
            "operation": operation,
            "method": request.method,
            "path": request.path,
            "headers": {name: "…" if name in HIDDEN_HEADERS else value for name, value in request.headers.items()},
            "body": request.body.decode("utf-8", "replace"),
            "answer": answer.ending or answer.status,
        }
        with self._lock:
            self._counts[operation] += 1
            self._entries.append(entry)

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._counts.clear()

"""What the simulator was asked."""

import re
import threading
from collections import Counter, deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

from providers.simulator.clock import Clock
from providers.simulator.messages import Answer, Request

REMEMBERED_REQUESTS = 1000
HIDDEN_HEADERS = frozenset({"authorization", "ocp-apim-subscription-key"})
HIDDEN_PARAMETERS = frozenset({"password", "credential"})
_SECRETS = re.compile(r'("(?:client_secret|pin)"\s*:\s*"|<(?:\w+:)?(?:Password|SecurityCredential)>)[^"<]*')


@dataclass(frozen=True, slots=True)
class Seen:
    """One request and its answer, written out only when somebody asks."""

    at: float
    operation: str
    request: Request
    answer: Answer
    network: str

    def as_json(self) -> dict[str, Any]:
        headers, query = self.request.headers.items(), self.request.query.items()
        return {
            "at": self.at,
            "network": self.network,
            "operation": self.operation,
            "method": self.request.method,
            "path": self.request.path,
            "query": {name: "…" if name.lower() in HIDDEN_PARAMETERS else value for name, value in query},
            "headers": {name: "…" if name in HIDDEN_HEADERS else value for name, value in headers},
            "body": _SECRETS.sub(r"\1…", self.request.body.decode("utf-8", "replace")),
            "answer": self.answer.ending or self.answer.status,
        }


class RequestLog:
    """The last requests to the networks' addresses, without secrets, and how many of each operation there were."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._lock = threading.Lock()
        self._seen: deque[Seen] = deque(maxlen=REMEMBERED_REQUESTS)
        self._counts: Counter[str] = Counter()

    def add(self, operation: str, request: Request, answer: Answer, *, network: str) -> None:
        with self._lock:
            self._counts[operation] += 1
            self._seen.append(Seen(self._clock.now(), operation, request, answer, network))

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            seen = list(self._seen)
        return [each.as_json() for each in seen]

    def latest(self, count: int, network: str = "") -> list[Seen]:
        """The newest first, to one network or to all."""
        with self._lock:
            return list(islice((each for each in reversed(self._seen) if network in {"", each.network}), count))

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()
            self._counts.clear()

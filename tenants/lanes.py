"""Bulkheads: a provider that hangs may hold some threads of a worker, never all of them.

Counted per process, because the threads are the process's own. A job without a lane calls nobody and always runs.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings


class Lanes:
    """How many threads each provider, and each merchant at a provider, holds now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Counter[str] = Counter()

    def full(self) -> list[str]:
        """Lanes that take no more jobs: `mtn` for everybody, or `mtn:7` for one merchant."""
        with self._lock:
            return [lane for lane, held in self._held.items() if held >= _most(lane)]

    @contextmanager
    def entered(self, lane: str, tenant_id: int) -> Iterator[bool]:
        """Hold a place while the block runs. False: there was none, and the job has to wait."""
        lanes = [lane, f"{lane}:{tenant_id}"] if lane else []
        with self._lock:
            has_place = all(self._held[each] < _most(each) for each in lanes)
            if has_place:
                self._held.update(lanes)
        try:
            yield has_place
        finally:
            if has_place:
                with self._lock:
                    self._held.subtract(lanes)
                    self._held += Counter()  # drops what is at zero


def _most(lane: str) -> int:
    """A provider may hold three quarters of the threads, or all of a worker of its own; one merchant of it a half."""
    threads: int = settings.WORKER_THREADS
    if ":" in lane:
        return max(1, threads // 2)
    return threads if lane in settings.SLOW_PROVIDERS else max(1, threads * 3 // 4)


lanes = Lanes()

"""One thread that runs things later: a payer's PIN, a late execution, a delayed callback."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable

from providers.simulator.clock import Clock

log = logging.getLogger(__name__)

Action = Callable[[], object]


class Timers:
    """Actions must be short; whatever waits for a network belongs elsewhere."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._due: list[tuple[float, int, Action]] = []
        self._order = itertools.count()  # actions of the same instant run in the order of their making
        self._changed = threading.Condition()
        self._stopped = self._busy = False
        self._due_at = 0.0  # of the action that runs
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, action: Action) -> None:
        """From now; inside an action, from when that was due, so that a skipped hour plays as it would have."""
        with self._changed:
            inside = threading.current_thread() is self._thread
            begin = self._due_at if inside else self._clock.monotonic()
            heapq.heappush(self._due, (begin + seconds, next(self._order), action))
            self._changed.notify_all()

    def catch_up(self, *, within_seconds: float = 10.0) -> bool:
        """Return once everything that is due by now has run; False if that took too long."""
        with self._changed:
            self._changed.notify_all()
            return self._changed.wait_for(self._is_idle, within_seconds)

    def clear(self) -> None:
        with self._changed:
            self._due.clear()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while (action := self._next()) is not None:
            try:
                action()
            except Exception:
                log.exception("a timed action failed")

    def _is_idle(self) -> bool:
        return not self._busy and not (self._due and self._due[0][0] <= self._clock.monotonic())

    def _next(self) -> Action | None:
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while not self._stopped:
                wait = self._due[0][0] - self._clock.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy = True
                    self._due_at, _, action = heapq.heappop(self._due)
                    return action
                self._changed.wait(wait)
            return None

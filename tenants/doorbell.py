"""Tells the workers, off the request's path, that jobs are due. A ring may be lost; the scheduler rings again.

Rings are gathered by one background thread per process, so that a burst of requests costs a few Huey messages
and no request waits for one.
"""

import threading

import structlog
from django.conf import settings

log = structlog.get_logger("doorbell")


class _Doorbell:
    def __init__(self) -> None:
        self._pending = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        with self._changed:
            self._pending += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._deliver_forever, name="doorbell", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _deliver_forever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending)
                rings, self._pending = self._pending, 0
            deliver(rings)


_doorbell = _Doorbell()


def ring() -> None:
    """Call after the commit that added a job. Returns at once and never fails."""
    _doorbell.ring()


def deliver(rings: int) -> None:
    """Put up to one message per worker thread into Huey; each makes a worker run all that is due."""
    from tenants.tasks import work  # noqa: PLC0415 (Huey's task registry needs the settings to be ready)

    try:
        for _ in range(min(rings, settings.WORKER_THREADS)):
            work()
    except Exception:
        # Only latency is lost: the Job rows are committed and the scheduler rings every second.
        log.warning("ring_lost", exc_info=True)

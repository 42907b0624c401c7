"""Limits requests without a valid key, per address and process, with the same policy that merchants have."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from django.conf import settings

from api.throttle import Rate

MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int = 0


class Strangers:
    """In memory only: nothing that a stranger sends may cost a statement. The least recent address goes first."""

    def __init__(self) -> None:
        self._windows: OrderedDict[str, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, ip: str) -> Rate:
        now, limit = time.monotonic(), settings.THROTTLE_LIMIT
        with self._lock:
            window = self._windows.get(ip)
            if window is None or now >= window.ends_at:
                window = self._windows[ip] = _Window(now + settings.THROTTLE_TTL)
            self._windows.move_to_end(ip)
            if len(self._windows) > MOST_REMEMBERED:
                self._windows.popitem(last=False)
            is_allowed = window.used < limit
            window.used += is_allowed
            left = max(1, ceil(window.ends_at - now))
            return Rate(is_allowed, limit, limit - window.used, left, settings.THROTTLE_TTL)

    def forget(self) -> None:
        with self._lock:
            self._windows.clear()


strangers = Strangers()

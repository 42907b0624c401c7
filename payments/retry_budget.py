"""Re-sends may add a tenth to what a provider gets, no more: a network in trouble is not helped by being asked twice.

Counted per process; what every process keeps to holds for all of them together.
"""

import threading
from collections import defaultdict

EARNED_PER_SEND = 0.1
MOST_SAVED = 10.0
AT_START = 3.0


class RetryBudget:
    """A bucket per provider: each first send puts a tenth in, each re-send takes one out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._saved: dict[str, float] = defaultdict(lambda: AT_START)

    def earn(self, provider: str) -> None:
        with self._lock:
            self._saved[provider] = min(MOST_SAVED, self._saved[provider] + EARNED_PER_SEND)

    def spend(self, provider: str) -> bool:
        """False: too many re-sends lately; try later."""
        with self._lock:
            if self._saved[provider] < 1:
                return False
            self._saved[provider] -= 1
            return True

    def forget(self) -> None:
        with self._lock:
            self._saved.clear()


budget = RetryBudget()

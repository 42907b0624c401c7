"""Re-sends may add a tenth to what a provider gets, no more: a network in trouble is not helped by being asked twice.

Counted per process; what every process keeps to holds for all of them together.
"""

import threading
import time
from dataclasses import dataclass, field

EARNED_PER_SEND = 0.1
# Where hardly anything is sent, re-sends must not wait for ever for somebody to earn them.
EARNED_PER_SECOND = 0.1
MOST_SAVED = 10.0


@dataclass(slots=True)
class _Purse:
    saved: float = MOST_SAVED
    filled_at: float = field(default_factory=time.monotonic)

    def fill(self, amount: float) -> None:
        now = time.monotonic()
        earned = amount + (now - self.filled_at) * EARNED_PER_SECOND
        self.saved, self.filled_at = min(MOST_SAVED, self.saved + earned), now


class RetryBudget:
    """A purse per provider: each first send puts a tenth in, each re-send takes one out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._purses: dict[str, _Purse] = {}

    def earn(self, provider: str) -> None:
        with self._lock:
            self._purses.setdefault(provider, _Purse()).fill(EARNED_PER_SEND)

    def spend(self, provider: str) -> bool:
        """False: too many re-sends lately; try later."""
        with self._lock:
            purse = self._purses.setdefault(provider, _Purse())
            purse.fill(0)
            if purse.saved < 1:
                return False
            purse.saved -= 1
            return True

    def forget(self) -> None:
        with self._lock:
            self._purses.clear()


budget = RetryBudget()

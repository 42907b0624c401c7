"""The simulator's time: real time, and whatever it was told to skip."""

import time


class Clock:
    """`skipped_seconds` is all that was ever skipped; it goes up only."""

    def __init__(self) -> None:
        self.skipped_seconds = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.skipped_seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped_seconds

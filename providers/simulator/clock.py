"""The simulator's time: real time, and whatever it was told to skip."""

import time


class Clock:
    """`skipped_seconds` is all that was skipped since the world began."""

    def __init__(self, skipped_seconds: float = 0.0) -> None:
        self.skipped_seconds = skipped_seconds

    def skip(self, seconds: float) -> None:
        self.skipped_seconds += seconds

    def clear(self) -> None:
        self.skipped_seconds = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self.skipped_seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped_seconds

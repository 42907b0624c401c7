"""A clock that nobody sets and that runs on while the machine sleeps."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def steady_seconds() -> float:
    """Seconds since some fixed moment of this machine's; only differences mean something."""
    return time.clock_gettime(_CLOCK)

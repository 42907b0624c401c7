"""Waits for what other processes do, with an upper bound."""

import time
from collections.abc import Callable


def wait_for[T](look: Callable[[], T], *, seconds: float = 20) -> T:
    """The first result that counts as true."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"it did not happen in {seconds} s"
        time.sleep(0.02)
    return found

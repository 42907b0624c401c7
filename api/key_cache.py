"""Remembers for a moment what a key was found to be, so that a warm request asks the database nothing.

The moment (API_KEY_CACHE_SECONDS) is what makes a revocation work everywhere within a second. Unknown keys are
remembered as well, in the same bounded space: guessing costs the guesser more than us.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings

from api.access import Access

MOST_ENTRIES = 4096


class KeyCache:
    """Least recently used entries go first; any thread may use it."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, Access | None]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str, look_up: Callable[[], Access | None]) -> Access | None:
        """What is remembered of the key, else what `look_up` finds. None: there is no such key."""
        # The age counts from before the look-up: what it read may have changed while it ran.
        now = time.monotonic()
        with self._lock:
            entry = self._entries.get(sha256)
            if entry is not None and now < entry[0]:
                self._entries.move_to_end(sha256)
                return entry[1]
        access = look_up()
        with self._lock:
            self._entries[sha256] = (now + settings.API_KEY_CACHE_SECONDS, access)
            self._entries.move_to_end(sha256)
            if len(self._entries) > MOST_ENTRIES:
                self._entries.popitem(last=False)
        return access

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()


keys = KeyCache()

"""Notes when and from where a key was last used: at most once a minute per key and process."""

import threading
import time

import structlog
from django.db import DatabaseError

from api.access import Access
from tenants.prepared import fetch_one

SECONDS_BETWEEN = 60.0
MOST_REMEMBERED = 4096

# Another process may have noted it seconds ago; then the row stays as it is.
NOTE_SQL = """
UPDATE "{schema}".payments_apikey SET last_used_at = now(), last_used_ip = %(ip)s
 WHERE id = %(key_id)s AND (last_used_at IS NULL OR last_used_at < now() - interval '50 seconds')
RETURNING id"""

log = structlog.get_logger("api")


class _Uses:
    def __init__(self) -> None:
        self._noted: dict[str, float] = {}
        self._lock = threading.Lock()

    def is_due(self, key_id: str) -> bool:
        """Whether a use of the key should be written now; counts as written."""
        now = time.monotonic()
        with self._lock:
            if now < self._noted.get(key_id, -SECONDS_BETWEEN) + SECONDS_BETWEEN:
                return False
            if len(self._noted) >= MOST_REMEMBERED:
                self._noted.clear()
            self._noted[key_id] = now
        return True

    def forget(self) -> None:
        with self._lock:
            self._noted.clear()


uses = _Uses()


def note_use(access: Access, *, ip: str) -> None:
    """Called with the answer in hand. Losing a note is no reason to lose the answer."""
    if not uses.is_due(access.key_id):
        return
    try:
        fetch_one(NOTE_SQL.format(schema=access.schema), {"key_id": access.key_id, "ip": ip})
    except DatabaseError:
        log.warning("key_use_not_noted", key=access.key_id, exc_info=True)

"""Merchants by id, remembered for a moment: every job starts by asking for its own."""

import threading
import time

from tenants.models import Tenant

REMEMBERED_SECONDS = 5.0


class Directory:
    """Any thread may ask. What is remembered may be some seconds old: a name, never whose schema it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, Tenant]] = {}

    def get(self, tenant_id: int) -> Tenant:
        """Raises Tenant.DoesNotExist."""
        now = time.monotonic()
        with self._lock:
            found = self._known.get(tenant_id)
        if found is not None and now < found[0]:
            return found[1]
        tenant: Tenant = Tenant.objects.get(pk=tenant_id)
        with self._lock:
            self._known[tenant_id] = (now + REMEMBERED_SECONDS, tenant)
        return tenant

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


directory = Directory()

"""How many requests a merchant may make in a window, per mode: exact for small limits, cheap for large ones.

Tokens are leased from one row per merchant and mode, a hundredth of what is left at a time: a limit of 100 costs a
cheap statement per request and is exact over all processes; a limit of a million costs one in 10,000 requests.
A window begins with its first request and is timed by the database's clock.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.conf import settings

from api.access import Access
from tenants.prepared import fetch_one

MOST_REMEMBERED = 4096

# The table is UNLOGGED, so this commit waits for no disk.
LEASE_SQL = """
WITH wish AS (SELECT clock_timestamp() AS at, %(limit)s::int AS most, make_interval(secs => %(window)s) AS length)
INSERT INTO public.tenants_ratewindow AS w (tenant_id, livemode, started_at, used, granted)
SELECT %(tenant_id)s, %(livemode)s, at, GREATEST(1, most / 100), GREATEST(1, most / 100) FROM wish
ON CONFLICT (tenant_id, livemode) DO UPDATE SET (started_at, used, granted) = (
  SELECT CASE WHEN is_over THEN at ELSE w.started_at END,
         CASE WHEN is_over THEN 0 ELSE w.used END + tokens,
         tokens
    FROM (SELECT at, w.started_at + length <= at AS is_over,
                 CASE WHEN w.started_at + length <= at THEN GREATEST(1, most / 100)
                      ELSE LEAST(GREATEST(1, (most - w.used) / 100), GREATEST(0, most - w.used)) END AS tokens
            FROM wish) AS lease)
RETURNING started_at, used, granted,
          extract(epoch FROM started_at + make_interval(secs => %(window)s) - clock_timestamp())::float8"""


@dataclass(frozen=True, slots=True)
class Rate:
    """Where the caller stands after this request."""

    is_allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    window_seconds: int

    def headers(self) -> dict[str, str]:
        """The fields of draft-ietf-httpapi-ratelimit-headers."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={self.window_seconds}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset_seconds}',
        }


@dataclass(slots=True)
class _Lease:
    """What this process holds of the current window: `tokens` to spend, and `beyond` that nobody has leased yet."""

    started_at: datetime
    limit: int
    tokens: int
    beyond: int
    ends_at: float


class Leases:
    def __init__(self) -> None:
        self._leases: OrderedDict[tuple[int, bool], _Lease] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, tenant_id: int, livemode: bool, limit: int) -> Rate:
        """Spend one token of the merchant's window, if there is one."""
        key = (tenant_id, livemode)
        with self._lock:
            rate = self._from_lease(self._leases.get(key), limit)
        return rate or self._from_database(key, limit)

    def forget(self) -> None:
        with self._lock:
            self._leases.clear()

    def _from_lease(self, lease: _Lease | None, limit: int) -> Rate | None:
        """None when only the database can tell."""
        now = time.monotonic()
        if lease is None or lease.limit != limit or now >= lease.ends_at:
            return None
        if lease.tokens:
            lease.tokens -= 1
            return _rate(True, limit, lease.tokens + lease.beyond, lease.ends_at - now)
        # Once all tokens are out they stay out until the window ends: a flood of refusals costs no SQL.
        return None if lease.beyond else _rate(False, limit, 0, lease.ends_at - now)

    def _from_database(self, key: tuple[int, bool], limit: int) -> Rate:
        window: int = settings.THROTTLE_TTL
        asked_at = time.monotonic()
        row = fetch_one(LEASE_SQL, {"tenant_id": key[0], "livemode": key[1], "limit": limit, "window": float(window)})
        started_at, used, granted, seconds_left = row or (None, limit, 0, float(window))
        with self._lock:
            lease = self._leases.get(key)
            if lease is None or lease.started_at != started_at or lease.limit != limit:
                lease = _Lease(started_at, limit, 0, 0, asked_at + min(seconds_left, window))
            lease.tokens += max(0, granted - 1)
            lease.beyond = max(0, limit - used)
            self._leases[key] = lease
            self._leases.move_to_end(key)
            if len(self._leases) > MOST_REMEMBERED:
                self._leases.popitem(last=False)
            return _rate(granted > 0, limit, lease.tokens + lease.beyond, min(seconds_left, window))


def _rate(is_allowed: bool, limit: int, remaining: int, seconds_left: float) -> Rate:
    return Rate(is_allowed, limit, remaining, max(1, ceil(seconds_left)), settings.THROTTLE_TTL)


leases = Leases()


def take(access: Access) -> Rate:
    """Count one request of the merchant and mode."""
    limit = settings.THROTTLE_LIMIT if access.throttle_limit is None else access.throttle_limit
    if limit == 0:
        return _rate(False, 0, 0, settings.THROTTLE_TTL)
    return leases.take(access.tenant_id, access.livemode, limit)

"""Writes refused calls into the merchant's audit trail, so few of them that a flood cannot fill it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django_tenants.utils import tenant_context

from api.access import Access
from api.problems import Problem
from payments import audit
from payments.models import AuditEntry

# One entry per key and reason a minute and process; the next one says how many were left out.
SECONDS_BETWEEN = 60.0
MOST_REMEMBERED = 4096

log = structlog.get_logger("api")


@dataclass(slots=True)
class _Recent:
    written_at: float
    left_out: int = 0


class _Recents:
    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Recent] = {}
        self._lock = threading.Lock()

    def claim(self, key_id: str, code: str) -> int | None:
        """How many were left out since the last entry, or None when this one is left out as well."""
        now = time.monotonic()
        with self._lock:
            recent = self._entries.get((key_id, code))
            if recent is not None and now < recent.written_at + SECONDS_BETWEEN:
                recent.left_out += 1
                return None
            if len(self._entries) >= MOST_REMEMBERED:
                self._entries.clear()
            self._entries[key_id, code] = _Recent(now)
            return recent.left_out if recent else 0

    def forget(self) -> None:
        with self._lock:
            self._entries.clear()


recents = _Recents()


def deny(
    request: HttpRequest,
    access: Access,
    code: str,
    detail: str,
    *,
    ip: str,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    """The problem to raise for a call with a real key that is refused; recorded where the merchant can see it."""
    left_out = recents.claim(access.key_id, code)
    if left_out is not None:
        try:
            _record(request, access, f"{code}: {detail}", ip=ip, left_out=left_out)
        except DatabaseError:
            # The caller is refused either way; only the record of it is lost.
            log.warning("denial_not_recorded", key=access.key_id, code=code, exc_info=True)
    return Problem(code, detail, headers=headers)


def _record(request: HttpRequest, access: Access, reason: str, *, ip: str, left_out: int) -> None:
    with tenant_context(access.tenant()), transaction.atomic():
        audit.record(
            actor=access.actor,
            action="api.call",
            target=f"{request.method} {request.path_info}"[:120],
            livemode=access.livemode,
            result=AuditEntry.DENIED,
            reason=reason,
            ip=ip,
            request_id=getattr(request, "request_id", ""),
            after={"left_out_before": left_out} if left_out else None,
        )

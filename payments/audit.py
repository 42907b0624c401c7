"""Writes the audit trail: every change and every denial, in the transaction of what it describes."""

from typing import Any

from payments.models import AuditEntry
from tenants import jobs
from tenants.current import current_tenant

SEAL_DELAY_SECONDS = 1.0


def record(
    *,
    actor: str,
    action: str,
    target: str = "",
    livemode: bool | None = None,
    result: str = AuditEntry.OK,
    reason: str = "",
    ip: str = "",
    request_id: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Append an entry in the current merchant's trail and make sure it gets sealed. Never put secrets in it."""
    entry = AuditEntry.objects.create(
        actor=actor,
        action=action,
        target=target,
        livemode=livemode,
        result=result,
        reason=reason[:500],
        ip=ip,
        request_id=request_id,
        before=before,
        after=after,
    )
    schedule_seal()
    return entry


def schedule_seal() -> None:
    """Have the sealer number and chain what was just appended, a second after the commit."""
    jobs.add_unless_waiting(**SEAL, tenant_id=current_tenant().pk)


SEAL: dict[str, Any] = {"kind": "seal", "subject": "trail", "delay_seconds": SEAL_DELAY_SECONDS}

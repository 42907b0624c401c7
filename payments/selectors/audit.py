"""The audit trail, filtered and paged. Entries of the merchant as a whole (no mode) show in both modes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from payments.models import AuditEntry
from payments.selectors.keyset import Page, newest_first


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """`actor` matches anywhere in the recorded text; the others match exactly. `before` is exclusive."""

    action: str = ""
    actor: str = ""
    target: str = ""
    result: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a before/after pair; None where that side does not have it."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditRow:
    position: int
    sequence: int | None
    actor: str
    action: str
    target: str
    result: str
    reason: str
    ip: str
    request_id: str
    created_at: datetime
    hash: str
    changes: tuple[Change, ...]


def list_audit(*, livemode: bool, filters: AuditFilters, cursor: int | None, limit: int) -> Page[AuditRow]:
    """One page, newest first."""
    rows = AuditEntry.objects.filter(Q(livemode=livemode) | Q(livemode__isnull=True))
    exact = {"action": filters.action, "target": filters.target, "result": filters.result}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if filters.actor:
        rows = rows.filter(actor__icontains=filters.actor)
    if filters.since:
        rows = rows.filter(created_at__gte=filters.since)
    if filters.before:
        rows = rows.filter(created_at__lt=filters.before)
    return newest_first(rows, key="position", cursor=cursor, limit=limit, convert=_to_row)


def _to_row(entry: AuditEntry) -> AuditRow:
    return AuditRow(
        position=entry.position,
        sequence=entry.sequence,
        actor=entry.actor,
        action=entry.action,
        target=entry.target,
        result=entry.result,
        reason=entry.reason,
        ip=entry.ip,
        request_id=entry.request_id,
        created_at=entry.created_at,
        hash=entry.hash,
        changes=_changes(entry.before, entry.after),
    )


def _changes(before: Any, after: Any) -> tuple[Change, ...]:
    """Field by field, only what differs."""
    old, new = _fields(before, than=after), _fields(after, than=before)
    names = list(dict.fromkeys([*old, *new]))
    return tuple(Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _fields(value: Any, *, than: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        return {"value": str(value)}
    others = than if isinstance(than, dict) else {}
    return {name: _text(_own(part, others.get(name))) for name, part in value.items()}


def _own(part: Any, other: Any) -> Any:
    """Of two lists of objects, which can be long, what only this one has."""
    if isinstance(part, list) and isinstance(other, list) and any(isinstance(each, dict) for each in part):
        return [each for each in part if each not in other]
    return part


def _text(value: Any) -> str:
    if isinstance(value, list):
        between = "; " if any(isinstance(part, dict) for part in value) else ", "
        return between.join(_text(part) for part in value) or "—"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(part)}" for name, part in value.items() if part is not None)
    return "—" if value in (None, "") else str(value)

"""Pages by key instead of offset, and id bounds for times: ids start with their time, so the id index serves both."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Model, QuerySet

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[Row]:
    rows: list[Row]
    next_cursor: str  # "" on the last page

    @property
    def has_more(self) -> bool:
        return self.next_cursor != ""


def id_floor(prefix: str, moment: datetime) -> str:
    """The smallest id that payments/ids.py could have made at that moment."""
    number = int(moment.timestamp() * 1000) << 80
    return prefix + "_" + "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def clamped(moment: datetime) -> datetime:
    """Within what an id can express; the end of time itself has no millisecond after it."""
    return min(max(moment, _EPOCH), _LATEST)


def newest_first[M: Model, Row](
    rows: "QuerySet[M, M]", *, key: str, cursor: Any, limit: int, convert: Callable[[M], Row]
) -> "Page[Row]":
    """One page, descending by `key`, of what lies below the cursor (the last key of the page before, or falsy)."""
    if cursor:
        rows = rows.filter(**{f"{key}__lt": cursor})
    found = list(rows.order_by(f"-{key}")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return Page([convert(row) for row in found], str(getattr(found[-1], key)) if more else "")

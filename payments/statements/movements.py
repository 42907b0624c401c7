"""What our ledger itself says that the balance at a provider account moved by: in a period, and around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, Min

from payments.models import Statement

_SUM = """
SELECT count(*), coalesce(sum(amount), 0), max(position) FROM payments_ledgerentry
"""
_SUM_AND_HASH = """
SELECT count(*), coalesce(sum(amount), 0), max(position),
       encode(sha256(convert_to(coalesce(string_agg(
         position || ' ' || id || ' ' || posting || ' ' || account || ' ' || amount || ' ' || currency, E'\\n'
         ORDER BY position), ''), 'UTF8')), 'hex')
  FROM payments_ledgerentry
"""
_OF_ACCOUNT = """
 WHERE livemode = %(livemode)s AND provider_account_id = %(account)s AND currency = %(currency)s
   AND account = 'provider_balance'
"""
# A settlement belongs to the statement that it was booked from, on whatever day people came to approve it.
_IN_PERIOD = """
   AND (object_id = ANY(%(own)s)
        OR created_at >= %(start)s AND created_at < %(end)s AND posting NOT LIKE '%%:settled')
"""
_BETWEEN = """
   AND (%(start)s::timestamptz IS NULL OR created_at >= %(start)s) AND created_at < %(end)s
   AND posting NOT LIKE '%%:settled'
"""


@dataclass(frozen=True, slots=True)
class Movement:
    """Lines of the balance, and what they add up to."""

    lines: int
    change: Decimal
    last_position: int | None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Days beside a period that no closed period covers. `start` None: since the books began."""

    start: datetime | None
    end: datetime
    moved: Movement


def of_period(statement: Statement, adjusted: Sequence[str], *, with_hash: bool = False) -> Movement:
    """In the statement's period, with what was booked from it later and the payments that it adjusts."""
    names = _names(statement) | {
        "own": [statement.pk, *adjusted], "start": statement.period_start, "end": statement.period_end,
    }  # fmt: skip
    return _read((_SUM_AND_HASH if with_hash else _SUM) + _OF_ACCOUNT + _IN_PERIOD, names)


def gaps_around(statement: Statement) -> list[Gap]:
    """To the end of the closed period before, and to the start of the one after: at most two."""
    start, end = statement.period_start, statement.period_end
    if start is None or end is None:
        return []
    closed = Statement.objects.filter(
        livemode=statement.livemode, provider_account_id=statement.provider_account_id, currency=statement.currency,
        state=Statement.CLOSED,
    ).exclude(pk=statement.pk)  # fmt: skip
    before = closed.filter(period_end__lte=start).aggregate(at=Max("period_end"))["at"]
    after = closed.filter(period_start__gte=end).aggregate(at=Min("period_start"))["at"]
    found = []
    if before != start:
        found.append(_gap(statement, before, start))
    if after not in (None, end):
        found.append(_gap(statement, end, after))
    return [gap for gap in found if gap.start or gap.moved.lines]


def _gap(statement: Statement, start: datetime | None, end: datetime) -> Gap:
    return Gap(start, end, _read(_SUM + _OF_ACCOUNT + _BETWEEN, _names(statement) | {"start": start, "end": end}))


def _names(statement: Statement) -> dict[str, Any]:
    return {
        "livemode": statement.livemode, "account": statement.provider_account_id, "currency": statement.currency,
    }  # fmt: skip


def _read(sql: str, names: dict[str, Any]) -> Movement:
    with connection.cursor() as cursor:
        cursor.execute(sql, names)
        return Movement(*cursor.fetchone())

"""What people proposed about the lines of a statement: the list, what is alike in it, and which line each is about."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, QuerySet, When

from payments.models import Statement, StatementException, StatementItem
from payments.selectors.keyset import Page
from payments.selectors.statements import with_sides
from payments.statements.exceptions import MOST_AT_ONCE

Proposal = tuple[StatementException, StatementItem | None]
FEWEST_ALIKE = 2
_WAITING_FIRST = Case(When(state=StatementException.PROPOSED, then=0), default=1)


@dataclass(frozen=True, slots=True)
class Alike:
    """Proposals that wait for somebody else than their author, of one kind and with one explanation."""

    first: StatementException
    count: int
    total: Decimal


def list_proposals(statement: Statement, *, cursor: int, limit: int) -> Page[Proposal]:
    """What waits first, then the newest first; the cursor is how many were shown."""
    rows = StatementException.objects.filter(statement=statement).order_by(_WAITING_FIRST, "-pk")
    found = list(rows[cursor : cursor + limit + 1])
    return Page(_with_items(statement, found[:limit]), str(cursor + limit) if len(found) > limit else "")


def piles(statement: Statement, *, user_id: int) -> list[Alike]:
    """What this person could approve together, the largest first."""
    found: dict[tuple[str, str, str], list[StatementException]] = defaultdict(list)
    for proposed in _approvable(statement, user_id):
        found[proposed.likeness].append(proposed)
    many = [rows for rows in found.values() if len(rows) >= FEWEST_ALIKE]
    totals = (sum((row.difference for row in rows), Decimal("0.00")) for rows in many)
    made = [Alike(rows[0], len(rows), total) for rows, total in zip(many, totals, strict=True)]
    return sorted(made, key=lambda pile: -pile.count)


def alike(exception_id: str, *, user_id: int) -> list[Proposal]:
    """The proposals that this person could approve together with that one, which must exist; at most MOST_AT_ONCE."""
    one = StatementException.objects.select_related("statement").defer("statement__file", "statement__certificate")
    named = one.get(pk=exception_id)
    rows = _approvable(named.statement, user_id).filter(
        finding=named.finding, action=named.action, reason=named.reason
    )  # fmt: skip
    return _with_items(named.statement, list(rows[:MOST_AT_ONCE]))


def item_about(exception_id: str) -> str:
    """The id of the line that a proposal is about, "" when the comparison has it no more."""
    named = StatementException.objects.get(pk=exception_id)
    rows = StatementItem.objects.filter(statement_id=named.statement_id, key=named.key)
    return rows.values_list("pk", flat=True).first() or ""


def exceptions_of(item: StatementItem) -> list[StatementException]:
    """What was proposed about a line, newest first."""
    rows = StatementException.objects.filter(statement_id=item.statement_id, key=item.key)
    return list(rows.order_by("-pk"))


def _approvable(statement: Statement, user_id: int) -> "QuerySet[StatementException]":
    rows = StatementException.objects.filter(statement=statement, state=StatementException.PROPOSED)
    return rows.exclude(proposed_by_user=user_id).exclude(action=StatementException.SETTLE).order_by("pk")


def _with_items(statement: Statement, rows: list[StatementException]) -> list[Proposal]:
    items = with_sides(StatementItem.objects.filter(statement=statement, key__in=[row.key for row in rows]))
    by_key = {item.key: item for item in items}
    return [(row, by_key.get(row.key)) for row in rows]

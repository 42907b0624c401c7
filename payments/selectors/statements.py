"""Statements as people look at them: the list, the equation, one tab of the comparison."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from payments.models import ProviderAccount, Statement, StatementException, StatementItem, StatementLink
from payments.selectors.keyset import Page, newest_first

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Part:
    """What the lines of one finding add to the difference, those that are explained and those that are open apart."""

    finding: str
    explained_count: int
    explained: Decimal
    open_count: int
    open_difference: Decimal


@dataclass(frozen=True, slots=True)
class Equation:
    """theirs - ours = difference = explained + open_difference, to the ngwee; and so do the parts, line by line."""

    theirs: Decimal
    ours: Decimal
    explained: Decimal
    open_difference: Decimal
    open_count: int
    parts: tuple[Part, ...]

    @property
    def difference(self) -> Decimal:
        return self.theirs - self.ours

    @property
    def total(self) -> Decimal:
        """Explained and still open, from the other end of the equation."""
        return self.explained + self.open_difference


def list_statements(*, livemode: bool, cursor: str, limit: int) -> Page[Statement]:
    """One page, newest first; each row also has `open_count` and `total`, the sum of its differences."""
    rows = (
        Statement.objects.filter(livemode=livemode)
        .defer("file", "certificate")
        .annotate(
            open_count=Count("items", filter=Q(items__is_open=True)), total=Sum("items__difference", default=_ZERO)
        )
    )
    return newest_first(rows, key="id", cursor=cursor, limit=limit, convert=lambda row: row)


def get_statement(*, statement_id: str, livemode: bool, with_file: bool = False) -> Statement | None:
    """The statement in this mode, or None."""
    rows = Statement.objects.filter(pk=statement_id, livemode=livemode)
    return (rows if with_file else rows.defer("file")).first()


def equation(statement: Statement) -> Equation:
    """From the stored comparison."""
    rows = StatementItem.objects.filter(statement=statement).values("finding").order_by("finding")
    found = list(
        rows.annotate(
            count=Count("pk"),
            open_count=Count("pk", filter=Q(is_open=True)),
            all_theirs=Sum("theirs"),
            all_ours=Sum("ours"),
            total=Sum("difference"),
            still=Sum("difference", filter=Q(is_open=True), default=_ZERO),
        )
    )
    still = sum((row["still"] for row in found), _ZERO)
    return Equation(
        theirs=sum((row["all_theirs"] for row in found), _ZERO),
        ours=sum((row["all_ours"] for row in found), _ZERO),
        explained=sum((row["total"] for row in found), _ZERO) - still,
        open_difference=still,
        open_count=sum(row["open_count"] for row in found),
        parts=tuple(
            Part(
                finding=row["finding"],
                explained_count=row["count"] - row["open_count"],
                explained=row["total"] - row["still"],
                open_count=row["open_count"],
                open_difference=row["still"],
            )
            for row in found
        ),
    )


def count_by_tab(statement: Statement) -> dict[str, tuple[int, int]]:
    """Tab → how many lines, and how many of them are open. Under "exceptions": all proposals, and the undecided."""
    rows = StatementItem.objects.filter(statement=statement).values_list("tab").order_by("tab")
    counts = {
        tab: (count, still)
        for tab, count, still in rows.annotate(count=Count("pk"), still=Count("pk", filter=Q(is_open=True)))
    }
    proposed = Count("pk", filter=Q(state=StatementException.PROPOSED))
    both = StatementException.objects.filter(statement=statement).aggregate(count=Count("pk"), still=proposed)
    return counts | {"exceptions": (both["count"], both["still"])}


def list_items(statement: Statement, *, tab: str, cursor: int, limit: int) -> Page[StatementItem]:
    """One page of a tab, open ones first and then in the order of the file; the cursor is how many were shown."""
    rows = with_sides(StatementItem.objects.filter(statement=statement, tab=tab)).order_by("-is_open", "position")
    found = list(rows[cursor : cursor + limit + 1])
    return Page(found[:limit], str(cursor + limit) if len(found) > limit else "")


def is_linked_by_hand(item: StatementItem) -> bool:
    return StatementLink.objects.filter(line_id=item.line_id).exists()


def list_accounts(*, livemode: bool) -> list[ProviderAccount]:
    """The accounts that a statement can be about, the one in use first."""
    rows = ProviderAccount.objects.filter(livemode=livemode).defer("sealed_credentials")
    return list(rows.order_by("retired_at", "-pk"))


def with_sides(rows: "QuerySet[StatementItem]") -> "QuerySet[StatementItem]":
    """With line, payment, and `is_proposed`: whether somebody's proposal about it waits."""
    proposed = StatementException.objects.filter(
        statement_id=OuterRef("statement_id"), key=OuterRef("key"), state=StatementException.PROPOSED
    )
    return rows.select_related("line", "payment").annotate(is_proposed=Exists(proposed))

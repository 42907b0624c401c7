"""The certificate of a closed period: canonical JSON that names everything by hash, count, sum and person."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from payments.models import LedgerEntry, Statement, StatementException, StatementItem, StatementLine, StatementLink
from payments.representation import timestamp
from payments.statements.findings import ADJUSTED, REST
from payments.statements.layout import GUESSES
from payments.statements.movements import Gap, Movement, gaps_around, of_period
from payments.statements.reading import read_table

FORMAT = "ndalama.reconciliation/2"
UNPROVEN = "The layout of this statement was mapped by hand or guessed; it was not seen from the provider: unproven."
PROVEN = "The layout of this statement was seen from the provider."
_ZERO = Decimal("0.00")


def canonical(content: dict[str, Any]) -> str:
    """Sorted keys, no spaces, UTF-8: the text whose SHA-256 is the certificate's own."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write(statement: Statement, *, closed_by: str, closed_at: str) -> dict[str, Any]:
    """What there is to certify, read in the transaction that closes the statement."""
    sums = _sums(statement)
    adjusted = StatementItem.objects.filter(statement=statement, finding=ADJUSTED).values_list("payment_id", flat=True)
    moved = of_period(statement, [payment for payment in adjusted if payment], with_hash=True)
    return {
        "format": FORMAT,
        "statement": _statement(statement),
        "layout": {
            "name": statement.layout_name,
            "proven": statement.is_layout_proven,
            "note": PROVEN if statement.is_layout_proven else UNPROVEN,
            "mapping": statement.layout,
            "columns_not_mapped": _columns_not_mapped(statement),
        },
        "equation": _equation(statement, sums, moved),
        "fees": {
            "column": statement.layout.get("fee") or None,
            "lines_without_a_stated_fee": _count_without_fee(statement),
        },
        "linked_by_hand": _links(statement),
        "gaps": [_gap(gap) for gap in gaps_around(statement)],
        "lines": _by_kind(statement),
        "matching": {finding: {"count": count, "difference": _text(total)} for finding, count, total in sums},
        "exceptions": _exceptions(statement),
        "adjustments": _adjustments(statement),
        "ledger": _ledger(statement, moved),
        "closed_by": closed_by,
        "closed_at": closed_at,
    }


def _statement(statement: Statement) -> dict[str, Any]:
    start, end = statement.period_start, statement.period_end
    return {
        "id": statement.pk,
        "livemode": statement.livemode,
        "provider": statement.provider,
        "provider_account": statement.provider_account_id,
        "currency": statement.currency,
        "file": statement.file_name,
        "sha256": statement.sha256,
        "lines": statement.line_count,
        "period_start": timestamp(start) if start else None,
        "period_end": timestamp(end) if end else None,
        "uploaded_by": statement.uploaded_by,
        "imported_by": statement.imported_by,
    }


def _sums(statement: Statement) -> list[tuple[str, int, Decimal]]:
    rows = StatementItem.objects.filter(statement=statement).values_list("finding").order_by("finding")
    return list(rows.annotate(count=Count("pk"), total=Sum("difference")))


def _equation(statement: Statement, sums: list[tuple[str, int, Decimal]], moved: Movement) -> dict[str, str]:
    """Ours is what the ledger moved, whatever the lines say of it: so what they leave unexplained is a real rest."""
    theirs = StatementItem.objects.filter(statement=statement).aggregate(total=Sum("theirs", default=_ZERO))["total"]
    explained = sum((difference for finding, _, difference in sums if finding != REST), _ZERO)
    difference = theirs - moved.change
    return {
        "theirs": _text(theirs),
        "ours": _text(moved.change),
        "difference": _text(difference),
        "explained": _text(explained),
        "unexplained": _text(difference - explained),
    }


def _columns_not_mapped(statement: Statement) -> list[str]:
    """The columns of the file that nothing was read from."""
    known = {column for name, column in statement.layout.items() if name in GUESSES}
    header = read_table(bytes(statement.file)).header.cells
    return [column for column in header if column and column not in known]


def _count_without_fee(statement: Statement) -> int:
    """Of the lines that moved money: those with no word on their fee, neither in a cell nor in a line of its own."""
    items = StatementItem.objects.filter(statement=statement, line__outcome=StatementLine.MOVED)
    fee_lines = items.filter(line__kind=StatementLine.FEE, payment__isnull=False)
    silent = items.filter(line__kind__in=[StatementLine.IN, StatementLine.OUT, StatementLine.REFUND])
    if statement.layout.get("fee"):
        silent = silent.filter(line__is_fee_stated=False)
    return silent.exclude(payment_id__in=fee_lines.values("payment_id")).count()


def _links(statement: Statement) -> dict[str, Any]:
    """What people said of single lines. `payment` None: none of ours."""
    links = StatementLink.objects.filter(line__statement=statement).select_related("line").order_by("line__number")
    findings = dict(StatementItem.objects.filter(statement=statement).values_list("line_id", "finding"))
    lines = [
        {
            "line": link.line.number,
            "payment": link.payment_id,
            "finding": findings[link.line_id],
            "linked_by": link.linked_by,
            "linked_at": timestamp(link.linked_at),
        }
        for link in links
    ]
    return {"count": len(lines), "lines": lines}


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "from": timestamp(gap.start) if gap.start else None,
        "until": timestamp(gap.end),
        "balance_lines": gap.moved.lines,
        "balance_change": _text(gap.moved.change),
    }


def _by_kind(statement: Statement) -> dict[str, Any]:
    rows = StatementLine.objects.filter(statement=statement, outcome=StatementLine.MOVED).values_list(
        "kind", "currency"
    )
    found = rows.order_by("kind", "currency").annotate(count=Count("pk"), amount=Sum("amount"), fees=Sum("fee"))
    return {
        f"{kind} {currency}": {"count": count, "amount": _text(amount), "fees": _text(fees)}
        for kind, currency, count, amount, fees in found
    }


def _exceptions(statement: Statement) -> list[dict[str, Any]]:
    items = StatementItem.objects.filter(statement=statement).select_related("line")
    approved = StatementException.objects.filter(statement=statement, state=StatementException.APPROVED)
    by_key = {item.key: item for item in items.filter(key__in=approved.values("key"))}
    return [_exception(one, by_key[one.key]) for one in approved.order_by("pk")]


def _exception(one: StatementException, item: StatementItem) -> dict[str, Any]:
    """With what the line itself says, because a mapping decides what of it counts."""
    line = item.line
    return {
        "id": one.pk,
        "finding": one.finding,
        "line": line.number if line else None,
        "line_amount": _text(line.amount) if line else None,
        "line_status": line.status_word if line else None,
        "payment": one.payment_id,
        "difference": _text(one.difference),
        "action": one.action,
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": timestamp(one.proposed_at),
        "approved_by": one.decided_by,
        "approved_at": timestamp(one.decided_at) if one.decided_at else None,
        "note": one.decision_note,
    }


def _adjustments(statement: Statement) -> list[dict[str, Any]]:
    """What became known of closed periods after their close."""
    rows = StatementItem.objects.filter(statement=statement, finding__in=["after_close", "unseen_after_close"])
    return [
        {"payment": item.payment_id, "finding": item.finding, "amount": _text(item.ours), "statement": item.elsewhere}
        for item in rows.order_by("position")
    ]


def _ledger(statement: Statement, moved: Movement) -> dict[str, Any]:
    """The head of the books when the period was closed, and a hash over what belongs to the period."""
    head = LedgerEntry.objects.filter(livemode=statement.livemode).order_by("-position").first()
    return {
        "head_position": head.position if head else 0,
        "head_entry": head.id if head else None,
        "balance_lines": moved.lines,
        "balance_change": _text(moved.change),
        "last_position": moved.last_position,
        "sha256": moved.sha256,
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"

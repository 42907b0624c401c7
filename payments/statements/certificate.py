"""The certificate of a closed period: canonical JSON that names everything by hash, count, sum and person."""

import hashlib
import json
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from payments.models import LedgerEntry, Statement, StatementException, StatementItem, StatementLine
from payments.representation import timestamp

FORMAT = "ndalama.reconciliation/1"
UNPROVEN = "The layout of this statement was mapped by hand or guessed; it was not seen from the provider: unproven."
PROVEN = "The layout of this statement was seen from the provider."
_ZERO = Decimal("0.00")
# Over the lines of the balance at this account in the period, and of what was settled from this statement.
_LEDGER = """
SELECT count(*), coalesce(sum(amount), 0), max(position),
       encode(sha256(convert_to(coalesce(string_agg(
         position || ' ' || id || ' ' || posting || ' ' || account || ' ' || amount || ' ' || currency, E'\\n'
         ORDER BY position), ''), 'UTF8')), 'hex')
  FROM payments_ledgerentry
 WHERE livemode = %s AND provider_account_id = %s AND currency = %s AND account = 'provider_balance'
   AND (created_at >= %s AND created_at < %s OR object_id = %s)
"""


def canonical(content: dict[str, Any]) -> str:
    """Sorted keys, no spaces, UTF-8: the text whose SHA-256 is the certificate's own."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def write(statement: Statement, *, closed_by: str, closed_at: str) -> dict[str, Any]:
    """What there is to certify, read in the transaction that closes the statement."""
    sums = _sums(statement)
    return {
        "format": FORMAT,
        "statement": _statement(statement),
        "layout": {
            "name": statement.layout_name,
            "proven": statement.is_layout_proven,
            "note": PROVEN if statement.is_layout_proven else UNPROVEN,
            "mapping": statement.layout,
        },
        "equation": _equation(statement, sums),
        "lines": _by_kind(statement),
        "matching": {finding: {"count": count, "difference": _text(total)} for finding, count, total in sums},
        "exceptions": _exceptions(statement),
        "adjustments": _adjustments(statement),
        "ledger": _ledger(statement),
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


def _equation(statement: Statement, sums: list[tuple[str, int, Decimal]]) -> dict[str, str]:
    total = StatementItem.objects.filter(statement=statement).aggregate(
        theirs=Sum("theirs", default=_ZERO), ours=Sum("ours", default=_ZERO)
    )
    explained = sum((difference for _, _, difference in sums), _ZERO)
    difference = total["theirs"] - total["ours"]
    return {
        "theirs": _text(total["theirs"]),
        "ours": _text(total["ours"]),
        "difference": _text(difference),
        "explained": _text(explained),
        "unexplained": _text(difference - explained),
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
        "payment": item.payment_id,
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


def _ledger(statement: Statement) -> dict[str, Any]:
    """The head of the books when the period was closed, and a hash over what belongs to the period."""
    head = LedgerEntry.objects.filter(livemode=statement.livemode).order_by("-position").first()
    with connection.cursor() as cursor:
        cursor.execute(
            _LEDGER,
            [statement.livemode, statement.provider_account_id, statement.currency, statement.period_start,
             statement.period_end, statement.pk],
        )  # fmt: skip
        count, total, position, sha256 = cursor.fetchone()
    return {
        "head_position": head.position if head else 0,
        "head_entry": head.id if head else None,
        "balance_lines": count,
        "balance_change": _text(total),
        "last_position": position,
        "sha256": sha256,
    }


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"

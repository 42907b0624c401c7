"""Reads both sides of a statement from the database: a fixed number of set-based queries, however many lines."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db import connection

from payments.models import LedgerEntry, Statement, StatementLine, StatementLink
from payments.statements.facts import Elsewhere, Facts, Line, Ours

# Suggestions may lie so far outside the period, and "late" and "early" are found by reference however far.
MARGIN = timedelta(days=2)

# Our reference is what we sent as X-Reference-Id, what we sent as external id, or what the merchant called it.
_BY_OUR_REFERENCE = """
SELECT l.id, t.payment_id FROM payments_statementline l
  JOIN payments_transaction t ON t.reference = l.our_reference
 WHERE l.statement_id = %(statement)s AND l.our_reference <> ''
UNION
SELECT l.id, p.id FROM payments_statementline l JOIN payments_payment p ON p.id = l.our_reference
 WHERE l.statement_id = %(statement)s AND l.our_reference <> ''
UNION
SELECT l.id, p.id FROM payments_statementline l
  JOIN payments_payment p ON p.reference = l.our_reference AND p.livemode = %(livemode)s AND p.provider = %(provider)s
 WHERE l.statement_id = %(statement)s AND l.our_reference <> ''
"""
_BY_PROVIDER_REFERENCE = """
SELECT l.id, p.id FROM payments_statementline l
  JOIN payments_payment p ON p.provider_reference = l.provider_reference AND p.provider = %(provider)s
 WHERE l.statement_id = %(statement)s AND l.provider_reference <> ''
UNION
SELECT l.id, t.payment_id FROM payments_statementline l
  JOIN payments_transaction t ON t.provider_reference = l.provider_reference AND t.provider = %(provider)s
 WHERE l.statement_id = %(statement)s AND l.provider_reference <> ''
"""
_OURS = """
SELECT p.id, p.kind, p.status, CASE p.kind WHEN 'collection' THEN p.amount ELSE -p.amount END, p.currency, p.phone,
       p.livemode, coalesce(t.account_id, ''), p.created_at, p.completed_at, succeeded.amount, coalesce(-fee.amount, 0)
  FROM payments_payment p
  LEFT JOIN LATERAL (SELECT account_id FROM payments_transaction
                      WHERE payment_id = p.id ORDER BY (state = 'succeeded') DESC, number DESC LIMIT 1) t ON true
  LEFT JOIN payments_ledgerentry succeeded
    ON succeeded.posting = p.id || ':succeeded' AND succeeded.account = 'provider_balance'
  LEFT JOIN payments_ledgerentry fee ON fee.posting = p.id || ':fee' AND fee.account = 'provider_balance'
 WHERE p.id = ANY(%(named)s)
    OR (p.livemode = %(livemode)s AND p.provider = %(provider)s AND p.currency = %(currency)s
        AND (p.completed_at >= %(since)s AND p.completed_at < %(until)s
             OR p.completed_at IS NULL AND p.created_at >= %(since)s AND p.created_at < %(until)s))
 ORDER BY p.id
"""
_SEEN_BEFORE = """
SELECT l.id, min(other.statement_id) FROM payments_statementline l
  JOIN payments_statementline other ON other.provider_reference = l.provider_reference AND other.kind = l.kind
  JOIN payments_statement s ON s.id = other.statement_id AND s.provider_account_id = %(account)s
                           AND s.id <> %(statement)s AND s.period_start < %(start)s
 WHERE l.statement_id = %(statement)s AND l.provider_reference <> ''
 GROUP BY l.id
"""
# Later words on a period that is closed: succeeded in it, yet neither its certificate nor any other statement has it.
_IN_CLOSED_PERIOD = """
SELECT p.id FROM payments_payment p
  JOIN payments_statement s ON s.provider_account_id = %(account)s AND s.currency = p.currency AND s.state = 'closed'
                           AND p.completed_at >= s.period_start AND p.completed_at < s.period_end
                           AND s.period_end <= %(start)s
 WHERE p.livemode = %(livemode)s AND p.provider = %(provider)s AND p.currency = %(currency)s AND p.status = 'succeeded'
   AND EXISTS (SELECT 1 FROM payments_transaction t WHERE t.payment_id = p.id AND t.account_id = %(account)s)
   AND NOT EXISTS (SELECT 1 FROM payments_statementitem i
                    WHERE i.payment_id = p.id AND i.statement_id <> %(statement)s
                      AND (i.link <> '' OR i.finding = 'unseen_after_close' OR i.statement_id = s.id))
"""
# Which other statement has the line of a payment. What lies beside that line (a fee, a reversal) does not count.
_ELSEWHERE = """
SELECT i.payment_id, i.statement_id, i.finding, s.state = 'closed' FROM payments_statementitem i
  JOIN payments_statement s ON s.id = i.statement_id AND s.provider_account_id = %(account)s
  JOIN payments_statementline l ON l.id = i.line_id AND l.kind <> 'fee'
 WHERE i.statement_id <> %(statement)s AND i.link <> '' AND i.payment_id = ANY(%(ours)s)
   AND i.finding NOT IN ('suggested', 'reversed', 'nothing_moved', 'called_unmoved', 'charged_twice')
 ORDER BY i.statement_id
"""


def gather(statement: Statement) -> Facts:
    """Everything classify() needs about an imported statement."""
    start, end = statement.period_start, statement.period_end
    if start is None or end is None:
        raise ValueError(f"{statement.id} is not imported")
    names: dict[str, Any] = {
        "statement": statement.pk, "livemode": statement.livemode, "provider": statement.provider,
        "account": statement.provider_account_id, "currency": statement.currency, "start": start,
        "since": start - MARGIN, "until": end + MARGIN,
    }  # fmt: skip
    by_our_reference, by_provider_reference = _pairs(_BY_OUR_REFERENCE, names), _pairs(_BY_PROVIDER_REFERENCE, names)
    links = StatementLink.objects.filter(line__statement=statement)
    said: dict[str, str | None] = dict(links.values_list("line_id", "payment_id"))
    in_closed_period = frozenset(row[0] for row in _rows(_IN_CLOSED_PERIOD, names))
    named = {
        payment for pairs in (by_our_reference, by_provider_reference) for found in pairs.values() for payment in found
    }
    named |= {payment for payment in said.values() if payment} | in_closed_period
    ours = {row[0]: Ours(*row) for row in _rows(_OURS, names | {"named": sorted(named)})}
    elsewhere = _rows(_ELSEWHERE, names | {"ours": list(ours)})
    return Facts(
        livemode=statement.livemode,
        account_id=statement.provider_account_id,
        currency=statement.currency,
        period_start=start,
        period_end=end,
        lines=_lines(statement),
        ours=ours,
        by_our_reference=by_our_reference,
        by_provider_reference=by_provider_reference,
        is_layout_proven=statement.is_layout_proven,
        states_fees=bool(statement.layout.get("fee")),
        said=said,
        settled=_settled(statement),
        seen_before=dict(_rows(_SEEN_BEFORE, names)),
        elsewhere={payment: Elsewhere(*rest) for payment, *rest in elsewhere},
        in_closed_period=in_closed_period,
    )


def _lines(statement: Statement) -> list[Line]:
    rows = StatementLine.objects.filter(statement=statement).order_by("number")
    return [Line(*row) for row in rows.values_list(*Line.__slots__)]


def _settled(statement: Statement) -> dict[str, Any]:
    """Of settlement lines that a person accepted: what was booked, under the line's own name."""
    booked = LedgerEntry.objects.filter(object_id=statement.pk, account=LedgerEntry.PROVIDER_BALANCE)
    return {posting.partition(":")[0]: amount for posting, amount in booked.values_list("posting", "amount")}


def _pairs(sql: str, names: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line_id, payment_id in _rows(sql, names):
        found[line_id].append(payment_id)
    return found


def _rows(sql: str, names: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, names)
        return list(cursor.fetchall())

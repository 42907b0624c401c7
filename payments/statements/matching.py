"""Compares a statement with our books and stores the outcome; may be done again at any time before the close."""

from django.db import connection, transaction
from django.utils import timezone

from payments.errors import InvalidState, NotFound
from payments.models import Statement, StatementItem
from payments.statements.classifying import classify
from payments.statements.facts import ZERO, Found
from payments.statements.findings import ADJUSTED, FINDINGS, REST
from payments.statements.gathering import gather
from payments.statements.movements import of_period

_BATCH = 2_000
_COMPUTED = ["line", "payment", "link", "finding", "tab", "is_open", "theirs", "ours", "elsewhere", "position"]
_FORGET = "DELETE FROM payments_statementitem WHERE statement_id = %s AND NOT key = ANY(%s)"
# A difference that now looks different, or is about another payment, is another one: whoever agreed to it must look
# again. A settlement that was approved is in the ledger, which is what explains it from then on.
_OVERTAKE = """
UPDATE payments_statementexception e SET state = 'overtaken', decided_at = coalesce(decided_at, now())
 WHERE e.statement_id = %s AND (e.state = 'proposed' OR e.state = 'approved' AND e.action <> 'settle')
   AND NOT EXISTS (SELECT 1 FROM payments_statementitem i
                    WHERE i.statement_id = e.statement_id AND i.key = e.key
                      AND i.finding = e.finding AND i.difference = e.difference
                      AND i.payment_id IS NOT DISTINCT FROM e.payment_id)
"""
_EXPLAIN = """
UPDATE payments_statementitem i SET is_open = false FROM payments_statementexception e
 WHERE i.statement_id = %s AND i.is_open AND e.statement_id = i.statement_id AND e.key = i.key AND e.state = 'approved'
   AND e.action <> 'settle'
"""


def lock_statement(statement_id: str, *, livemode: bool, state: str = Statement.OPEN) -> Statement:
    """The statement, locked until the transaction ends. Raises NotFound, or InvalidState when its state is another."""
    rows = Statement.objects.select_for_update(of=("self",)).defer("file", "certificate")
    statement = rows.filter(pk=statement_id, livemode=livemode).first()
    if statement is None:
        raise NotFound(f"There is no statement {statement_id}.")
    if statement.state != state:
        raise InvalidState(_WRONG_STATE[statement.state])
    return statement


_WRONG_STATE = {
    Statement.UPLOADED: "This statement is not imported yet.",
    Statement.OPEN: "This statement is imported already.",
    Statement.CLOSED: "This period is closed: nothing in it can be changed any more.",
}


def match(statement: Statement) -> None:
    """Compare and store, in the transaction that holds the statement's lock. A second time changes nothing."""
    found = classify(gather(statement))
    found += _rest(statement, found)
    items = [_item(statement, one, place) for place, one in enumerate(found, start=1)]
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [statement.pk, [item.key for item in items]])
    StatementItem.objects.bulk_create(
        items, batch_size=_BATCH, update_conflicts=True, unique_fields=["statement", "key"], update_fields=_COMPUTED
    )
    settle_exceptions(statement)
    statement.matched_at = timezone.now()
    statement.save(update_fields=["matched_at"])


def settle_exceptions(statement: Statement) -> None:
    """What two people agreed on is not open any more, unless it has changed since: then it is again."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERTAKE, [statement.pk])
        cursor.execute(_EXPLAIN, [statement.pk])


def rematch(*, statement_id: str, livemode: bool) -> None:
    """Compare again, because our books have moved on. Raises NotFound, InvalidState."""
    with transaction.atomic():
        match(lock_statement(statement_id, livemode=livemode))


def _rest(statement: Statement, found: list[Found]) -> list[Found]:
    """What the ledger moved in the period beyond what lines and payments count as ours."""
    adjusted = [one.payment_id for one in found if one.finding == ADJUSTED]
    rest = of_period(statement, adjusted).change - sum((one.ours for one in found), ZERO)
    return [Found("", "", "", REST, ZERO, rest, statement_id=statement.pk)] if rest else []


def _item(statement: Statement, found: Found, position: int) -> StatementItem:
    finding = FINDINGS[found.finding]
    return StatementItem(
        statement=statement, key=found.key, line_id=found.line_id or None, payment_id=found.payment_id or None,
        link=found.link, finding=found.finding, tab=finding.tab, is_open=finding.needs_person, theirs=found.theirs,
        ours=found.ours, elsewhere=found.elsewhere, position=position,
    )  # fmt: skip

"""Books what a provider moved to the merchant's bank, once two people have said that it did."""

from django.db import connection

from payments import audit, ledger
from payments.errors import InvalidState
from payments.models import LedgerEntry, Statement, StatementException, StatementItem, StatementLine
from payments.statements.matching import match


def book(statement: Statement, approved: StatementException) -> None:
    """In the transaction of the approval, which holds the statement's lock. Raises InvalidState.

    The same settlement in two statements is booked once, whichever came first.
    """
    item = StatementItem.objects.select_related("line").filter(statement=statement, key=approved.key).first()
    if item is None or item.line is None or item.finding != "settlement":
        raise InvalidState("This is no settlement that waits to be booked.")
    if _is_booked(item.line, statement.provider_account_id):
        raise InvalidState("This settlement stands in another statement, too, and was booked from there.")
    ledger.post_settlement(item.line, statement)
    audit.record(
        actor=approved.decided_by, action="statement.settled", target=statement.pk, livemode=statement.livemode,
        after={
            "line": item.line.number, "amount": f"{item.line.amount:.2f}", "currency": item.line.currency,
            "exception": approved.pk, "proposed_by": approved.proposed_by,
        },
    )  # fmt: skip
    match(statement)


def _is_booked(line: StatementLine, account_id: str) -> bool:
    """Whether a line of another statement says the same and was booked. Waits for whoever books one of this account."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('settle:' || current_schema() || %s))", [account_id])
    others = StatementLine.objects.filter(statement__provider_account_id=account_id, kind=line.kind).exclude(pk=line.pk)
    if line.provider_reference:
        same = others.filter(provider_reference=line.provider_reference)
    else:
        same = others.filter(
            provider_reference="", our_reference=line.our_reference, occurred_at=line.occurred_at, amount=line.amount
        )
    postings = [f"{pk}:settled" for pk in same.values_list("pk", flat=True)]
    return LedgerEntry.objects.filter(posting__in=postings).exists()

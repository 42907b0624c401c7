"""What people say about single lines: it is this payment, or it is none of ours."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import Payment, StatementItem, StatementLine, StatementLink
from payments.statements.matching import lock_statement, match


def find_item(*, item_id: str, livemode: bool) -> StatementItem:
    """With its line, payment and statement. Raises NotFound."""
    rows = StatementItem.objects.select_related("line", "payment", "statement").defer(
        "statement__file", "statement__certificate"
    )
    item = rows.filter(pk=item_id, statement__livemode=livemode).first()
    if item is None:
        raise NotFound(f"There is no such line {item_id}.")
    return item


def link_line(*, item_id: str, livemode: bool, payment: str, actor: str, ip: str = "", request_id: str = "") -> None:
    """Say which payment, payout or refund a line is; its id, our reference or the merchant's name it.

    `payment` "": none of ours. Raises NotFound, InvalidState, Refusal.
    """
    with transaction.atomic():
        item = find_item(item_id=item_id, livemode=livemode)
        statement = lock_statement(item.statement_id, livemode=livemode)
        if item.line is None:
            raise InvalidState("Only a line of the statement can be linked.")
        if item.line.kind == StatementLine.SETTLEMENT:
            raise InvalidState("A settlement is no payment. Propose to book it, or to accept it.")
        found = _find_payment(payment, livemode=livemode, account_id=statement.provider_account_id) if payment else None
        StatementLink.objects.update_or_create(
            line=item.line,
            defaults={"payment_id": found.pk if found else None, "linked_by": actor, "linked_at": timezone.now()},
        )
        audit.record(
            actor=actor, action="statement.linked", target=statement.pk, livemode=livemode, ip=ip,
            request_id=request_id, before={"line": item.line.number, "payment": item.payment_id},
            after={"line": item.line.number, "payment": found.pk if found else None},
        )  # fmt: skip
        match(statement)


def unlink_line(*, item_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> None:
    """Take back what a person said about a line. Raises NotFound, InvalidState."""
    with transaction.atomic():
        item = find_item(item_id=item_id, livemode=livemode)
        statement = lock_statement(item.statement_id, livemode=livemode)
        gone, _ = StatementLink.objects.filter(line_id=item.line_id).delete()
        if not gone:
            raise InvalidState("Nobody linked this line by hand.")
        audit.record(
            actor=actor, action="statement.unlinked", target=statement.pk, livemode=livemode, ip=ip,
            request_id=request_id, before={"line": item.line.number if item.line else 0, "payment": item.payment_id},
        )  # fmt: skip
        match(statement)


def _find_payment(text: str, *, livemode: bool, account_id: str) -> Payment:
    """By any name of it. Raises Refusal, in words for the person who typed it."""
    wanted = text.strip()[:64].replace("\0", "")
    rows = Payment.objects.filter(livemode=livemode).filter(
        Q(pk=wanted) | Q(reference=wanted) | Q(provider_reference=wanted) | Q(transactions__reference=wanted)
    )
    found = list(rows.distinct()[:2])
    if not found:
        raise Refusal(f"No payment, payout or refund of this mode is called “{wanted}”.")
    if len(found) > 1:
        raise Refusal(f"More than one is called “{wanted}”; use the id.")
    if not found[0].transactions.filter(account_id=account_id).exists():
        raise Refusal(f"{found[0].pk} was not made with this account at the provider.")
    return found[0]

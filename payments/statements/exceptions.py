"""What people propose about open lines: accept the difference, write it off, or book a settlement."""

from django.db import IntegrityError, transaction

from payments import audit
from payments.errors import InvalidState, Refusal
from payments.models import Statement, StatementException, StatementItem
from payments.people import Person
from payments.statements.linking import find_item
from payments.statements.matching import lock_statement

MOST_AT_ONCE = 200
_ACTIONS = {StatementException.ACCEPT, StatementException.WRITE_OFF, StatementException.SETTLE}


def propose(*, item_id: str, livemode: bool, action: str, reason: str, person: Person) -> StatementException:
    """Ask for an open line to be accepted, written off or booked. Raises NotFound, InvalidState, Refusal."""
    with transaction.atomic():
        statement, item = _locked_item(item_id, livemode=livemode, action=action, reason=reason)
        return _propose(statement, item, action=action, reason=reason, person=person)


def propose_alike(*, item_id: str, livemode: bool, action: str, reason: str, person: Person) -> int:
    """The same for this line and up to MOST_AT_ONCE others that are open with the same finding and not proposed yet.

    Returns how many were proposed. Raises NotFound, InvalidState, Refusal.
    """
    if action == StatementException.SETTLE:
        raise Refusal("Settlements are booked one by one.")
    with transaction.atomic():
        statement, item = _locked_item(item_id, livemode=livemode, action=action, reason=reason)
        items = [item, *alike(statement, item)]
        for one in items:
            _propose(statement, one, action=action, reason=reason, person=person)
    return len(items)


def alike(statement: Statement, item: StatementItem) -> list[StatementItem]:
    """The other open lines with this one's finding that nobody has proposed anything about, at most MOST_AT_ONCE."""
    taken = StatementException.objects.filter(
        statement=statement, state__in=[StatementException.PROPOSED, StatementException.APPROVED]
    )
    rows = StatementItem.objects.filter(statement=statement, finding=item.finding, is_open=True).exclude(pk=item.pk)
    return list(rows.exclude(key__in=taken.values("key")).order_by("position")[:MOST_AT_ONCE])


def _locked_item(item_id: str, *, livemode: bool, action: str, reason: str) -> tuple[Statement, StatementItem]:
    if action not in _ACTIONS or not reason.strip():
        raise Refusal("Say what to do with it, and why.")
    statement = lock_statement(find_item(item_id=item_id, livemode=livemode).statement_id, livemode=livemode)
    item = StatementItem.objects.filter(pk=item_id).first()
    if item is None or not item.is_open:
        raise InvalidState("This line is not open any more.")
    if item.finding in {"suggested", "ambiguous"}:
        raise InvalidState("First say which payment the line is, or that it is none of ours.")
    if action == StatementException.SETTLE and item.finding != "settlement":
        raise InvalidState("This is no settlement that waits to be booked.")
    return statement, item


def _propose(
    statement: Statement, item: StatementItem, *, action: str, reason: str, person: Person
) -> StatementException:
    try:
        with transaction.atomic():
            proposed = StatementException.objects.create(
                statement=statement, key=item.key, finding=item.finding, difference=item.difference,
                payment_id=item.payment_id, action=action, reason=reason.strip()[:300], proposed_by=person.actor,
                proposed_by_user=person.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise InvalidState("Somebody has proposed that already.") from error
    record(proposed, "proposed", person, reason=proposed.reason, livemode=statement.livemode)
    return proposed


def record(
    proposed: StatementException, what: str, person: Person, *, reason: str, livemode: bool, together: str = ""
) -> None:
    """One audit entry about a proposal. `together` names the decision that it shared with others."""
    about = {
        "exception": proposed.pk, "action": proposed.action, "finding": proposed.finding,
        "difference": f"{proposed.difference:.2f}", "payment": proposed.payment_id,
    }  # fmt: skip
    audit.record(
        actor=person.actor, action=f"statement.exception_{what}", target=proposed.statement_id, livemode=livemode,
        reason=reason, ip=person.ip, request_id=person.request_id,
        after=about | ({"together": together} if together else {}),
    )  # fmt: skip

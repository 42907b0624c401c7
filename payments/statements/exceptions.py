"""Differences that people accept or write off: one person proposes, another one decides."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import StatementException, StatementItem
from payments.statements.linking import find_item
from payments.statements.matching import lock_statement, settle_exceptions


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts; `user_id` is what tells two people apart."""

    user_id: int
    actor: str
    ip: str = ""
    request_id: str = ""


def propose(*, item_id: str, livemode: bool, action: str, reason: str, person: Person) -> StatementException:
    """Ask for an open difference to be accepted or written off. Raises NotFound, InvalidState, Refusal."""
    if action not in {StatementException.ACCEPT, StatementException.WRITE_OFF} or not reason.strip():
        raise Refusal("Say whether to accept it or write it off, and why.")
    with transaction.atomic():
        item = find_item(item_id=item_id, livemode=livemode)
        statement = lock_statement(item.statement_id, livemode=livemode)
        now = StatementItem.objects.filter(pk=item.pk).first()
        if now is None or not now.is_open:
            raise InvalidState("This line is not open any more.")
        if now.finding in {"suggested", "ambiguous"}:
            raise InvalidState("First say which payment the line is, or that it is none of ours.")
        try:
            with transaction.atomic():
                proposed = StatementException.objects.create(
                    statement=statement, key=now.key, finding=now.finding, difference=now.difference, action=action,
                    reason=reason.strip()[:300], proposed_by=person.actor, proposed_by_user=person.user_id,
                )  # fmt: skip
        except IntegrityError as error:
            raise InvalidState("Somebody has proposed that already.") from error
        _record(proposed, "proposed", person, livemode=livemode)
    return proposed


def decide(*, exception_id: str, livemode: bool, approve: bool, note: str = "", person: Person) -> StatementException:
    """Approve or reject what somebody else proposed. Raises NotFound, InvalidState."""
    with transaction.atomic():
        proposed = _locked(exception_id, livemode=livemode)
        if approve and proposed.proposed_by_user == person.user_id:
            raise InvalidState("You proposed it; somebody else has to approve it.")
        state = StatementException.APPROVED if approve else StatementException.REJECTED
        if not approve and proposed.proposed_by_user == person.user_id:
            state = StatementException.WITHDRAWN
        proposed.state, proposed.decision_note = state, note.strip()[:300]
        proposed.decided_by, proposed.decided_by_user = person.actor, person.user_id
        proposed.decided_at = timezone.now()
        proposed.save(update_fields=["state", "decided_by", "decided_by_user", "decided_at", "decision_note"])
        settle_exceptions(proposed.statement)
        _record(proposed, state, person, livemode=livemode)
    return proposed


def statement_of(exception_id: str, *, livemode: bool) -> str:
    """The id of the statement that a proposal is about. Raises NotFound."""
    rows = StatementException.objects.filter(pk=exception_id, statement__livemode=livemode)
    found = rows.values_list("statement_id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no such proposal {exception_id}.")
    return found


def _locked(exception_id: str, *, livemode: bool) -> StatementException:
    statement = lock_statement(statement_of(exception_id, livemode=livemode), livemode=livemode)
    settle_exceptions(statement)
    proposed = StatementException.objects.get(pk=exception_id)
    if proposed.state != StatementException.PROPOSED:
        raise InvalidState(f"This proposal is {proposed.state} already.")
    proposed.statement = statement
    return proposed


def _record(proposed: StatementException, what: str, person: Person, *, livemode: bool) -> None:
    audit.record(
        actor=person.actor, action=f"statement.exception_{what}", target=proposed.statement_id, livemode=livemode,
        reason=proposed.reason if what == "proposed" else proposed.decision_note, ip=person.ip,
        request_id=person.request_id,
        after={
            "exception": proposed.pk, "action": proposed.action, "finding": proposed.finding,
            "difference": f"{proposed.difference:.2f}",
        },
    )  # fmt: skip

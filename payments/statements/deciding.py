"""What a second person says to the proposals about a statement: one by one, or many of one kind together."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from payments.errors import InvalidState, NotFound, Refusal
from payments.models import Statement, StatementException
from payments.people import Person
from payments.statements.exceptions import MOST_AT_ONCE, record
from payments.statements.matching import lock_statement, settle_exceptions
from payments.statements.settlements import book


def decide(*, exception_id: str, livemode: bool, approve: bool, note: str = "", person: Person) -> StatementException:
    """Approve or reject what somebody else proposed. Raises NotFound, InvalidState."""
    with transaction.atomic():
        statement = lock_statement(statement_of(exception_id, livemode=livemode), livemode=livemode)
        settle_exceptions(statement)
        proposed = StatementException.objects.get(pk=exception_id)
        _must_wait(proposed)
        is_own = proposed.proposed_by_user == person.user_id
        if approve and is_own:
            raise InvalidState("You proposed it; somebody else has to approve it.")
        no = StatementException.WITHDRAWN if is_own else StatementException.REJECTED
        _decide(proposed, StatementException.APPROVED if approve else no, note=note, person=person, livemode=livemode)
        _apply(statement, [proposed])
    return proposed


def approve_together(
    *, statement_id: str, livemode: bool, exception_ids: Sequence[str], token: str, note: str = "", person: Person
) -> int:
    """Approve all of these, which others proposed alike, or none of them. Returns how many.

    `token` is the decision's own name: sent again with the same proposals it changes nothing.
    Raises NotFound, InvalidState, Refusal.
    """
    wanted = set(exception_ids)
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise Refusal(f"Choose at least one and at most {MOST_AT_ONCE} of them.")
    with transaction.atomic():
        statement = lock_statement(statement_id, livemode=livemode)
        proposals = StatementException.objects.filter(statement=statement)
        if done := set(proposals.filter(decided_in=token).values_list("pk", flat=True)):
            if done != wanted:
                raise InvalidState("This form was used already, for other proposals. Choose again from the list.")
            return len(done)
        settle_exceptions(statement)
        chosen = list(proposals.filter(pk__in=wanted).order_by("pk"))
        if len(chosen) != len(wanted):
            raise NotFound("There are no such proposals about this statement.")
        _must_be_alike(chosen, person)
        for proposed in chosen:
            _decide(
                proposed, StatementException.APPROVED, note=note, person=person, livemode=livemode, together=token
            )  # fmt: skip
        _apply(statement, chosen)
    return len(chosen)


def statement_of(exception_id: str, *, livemode: bool) -> str:
    """The id of the statement that a proposal is about. Raises NotFound."""
    rows = StatementException.objects.filter(pk=exception_id, statement__livemode=livemode)
    found = rows.values_list("statement_id", flat=True).first()
    if found is None:
        raise NotFound(f"There is no such proposal {exception_id}.")
    return found


def _must_wait(proposed: StatementException) -> None:
    if proposed.state != StatementException.PROPOSED:
        raise InvalidState(f"This proposal is {proposed.state} already.")


def _must_be_alike(chosen: Sequence[StatementException], person: Person) -> None:
    for proposed in chosen:
        _must_wait(proposed)
    if any(proposed.proposed_by_user == person.user_id for proposed in chosen):
        raise InvalidState("You proposed one of them; somebody else has to approve that one.")
    if len({proposed.likeness for proposed in chosen}) > 1:
        raise Refusal("Only proposals of one kind and with one explanation are approved together.")
    if chosen[0].action == StatementException.SETTLE:
        raise Refusal("Settlements are booked one by one.")


def _decide(
    proposed: StatementException, state: str, *, note: str, person: Person, livemode: bool, together: str = ""
) -> None:
    proposed.state, proposed.decision_note, proposed.decided_in = state, note.strip()[:300], together
    proposed.decided_by, proposed.decided_by_user = person.actor, person.user_id
    proposed.decided_at = timezone.now()
    fields = ["state", "decided_by", "decided_by_user", "decided_at", "decision_note", "decided_in"]
    proposed.save(update_fields=fields)
    record(proposed, state, person, reason=proposed.decision_note, livemode=livemode, together=together)


def _apply(statement: Statement, decided: Sequence[StatementException]) -> None:
    for proposed in decided:
        if proposed.state == StatementException.APPROVED and proposed.action == StatementException.SETTLE:
            book(statement, proposed)
    settle_exceptions(statement)

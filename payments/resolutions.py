"""Settling an unknown outcome by hand: one person proposes with evidence, another one approves, and the provider's
own word, should it come first, wins.

The last step goes through the same door as every other outcome (payments/reconciliation.py), which also keeps asking
the provider for a while afterwards.
"""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import AuditEntry, Payment, Resolution, Transaction
from payments.people import Person
from payments.reconciliation import Applied, Source, apply_outcome
from payments.services import get_payment
from payments.settling import is_send_settled
from payments.states import Status
from payments.transitions import lock_payment
from providers.base import Kind, Outcome

OUTCOMES = (Kind.SUCCEEDED, Kind.FAILED)


class SamePerson(Refusal):
    """Nobody decides about what he proposed himself."""

    code, status = "invalid_state", 403


def propose(
    *,
    payment_id: str,
    livemode: bool,
    outcome: str,
    reason: str,
    evidence: str,
    provider_reference: str = "",
    person: Person,
) -> Resolution:
    """Propose how an unknown payment, payout or refund ended. Changes nothing about it yet.

    Raises NotFound; Refusal without a reason or evidence; InvalidState unless it is `unknown`, nothing is proposed, and
    nothing can be on its way any more: what somebody saw before that is no evidence of how it ended.
    """
    get_payment(payment_id=payment_id, livemode=livemode)
    if outcome not in OUTCOMES:
        raise Refusal("An outcome settled by hand is succeeded or failed.")
    if not reason.strip() or not evidence.strip():
        raise Refusal("Say why, and what the evidence is: the second person decides by it.")
    with transaction.atomic():
        payment = lock_payment(payment_id)
        refusal = _refusal(payment) or _too_early(_open_operation(payment))
        if not refusal:
            resolution = Resolution.objects.create(
                payment=payment, outcome=outcome, reason=reason.strip()[:300], evidence=evidence.strip(),
                provider_reference=provider_reference.strip()[:64], proposed_by=person.actor[:200],
                proposed_by_user=person.user_id,
            )  # fmt: skip
            about = {"resolution": resolution.id, "outcome": outcome, "provider_reference": provider_reference}
            said = f"As {outcome}. {resolution.reason}"
            _record(payment, "resolution.proposed", person, reason=said, after=about)
            return resolution
    _record(payment, "resolution.proposed", person, reason=refusal, result=AuditEntry.FAILED)
    raise InvalidState(refusal)


def approve(*, resolution_id: str, livemode: bool, note: str = "", person: Person) -> Applied:
    """Let a proposal take effect, as a second person. Raises NotFound, SamePerson, InvalidState.

    The payment's lock decides between this and the provider's word: whoever gets it second finds the state changed.
    """
    found = _find(resolution_id, livemode)
    _must_be_another(found, person, "unknowns.approve")
    refusal = ""
    with transaction.atomic():
        payment = lock_payment(found.payment_id)
        resolution = Resolution.objects.select_for_update().get(pk=found.pk)
        operation = _open_operation(payment)
        refusal = _decided(resolution, payment) or _too_early(operation) or _outdated(resolution, operation)
        if not refusal and operation is not None:
            _decide(resolution, Resolution.APPROVED, person, note)
            before = {"status": payment.status}
            after = {"status": resolution.outcome, "resolution": resolution.id, "proposed_by": resolution.proposed_by}
            _record(payment, "resolution.approved", person, reason=note, before=before, after=after)
            return apply_outcome(
                transaction_id=operation.id,
                outcome=_outcome(payment, resolution, person),
                source=Source.PERSON,
                request_id=person.request_id,
                actor=f"people:{resolution.proposed_by} + {person.actor}"[:200],
            )
    _record(payment, "resolution.approved", person, reason=refusal, result=AuditEntry.FAILED)
    raise InvalidState(refusal)


def reject(*, resolution_id: str, livemode: bool, note: str, person: Person) -> None:
    """Turn a proposal down, as a second person and with a note. Raises NotFound, SamePerson, Refusal, InvalidState."""
    found = _find(resolution_id, livemode)
    _must_be_another(found, person, "unknowns.approve")
    if not note.strip():
        raise Refusal("Say why it is rejected: whoever proposed it has to know what is missing.")
    _end(found, Resolution.REJECTED, "resolution.rejected", person, note)


def withdraw(*, resolution_id: str, livemode: bool, note: str = "", person: Person) -> None:
    """Take back one's own proposal. Raises NotFound, Refusal for somebody else's, InvalidState."""
    found = _find(resolution_id, livemode)
    if found.proposed_by_user != person.user_id:
        reason = "Only whoever proposed it can withdraw it; another person rejects it."
        _record(found.payment, "resolution.withdrawn", person, reason=reason, result=AuditEntry.DENIED)
        raise Refusal(reason)
    _end(found, Resolution.WITHDRAWN, "resolution.withdrawn", person, note)


def _end(found: Resolution, state: str, action: str, person: Person, note: str) -> None:
    with transaction.atomic():
        payment = lock_payment(found.payment_id)
        resolution = Resolution.objects.select_for_update().get(pk=found.pk)
        refusal = _decided(resolution, payment)
        if not refusal:
            _decide(resolution, state, person, note)
            _record(payment, action, person, reason=note, after={"resolution": resolution.id, "state": state})
            return
    _record(payment, action, person, reason=refusal, result=AuditEntry.FAILED)
    raise InvalidState(refusal)


def _find(resolution_id: str, livemode: bool) -> Resolution:
    rows = Resolution.objects.select_related("payment").filter(payment__livemode=livemode)
    resolution = rows.filter(pk=resolution_id).first()
    if resolution is None:
        raise NotFound(f"There is no proposal {resolution_id}.")
    return resolution


def _refusal(payment: Payment) -> str:
    """Why nothing can be proposed; "" when it can."""
    if payment.status != Status.UNKNOWN:
        return f"Only an unknown outcome is settled by hand; {payment.id} is {payment.status}."
    if Resolution.objects.filter(payment=payment, state=Resolution.PROPOSED).exists():
        return "Somebody has proposed an outcome already; it has to be decided first."
    return ""


def _decided(resolution: Resolution, payment: Payment) -> str:
    if resolution.state == Resolution.OVERTAKEN:
        return f"The provider's own word came first: {payment.id} is {payment.status}."
    if resolution.state != Resolution.PROPOSED:
        return f"This proposal is {resolution.state} already."
    return "" if payment.status == Status.UNKNOWN else f"{payment.id} is {payment.status}, no longer unknown."


def _open_operation(payment: Payment) -> Transaction | None:
    return payment.transactions.filter(state=Transaction.OPEN).first()


def _too_early(operation: Transaction | None) -> str:
    """What was sent a moment ago may still be on its way, and then nobody can know how it ends."""
    if operation is None or not is_send_settled(operation):
        return "The last request to the provider may still be on its way. Try again in a few minutes."
    return ""


def _outdated(resolution: Resolution, operation: Transaction | None) -> str:
    """What was seen at the provider before it was sent again says nothing about how that went."""
    if operation is None or operation.last_sent_at is None or operation.last_sent_at <= resolution.proposed_at:
        return ""
    return "It was sent to the provider again after this was proposed. Reject it, and look for new evidence."


def _must_be_another(resolution: Resolution, person: Person, permission: str) -> None:
    if resolution.proposed_by_user != person.user_id:
        return
    reason = "Whoever proposed an outcome cannot decide about it; a second person has to."
    _record(resolution.payment, permission, person, reason=reason, result=AuditEntry.DENIED)
    raise SamePerson(reason)


def _decide(resolution: Resolution, state: str, person: Person, note: str) -> None:
    Resolution.objects.filter(pk=resolution.pk).update(
        state=state, decided_by=person.actor[:200], decided_by_user=person.user_id, decided_at=Now(),
        decision_note=note.strip()[:300],
    )  # fmt: skip


def _outcome(payment: Payment, resolution: Resolution, approver: Person) -> Outcome:
    proposer = Person(resolution.proposed_by_user, resolution.proposed_by).name
    kind = Kind(resolution.outcome)
    return Outcome(
        kind,
        code="unspecified" if kind == Kind.FAILED else "",
        message=(
            f"Settled by hand as {kind}: proposed by {proposer}, approved by {approver.name}. {resolution.reason}"
        ),
        provider_reference=resolution.provider_reference,
        amount=payment.amount,
        currency=payment.currency,
        phone=payment.phone,
    )


def _record(
    payment: Payment,
    action: str,
    person: Person,
    *,
    reason: str,
    result: str = AuditEntry.OK,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.record(
        actor=person.actor, action=action, target=payment.id, livemode=payment.livemode, result=result, reason=reason,
        ip=person.ip, request_id=person.request_id, before=before, after=after,
    )  # fmt: skip

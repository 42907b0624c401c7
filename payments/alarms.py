"""Alarms on payments that have ended: a person looks, says what was found, and takes it off the list."""

from django.db import transaction

from payments import audit
from payments.errors import InvalidState, Refusal
from payments.models import AuditEntry, Payment
from payments.services import get_payment
from payments.transitions import lock_payment


def acknowledge_alarm(
    *, payment_id: str, livemode: bool, note: str, actor: str, ip: str = "", request_id: str = ""
) -> None:
    """Mark the alarm of a payment, payout or refund as seen, with what was found. The next alarm raises it again.

    Raises NotFound, Refusal without a note, InvalidState while it has no final state (then the alarm is not over) or
    no alarm.
    """
    get_payment(payment_id=payment_id, livemode=livemode)
    if not note.strip():
        raise Refusal("Say what you found: whoever asks later reads it here.")
    with transaction.atomic():
        payment = lock_payment(payment_id)
        refusal = _refusal(payment)
        if not refusal:
            since = payment.attention_at.isoformat() if payment.attention_at else ""
            Payment.objects.filter(pk=payment.pk).update(attention_at=None)
        audit.record(
            actor=actor, action="payment.alarm_seen", target=payment.id, livemode=livemode, ip=ip,
            request_id=request_id, reason=refusal or note.strip(),
            result=AuditEntry.FAILED if refusal else AuditEntry.OK,
            before=None if refusal else {"needs_attention_since": since},
        )  # fmt: skip
    if refusal:
        raise InvalidState(refusal)


def _refusal(payment: Payment) -> str:
    if payment.attention_at is None:
        return f"{payment.id} has no alarm; somebody may have been faster."
    if not payment.is_final:
        return f"{payment.id} is {payment.status}: it needs a person until it has a final state."
    return ""

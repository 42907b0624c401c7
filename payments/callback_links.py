"""A person says which payment an unmatched message belongs to; it is then read back and judged like any other."""

from django.db import transaction
from django.db.models.functions import Now

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.kinds import PaymentKind
from payments.models import AuditEntry, Callback, Payment
from payments.selectors.payments import find_payment
from providers.names import network_name
from tenants import doorbell, jobs
from tenants.current import current_tenant


def link_callback(
    *, callback_id: str, livemode: bool, text: str, actor: str, ip: str = "", request_id: str = ""
) -> Payment:
    """Link a message that matched nothing to the payment, payout or refund with this id or reference.

    Nothing is believed by it: a job asks the provider. Raises NotFound (no such message, no such payment in this
    mode), InvalidState (it has a payment, or the payment was never sent), Refusal for another provider's payment.
    """
    if not Callback.objects.filter(pk=callback_id).exists():
        raise NotFound(f"There is no message {callback_id}.")
    payment = _find_payment(text.strip(), livemode)
    with transaction.atomic():
        callback = Callback.objects.select_for_update().get(pk=callback_id)
        refusal = _refusal(callback, payment)
        if refusal is None:
            Callback.objects.filter(pk=callback.pk).update(
                payment_id=payment.id, linked_by=actor[:200], linked_at=Now(), verdict=Callback.RECEIVED, reason="",
                processed_at=None,
            )  # fmt: skip
            jobs.add(
                kind="callback", tenant_id=current_tenant().pk, subject=callback.id, lane=callback.provider,
                request_id=request_id, once=True,
            )  # fmt: skip
        audit.record(
            actor=actor, action="callback.linked", target=callback.id, livemode=livemode, ip=ip,
            request_id=request_id, reason=str(refusal or ""), result=AuditEntry.FAILED if refusal else AuditEntry.OK,
            before={"payment": callback.payment_id, "verdict": callback.verdict},
            after={"payment": payment.id},
        )  # fmt: skip
    if refusal is not None:
        raise refusal
    doorbell.ring()
    return payment


def _find_payment(text: str, livemode: bool) -> Payment:
    found = find_payment(livemode=livemode, text=text)
    ours = Payment.objects.filter(livemode=livemode)
    # The same reference may be in use for a payment and a payout; then only an id says which.
    candidates = list(ours.filter(id=found) if found else ours.filter(reference=text, kind__in=list(PaymentKind))[:2])
    if len(candidates) != 1:
        raise NotFound("No single payment, payout or refund in this mode has this id or reference.")
    return candidates[0]


def _refusal(callback: Callback, payment: Payment) -> Refusal | None:
    if callback.payment_id:
        return InvalidState(f"This message belongs to {callback.payment_id} already.")
    if callback.provider != payment.provider:
        return Refusal(
            f"The message came from {network_name(callback.provider)}, but {payment.id} is with "
            f"{network_name(payment.provider)}."
        )
    if not payment.transactions.exists():
        return InvalidState(
            f"{payment.id} was never sent to {network_name(payment.provider)}, so it cannot have sent news of it."
        )
    return None

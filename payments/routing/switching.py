"""Whether a payment may be tried with its next provider: only when nothing can have moved at the ones before.

Two things must hold. The money: the operation ended by the provider's own lasting word, or was refused before anything
was accepted; a "not found" or a word that may be taken back is not enough. And the reason: another provider could do
better. The database holds the first by itself (`guard_provider`, `transaction_only_one_may_move_money`).
"""

from datetime import timedelta

from django.db.models.functions import Now

from payments import audit
from payments.decisions import Decision, Facts
from payments.kinds import PaymentKind
from payments.models import Payment, Transaction
from payments.states import Status
from providers.base import Kind, Outcome
from providers.names import network_name
from tenants import jobs
from tenants.current import current_tenant

# A number that was ported, an account that is not set up, a network that could not take it. Nobody else finds more
# money in the payer's wallet, or makes a payer agree who declined.
CURABLE_ELSEWHERE = frozenset(
    {"payer_not_found", "provider_error", "provider_rejected", "credentials_rejected", "currency_not_supported"}
)
PAYER_WAITS = timedelta(seconds=120)


def may_switch(payment: Payment, outcome: Outcome, decision: Decision, facts: Facts) -> bool:
    """Whether this failure ends the operation only, and the next provider is to be tried."""
    if decision.to != Status.FAILED or not payment.alternatives or outcome.code not in CURABLE_ELSEWHERE:
        return False
    return _is_provably_dead(outcome, facts) and _is_somebody_waiting(payment)


def switch(payment: Payment, ended: Transaction, because: str, *, request_id: str) -> None:
    """Hand the payment, which the caller has locked, to its next provider. `ended` must be saved as dead."""
    before, (after, *left) = payment.provider, payment.alternatives
    payment.provider, payment.alternatives, payment.provider_reference = after, left, ""
    payment.save(update_fields=["provider", "alternatives", "provider_reference"])
    audit.record(
        actor="system:routing", action="payment.rerouted", target=payment.id, livemode=payment.livemode,
        reason=f"{network_name(before)}: {because} Nothing moved there ({ended.reference} is over), so "
        f"{network_name(after)} is tried.",
        request_id=request_id, before={"provider": before}, after={"provider": after},
    )  # fmt: skip
    tenant_id = current_tenant().pk
    _drop_jobs(payment)  # they are in the lane of the provider before
    jobs.add(
        kind="dispatch", tenant_id=tenant_id, subject=payment.id, lane=after, request_id=request_id, once=True
    )  # fmt: skip


def take_back(payment: Payment, revived: Transaction, *, request_id: str) -> None:
    """The provider before has it after all, and nothing was sent to a later one, or nothing moved there: back to it.

    The caller has locked the payment, and saves the operation.
    """
    before = payment.provider
    payment.provider, payment.alternatives = revived.provider, []
    payment.save(update_fields=["provider", "alternatives"])
    if not payment.is_final:
        revived.state, revived.settled_at = Transaction.OPEN, None
    audit.record(
        actor="system:routing", action="payment.rerouted", target=payment.id, livemode=payment.livemode,
        reason=f"{network_name(revived.provider)} has it after all, so it is not tried with anybody else.",
        request_id=request_id, before={"provider": before}, after={"provider": revived.provider},
    )  # fmt: skip
    _drop_jobs(payment)


def _drop_jobs(payment: Payment) -> None:
    for kind in ("dispatch", "poll"):
        jobs.drop(kind=kind, tenant_id=current_tenant().pk, subject=payment.id)


def _is_provably_dead(outcome: Outcome, facts: Facts) -> bool:
    if outcome.low_trust or facts.earlier_send_is_open:
        return False
    return outcome.kind == Kind.FAILED or (outcome.kind == Kind.REFUSED and not facts.may_have_arrived)


def _is_somebody_waiting(payment: Payment) -> bool:
    if PaymentKind(payment.kind).waits:
        return True
    return Payment.objects.filter(pk=payment.pk, created_at__gt=Now() - PAYER_WAITS).exists()

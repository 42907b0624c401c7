"""The job that asks the provider what became of a payment, by our own reference, until there is a final word."""

from datetime import timedelta

import structlog
from django.utils import timezone

from payments import circuits
from payments.accounts import open_account_of
from payments.circuits import CircuitIsOpen, key_of
from payments.models import Payment, Transaction
from payments.reconciliation import Applied, Source, apply_outcome
from payments.settling import is_call_over, is_send_settled
from providers.base import Operation, Outcome
from providers.registry import get_provider
from tenants import backoff
from tenants.jobs import Claim, Later

# While the provider is down nobody is asked; a circuit that closes brings the polls forward.
DOWN_SECONDS = 60.0
# Of a provider that answers no look-ups: a call that is under way is looked at again after so long.
UNANSWERED_SECONDS = 10.0

log = structlog.get_logger("payments")


def poll(job: Claim) -> None:
    """Job handler; the subject is a payment. Plans its own successor through apply_outcome."""
    payment = Payment.objects.get(pk=job.subject)
    operation = payment.transactions.order_by("-number").first()
    if operation is None or (payment.is_final and not operation.follow_ups_left):
        return
    look_up(operation, livemode=payment.livemode, source=Source.POLL, request_id=job.request_id)


def look_up(operation: Transaction, *, livemode: bool, source: Source, request_id: str) -> tuple[Outcome, Applied]:
    """Ask the provider about one operation, outside any transaction, and apply the answer.

    Raises Later while the provider is down: then only probes may ask.
    """
    with structlog.contextvars.bound_contextvars(payment=operation.payment_id, provider=operation.provider):
        account, provider = open_account_of(operation), get_provider(operation.provider)
        asked = Operation(operation.operation)
        if not provider.answers_lookups(asked) and operation.state == Transaction.OPEN and not is_call_over(operation):
            raise Later(UNANSWERED_SECONDS)  # its own answer may still come, and nobody else can be asked
        # Of what the provider confirmed to have and nobody ended, "not found" is never believed anyway.
        may_count = operation.answered_at is None or operation.follow_ups_left > 0
        settled_sends = operation.sends if may_count and is_send_settled(operation) else 0
        try:
            circuit = circuits.load(key_of(operation, livemode=livemode))
            outcome = circuits.call(
                circuit, lambda: provider.lookup(account, asked, operation.reference), is_lookup=True
            )
        except CircuitIsOpen:
            raise _later(operation) from None
        log.info("provider_lookup", kind=outcome.kind, provider_code=outcome.provider_code, source=source)
        applied = apply_outcome(
            transaction_id=operation.id, outcome=outcome, source=source, settled_sends=settled_sends,
            request_id=request_id,
        )  # fmt: skip
    return outcome, applied


def _later(operation: Transaction) -> Later:
    seconds = DOWN_SECONDS + backoff.delay_seconds(3)
    next_check_at = timezone.now() + timedelta(seconds=seconds)
    Payment.objects.filter(pk=operation.payment_id).update(next_check_at=next_check_at)
    return Later(seconds)

"""The job that asks the provider what became of a payment, by our own reference, until there is a final word."""

import structlog

from payments.accounts import open_account_of
from payments.models import Payment, Transaction
from payments.reconciliation import Applied, Source, apply_outcome
from providers.base import Operation, Outcome
from providers.registry import get_provider
from tenants.jobs import Claim

log = structlog.get_logger("payments")


def poll(job: Claim) -> None:
    """Job handler; the subject is a payment. Plans its own successor through apply_outcome."""
    payment = Payment.objects.get(pk=job.subject)
    operation = payment.transactions.order_by("-number").first()
    if operation is None or (payment.is_final and not operation.follow_ups_left):
        return
    look_up(operation, source=Source.POLL, request_id=job.request_id)


def look_up(operation: Transaction, *, source: Source, request_id: str) -> tuple[Outcome, Applied]:
    """Ask the provider about one operation, outside any transaction, and apply the answer."""
    with structlog.contextvars.bound_contextvars(payment=operation.payment_id, provider=operation.provider):
        account = open_account_of(operation)
        outcome = get_provider(operation.provider).lookup(account, Operation(operation.operation), operation.reference)
        log.info("provider_lookup", kind=outcome.kind, provider_code=outcome.provider_code, source=source)
        applied = apply_outcome(transaction_id=operation.id, outcome=outcome, source=source, request_id=request_id)
    return outcome, applied

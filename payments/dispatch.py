"""The job that hands a payment to its provider: commit the intent with our reference first, then call, then apply."""

from dataclasses import dataclass
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from payments import ids
from payments.accounts import find_account, open_account_of
from payments.callback_urls import callback_url
from payments.models import Payment, Transaction
from payments.reconciliation import Source, apply_outcome
from payments.settling import settle_seconds
from payments.states import Status
from payments.transitions import FailureFacts, lock_payment, move
from providers.base import Account, Instruction, Operation, Outcome
from providers.clock import steady_seconds
from providers.registry import get_provider
from tenants import jobs
from tenants.current import current_tenant
from tenants.jobs import Claim

ANSWER_MARGIN_SECONDS = 2.0

log = structlog.get_logger("payments")


@dataclass(frozen=True, slots=True)
class Intent:
    """What was committed before the call."""

    payment: Payment
    operation: Transaction
    account: Account
    send_before: float  # providers.clock.steady_seconds()


def dispatch(job: Claim) -> None:
    """Job handler; the subject is a payment. A repeat after a crash finds the intent and leaves it to the polls."""
    intent = commit_intent(job)
    if intent is not None:
        send(intent, request_id=job.request_id)


def commit_intent(job: Claim) -> Intent | None:
    """Write, in one transaction, that we are about to call, and the poll that will find out whatever happens next.

    Returns None when there is nothing to send: canceled meanwhile, sent already, or impossible to route.
    """
    with transaction.atomic():
        payment = lock_payment(job.subject)
        operation = _operation_to_send(payment, job)
        if operation is None:
            return None
        jobs.hold(job)
        account = open_account_of(operation)  # before anything is written: credentials that cannot be opened stop here
        operation.sends += 1
        operation.may_resend = False
        operation.not_found_count = 0
        operation.last_sent_at = Now()
        operation.save()
        if payment.status == Status.PENDING:
            move(
                payment,
                to=Status.PROCESSING,
                because=f"Handed to {payment.provider} as {operation.reference}.",
                actor="system:dispatch",
                request_id=job.request_id,
            )
        # Should this process die during the call, this poll asks the provider what became of it. The answer, when it
        # comes, pulls the poll forward.
        jobs.add(
            kind="poll", tenant_id=job.tenant_id, subject=payment.id, request_id=job.request_id, once=True,
            delay_seconds=settings.PROVIDER_TIMEOUTS[operation.provider] + ANSWER_MARGIN_SECONDS,
        )  # fmt: skip
        jobs.finish(job)
        return Intent(payment=payment, operation=operation, account=account, send_before=_send_before(operation))


def send(intent: Intent, *, request_id: str) -> None:
    """Call the provider, outside any transaction, and apply its answer."""
    operation = intent.operation
    provider = get_provider(operation.provider)
    with structlog.contextvars.bound_contextvars(payment=operation.payment_id, provider=operation.provider):
        outcome = provider.send(intent.account, _instruction(intent))
        _log_answer(outcome)
    apply_outcome(transaction_id=operation.id, outcome=outcome, source=Source.ANSWER, request_id=request_id)


def _send_before(operation: Transaction) -> float:
    """A process that slept, or waited long for a token, must not send after "not found" was believed meanwhile."""
    return steady_seconds() + settle_seconds(operation.provider) / 2


def _operation_to_send(payment: Payment, job: Claim) -> Transaction | None:
    if payment.status == Status.PENDING:
        return _first_operation(payment, job)
    if payment.is_final:
        return None
    operation = payment.transactions.select_for_update(of=("self",)).get(state=Transaction.OPEN)
    # Only after proof that nothing is under way: see decisions.py, resend_after_seconds.
    return operation if operation.may_resend else None


def _first_operation(payment: Payment, job: Claim) -> Transaction | None:
    account = find_account(provider=payment.provider, livemode=payment.livemode)
    if account is None:
        failure = FailureFacts(
            code="credentials_rejected",
            message=f"No {payment.provider} account is connected any more; connect one and make a new payment.",
            retry_safe=True,
        )
        move(
            payment, to=Status.FAILED, because=failure.message, actor="system:dispatch", failure=failure,
            request_id=job.request_id,
        )  # fmt: skip
        return None
    return Transaction(
        id=ids.transaction_id(),
        payment=payment,
        number=1,
        provider=payment.provider,
        account_id=account.id,
        base_url=account.base_url,
        reference=str(uuid4()),
        created_at=timezone.now(),
    )


def _instruction(intent: Intent) -> Instruction:
    payment, operation = intent.payment, intent.operation
    return Instruction(
        operation=Operation(operation.operation),
        reference=operation.reference,
        amount=payment.amount,
        currency=payment.currency,
        phone=payment.phone,
        external_id=payment.id,
        payer_message=payment.description or payment.reference or payment.id,
        payee_note=current_tenant().name,
        callback_url=callback_url(
            provider=operation.provider, merchant=current_tenant().public_id, transaction_id=operation.id
        ),
        send_before=intent.send_before,
    )


def _log_answer(outcome: Outcome) -> None:
    for exchange in outcome.exchanges:
        log.info(
            "provider_call",
            operation=exchange.operation,
            status=exchange.status,
            ms=exchange.duration_ms,
            error=exchange.error,
        )
    log.info("provider_outcome", kind=outcome.kind, code=outcome.code, provider_code=outcome.provider_code)

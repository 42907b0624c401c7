"""The job that hands a payment to its provider: commit the intent with our reference first, then call, then apply."""

import time
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from payments import audit, circuits
from payments.accounts import open_account
from payments.callback_urls import callback_url
from payments.circuits import CircuitIsOpen, key_of
from payments.kinds import PaymentKind
from payments.models import Payment, Transaction
from payments.operations import CannotBeSent, Planned, operation_to_send
from payments.reconciliation import Source, apply_outcome
from payments.retry_budget import budget
from payments.settling import settle_seconds
from payments.states import Status
from payments.transitions import FailureFacts, lock_payment, move
from providers.base import Account, CallsBack, Instruction, Kind, Operation, Outcome
from providers.clock import steady_seconds
from providers.names import network_name
from providers.registry import get_provider
from tenants import backoff, jobs
from tenants.current import current_tenant
from tenants.jobs import Claim, Later
from tenants.models import Circuit

ANSWER_MARGIN_SECONDS = 2.0
# Between tries to write down an answer; each of them may wait for a lock for as long as lock_timeout says.
ANSWER_PAUSES_SECONDS = (0.5, 2.0, 5.0, 10.0)
# What is held looks again by itself after so long; a circuit that closes lets it go at once.
HELD_SECONDS = 60.0
PAYER_WAITS_SECONDS = 120.0
# As long as a prompt lives on the phone. Who was not asked by then, by whosever fault, has paid otherwise or left.
PROMPT_LIVES_SECONDS = 300.0

log = structlog.get_logger("payments")


@dataclass(frozen=True, slots=True)
class Intent:
    """What was committed before the call."""

    payment: Payment
    operation: Transaction
    account: Account
    circuit: Circuit
    collected: Transaction | None  # what a refund pays back
    send_before: float  # providers.clock.steady_seconds()


def dispatch(job: Claim) -> None:
    """Job handler; the subject is a payment. A repeat after a crash finds the intent and leaves it to the polls."""
    intent = commit_intent(job)
    if intent is not None:
        send(intent, request_id=job.request_id)


def commit_intent(job: Claim) -> Intent | None:
    """Write, in one transaction, that we are about to call, and the poll that will find out whatever happens next.

    Returns None when there is nothing to send: canceled meanwhile, sent already, or impossible to route. Raises Later
    while the provider is down, or when too much was re-sent lately.
    """
    with transaction.atomic():
        payment = lock_payment(job.subject)
        try:
            _refuse_if_too_late(payment)
            planned = operation_to_send(payment)
            _refuse_if_payer_left(payment, planned)
        except CannotBeSent as cannot:
            move(
                payment, to=Status.FAILED, because=cannot.failure.message, actor="system:dispatch",
                failure=cannot.failure, request_id=job.request_id,
            )  # fmt: skip
            return None
        if planned is None:
            return None
        circuit = circuits.load(key_of(planned.operation, livemode=payment.livemode))
        wait_seconds = _seconds_to_wait(payment, planned.operation, circuit)
        if not wait_seconds:
            return _commit(payment, planned, circuit, job)
    raise Later(wait_seconds)


def send(intent: Intent, *, request_id: str) -> None:
    """Call the provider, outside any transaction, and apply its answer."""
    operation, provider = intent.operation, get_provider(intent.operation.provider)
    with structlog.contextvars.bound_contextvars(payment=operation.payment_id, provider=operation.provider):
        try:
            outcome = circuits.call(intent.circuit, lambda: provider.send(intent.account, _instruction(intent)))
        except CircuitIsOpen:
            outcome = OPENED_MEANWHILE
        _log_answer(outcome)
    _apply(operation.id, outcome, request_id=request_id)


def _apply(transaction_id: str, outcome: Outcome, *, request_id: str) -> None:
    """Nobody else has this answer: a lock that is held for long, a deadlock or a lost connection must not cost it."""
    for pause_seconds in (*ANSWER_PAUSES_SECONDS, None):
        try:
            apply_outcome(transaction_id=transaction_id, outcome=outcome, source=Source.ANSWER, request_id=request_id)
        except OperationalError:
            if pause_seconds is None:
                raise
            log.warning("answer_not_applied_yet", transaction=transaction_id, exc_info=True)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause_seconds)
        else:
            return


OPENED_MEANWHILE = Outcome(
    Kind.REFUSED,
    code="provider_error",
    message="The provider went down in this moment; nothing was sent.",
    retry_safe=True,
    retry_after_seconds=1.0,
)


def _refuse_if_too_late(payment: Payment) -> None:
    """A payer who wanted to pay minutes ago is gone; a prompt out of nowhere helps nobody. Nothing was ever sent."""
    if PaymentKind(payment.kind).waits or payment.status != Status.PENDING:
        return
    gone = Q(created_at__lte=Now() - timedelta(seconds=PROMPT_LIVES_SECONDS))
    bored = Q(held_at__lte=Now() - timedelta(seconds=PAYER_WAITS_SECONDS))
    if Payment.objects.filter(gone | bored, pk=payment.pk).exists():
        message = f"{network_name(payment.provider)} could not be used while the payer was waiting. Nothing was sent."
        raise CannotBeSent(FailureFacts(code="provider_error", message=message, retry_safe=True))


def _refuse_if_payer_left(payment: Payment, planned: Planned | None) -> None:
    """The same of a next provider that had to be waited for."""
    if PaymentKind(payment.kind).waits or planned is None or planned.operation.sends or planned.operation.number == 1:
        return
    late = Now() - timedelta(seconds=PAYER_WAITS_SECONDS)
    if Payment.objects.filter(pk=payment.pk, created_at__lte=late).exists():
        message = f"{network_name(payment.provider)} could not be used while the payer was waiting. Nothing was sent."
        raise CannotBeSent(FailureFacts(code="provider_error", message=message, retry_safe=True))


def _seconds_to_wait(payment: Payment, operation: Transaction, circuit: Circuit) -> float:
    """Nothing, unless the provider is down or a re-send would be one too many."""
    if circuit.is_blocked:
        _hold(payment, operation, circuit)
        return HELD_SECONDS + backoff.delay_seconds(3)
    if not operation.sends:
        budget.earn(operation.provider)
    elif not budget.spend(operation.provider):
        return 1.0 + backoff.delay_seconds(operation.sends)
    return 0.0


def _hold(payment: Payment, operation: Transaction, circuit: Circuit) -> None:
    """It waits for a provider that is down; said once, however often it looks again."""
    so_far = "It is not sent again yet." if operation.sends else "Nothing was sent."
    why = "was stopped by hand" if circuit.forced else "is down"
    if Payment.objects.filter(pk=payment.pk, held_at=None).update(held_at=Now()):
        audit.record(
            actor="system:dispatch", action="payment.held", target=payment.id, livemode=payment.livemode,
            reason=f"{network_name(payment.provider)} {why}. {so_far}",
        )  # fmt: skip


def _commit(payment: Payment, planned: Planned, circuit: Circuit, job: Claim) -> Intent:
    operation = planned.operation
    account = open_account(planned.account, base_url=operation.base_url)  # what cannot be opened stops here
    jobs.finish(job)
    # Reckoned before last_sent_at is written: whatever holds this transaction up must not lengthen the time to send.
    send_before = _send_before(operation)
    operation.sends += 1
    operation.may_resend = False
    operation.not_found_count = 0
    operation.last_sent_at = Now()
    operation.save()
    if payment.status == Status.PENDING:
        if payment.held_at:
            audit.record(
                actor="system:dispatch", action="payment.released", target=payment.id, livemode=payment.livemode,
                reason=f"{network_name(payment.provider)} can be used again.",
                before={"held_since": payment.held_at.isoformat()},
            )  # fmt: skip
        move(
            payment,
            to=Status.PROCESSING,
            because=_handed_over(payment, operation),
            actor="system:dispatch",
            request_id=job.request_id,
        )
    # Should this process die during the call, this poll asks the provider what became of it. The answer, when it
    # comes, pulls the poll forward.
    jobs.add(
        kind="poll", tenant_id=job.tenant_id, subject=payment.id, lane=operation.provider, request_id=job.request_id,
        once=True, delay_seconds=settings.PROVIDER_TIMEOUTS[operation.provider] + ANSWER_MARGIN_SECONDS,
    )  # fmt: skip
    return Intent(payment, operation, account, circuit, planned.collected, send_before)


def _handed_over(payment: Payment, operation: Transaction) -> str:
    network = network_name(payment.provider)
    if payment.kind == PaymentKind.REFUND and operation.operation == Operation.TRANSFER:
        return f"Handed to {network} as {operation.reference}: a payout, for {network} has no refund of this kind."
    return f"Handed to {network} as {operation.reference}."


def _send_before(operation: Transaction) -> float:
    """A process that slept, or waited long for a token, must not send after "not found" was believed meanwhile."""
    return steady_seconds() + settle_seconds(operation.provider) / 2


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
        callback_url=_callback_url(operation),
        original_reference=intent.collected.reference if intent.collected else "",
        original_provider_reference=intent.collected.provider_reference if intent.collected else "",
        send_before=intent.send_before,
    )


def _callback_url(operation: Transaction) -> str:
    if get_provider(operation.provider).calls_back != CallsBack.PER_OPERATION:
        return ""
    return callback_url(provider=operation.provider, merchant=current_tenant().public_id, place=operation.id)


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

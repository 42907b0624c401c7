"""The only door into the state machine: every outcome, from answers, polls, callbacks and people, is applied here.

One transaction: record what was exchanged, decide (payments/decisions.py), move, settle the operation, plan the next
look. Each non-final payment leaves here with a job that will bring the next word.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from payments import audit, callback_verdicts
from payments.decisions import Decision, Facts, decide
from payments.kinds import PaymentKind
from payments.models import AuditEntry, Exchange, Payment, Resolution, Transaction
from payments.plan import (
    ATTENTION_AFTER_SECONDS,
    FOLLOW_UP_SECONDS,
    FOREVER_SECONDS,
    next_follow_up_seconds,
    next_poll_seconds,
)
from payments.routing.switching import may_switch, switch, take_back
from payments.settling import settle_seconds
from payments.states import FINAL, Status
from payments.transitions import lock_operation, lock_payment_of, move
from providers.base import Kind, Operation, Outcome
from providers.registry import get_provider
from tenants import backoff, jobs
from tenants.current import current_tenant

ALARM = "payment.alarm"
ALIVE = {Kind.SUCCEEDED, Kind.PENDING}
# Of the settle window: so far apart must be what is counted as "not found" twice.
NOT_FOUND_APART = 1 / 12

log = structlog.get_logger("payments")


class Source(StrEnum):
    """Where an outcome came from. Only an ANSWER is the direct reply to a send."""

    ANSWER = "answer"
    POLL = "poll"
    CALLBACK = "callback"
    PERSON = "person"  # two of them: see payments/resolutions.py


@dataclass(frozen=True, slots=True)
class Applied:
    """What an outcome did. `moved_to` None: the status stayed."""

    status: Status
    moved_to: Status | None
    because: str
    has_switched: bool = False  # it ended at this provider, and the next one has it
    is_superseded: bool = False  # another provider had it before this was heard


def apply_outcome(
    *,
    transaction_id: str,
    outcome: Outcome,
    source: Source,
    settled_sends: int = 0,
    request_id: str = "",
    actor: str = "",
) -> Applied:
    """Apply what was learned about the operation `transaction_id`. May be called twice.

    settled_sends: of a look-up, for how many sends the settle window was over before it was made: only of these does
    "not found" prove anything, however long the answer took and whatever was sent since. actor: who, for a PERSON.
    """
    with transaction.atomic():
        payment = lock_payment_of(transaction_id)
        operation = lock_operation(transaction_id)
        _record_exchanges(operation, outcome, source)
        is_settled = outcome.kind == Kind.NOT_FOUND and 0 < settled_sends == operation.sends
        _count(operation, outcome, source, is_settled=is_settled)
        facts = _gather(payment, operation, outcome, source, is_settled=is_settled)
        if payment.provider != operation.provider and not facts.is_superseded and outcome.kind in ALIVE:
            take_back(payment, operation, request_id=request_id)
        decision = decide(outcome, facts)
        switches = may_switch(payment, outcome, decision, facts)
        if switches:
            decision = replace(decision, to=Status.PROCESSING if facts.status == Status.UNKNOWN else None)
        _update_operation(operation, outcome, decision, facts, source)
        if decision.to is not None:
            move(
                payment,
                to=decision.to,
                because=decision.because,
                actor=actor or f"provider:{operation.provider}",
                failure=decision.failure if decision.to == Status.FAILED else None,
                made_with=operation if decision.to == Status.SUCCEEDED else None,
                provider_reference=outcome.provider_reference,
                request_id=request_id,
            )
        if payment.is_final and outcome.kind in {Kind.SUCCEEDED, Kind.FAILED}:
            callback_verdicts.settle_unconfirmed(payment)
        if decision.to is not None and facts.status == Status.UNKNOWN:
            _overtake_proposal(payment, request_id)
        if decision.alarm:
            _raise_alarm(payment, decision.alarm, request_id)
        if switches:
            switch(payment, operation, decision.because, request_id=request_id)
        elif not facts.is_superseded:
            _plan_next_look(payment, operation, outcome, decision, request_id)
    is_superseded = not switches and payment.provider != operation.provider
    return Applied(
        Status(payment.status), decision.to, decision.because, has_switched=switches, is_superseded=is_superseded
    )


def _record_exchanges(operation: Transaction, outcome: Outcome, source: Source) -> None:
    last = len(outcome.exchanges) - 1
    Exchange.objects.bulk_create(
        Exchange(
            payment_id=operation.payment_id,
            transaction_id=operation.id,
            source=source,
            operation=exchange.operation,
            method=exchange.method,
            url=exchange.url[:500],
            request_headers=exchange.request_headers,
            # PostgreSQL text cannot hold NUL, which a broken gateway may well send.
            request_body=exchange.request_body.replace("\0", "�"),
            status=exchange.status,
            response_headers=exchange.response_headers,
            response_body=exchange.response_body.replace("\0", "�"),
            error=exchange.error[:300],
            started_at=exchange.started_at,
            duration_ms=exchange.duration_ms,
            verdict=outcome.kind if index == last else "",
            is_trouble=outcome.trouble and index == last,
        )
        for index, exchange in enumerate(outcome.exchanges)
    )


def _count(operation: Transaction, outcome: Outcome, source: Source, *, is_settled: bool) -> None:
    if source != Source.ANSWER:
        operation.polls += 1
    if outcome.kind == Kind.REFUSED and not outcome.low_trust:
        operation.refusals += 1
    elif outcome.kind == Kind.NOT_FOUND and is_settled:
        _count_not_found(operation)
    elif outcome.kind not in {Kind.UNKNOWN, Kind.NOT_FOUND}:
        operation.not_found_count, operation.not_found_at = 0, None


def _count_not_found(operation: Transaction) -> None:
    """Two looks in one moment are one: a provider that has lost its index for a second says the same to both."""
    now = timezone.now()
    apart = timedelta(seconds=settle_seconds(operation.provider) * NOT_FOUND_APART)
    if operation.not_found_at is None or now - operation.not_found_at >= apart:
        operation.not_found_count += 1
        operation.not_found_at = now


def _gather(payment: Payment, operation: Transaction, outcome: Outcome, source: Source, *, is_settled: bool) -> Facts:
    return Facts(
        status=Status(payment.status),
        is_answer=source == Source.ANSWER,
        was_answered=operation.answered_at is not None,
        may_have_arrived=operation.may_have_arrived,
        earlier_send_is_open=source == Source.ANSWER and operation.sends - operation.refusals > 1,
        is_settled=is_settled,
        not_found_count=operation.not_found_count,
        sends=operation.sends,
        most_sends=_most_sends(payment, operation),
        refuses_duplicates=get_provider(operation.provider).refuses_duplicates(Operation(operation.operation)),
        matches=_matches(payment, operation, outcome),
        is_superseded=_is_superseded(payment, operation, outcome),
    )


def _is_superseded(payment: Payment, operation: Transaction, outcome: Outcome) -> bool:
    """Whether its turn is over. One that lives after all has it back, unless money may have moved at a later one.

    Only a payment that once had a choice asks the database.
    """
    if operation.state != Transaction.DEAD or payment.provider == operation.provider:
        return False
    if outcome.kind not in ALIVE:
        return True
    return payment.transactions.filter(number__gt=operation.number).exclude(state=Transaction.DEAD).exists()


def _most_sends(payment: Payment, operation: Transaction) -> int:
    """Nobody waits at the phone for money out or back: it outlasts an outage, and only doubtful sends are counted."""
    refusals = operation.refusals if PaymentKind(payment.kind).waits else 0
    return int(settings.RETRY_MAX_ATTEMPTS) + refusals


def _matches(payment: Payment, operation: Transaction, outcome: Outcome) -> bool:
    """Whether the provider speaks of what we asked for.

    Of a provider that repeats amounts, a word without one proves nothing about ours.
    """
    if outcome.phone and outcome.phone.lstrip("+") != payment.phone:
        return False
    says_how_much = outcome.amount is not None or bool(outcome.currency)
    if says_how_much or get_provider(operation.provider).echoes_amounts:
        return outcome.amount == payment.amount and outcome.currency == payment.currency
    return True


def _update_operation(
    operation: Transaction, outcome: Outcome, decision: Decision, facts: Facts, source: Source
) -> None:
    now = timezone.now()
    # A send that is answered with a failure was not taken: that is no sign that the provider knows our reference.
    if outcome.kind in {Kind.SUCCEEDED, Kind.PENDING} or (outcome.kind == Kind.FAILED and source != Source.ANSWER):
        operation.answered_at = operation.answered_at or now
    if decision.transaction_state:
        operation.state, operation.settled_at = decision.transaction_state, now
    operation.provider_code = outcome.provider_code[:120] or operation.provider_code
    operation.provider_reference = outcome.provider_reference[:64] or operation.provider_reference
    if decision.resend_after_seconds is not None:
        operation.may_resend = True
    elif outcome.kind in {Kind.SUCCEEDED, Kind.FAILED, Kind.PENDING}:
        operation.may_resend = False
    operation.follow_ups_left = _follow_ups_left(operation, outcome, decision, facts, source)
    operation.save()


def _follow_ups_left(operation: Transaction, outcome: Outcome, decision: Decision, facts: Facts, source: Source) -> int:
    if decision.to in FINAL and source == Source.PERSON:
        return len(FOLLOW_UP_SECONDS)  # the provider may yet say otherwise
    if decision.to == Status.FAILED and (outcome.low_trust or outcome.kind == Kind.NOT_FOUND):
        return len(FOLLOW_UP_SECONDS)
    if decision.to is not None or facts.status not in FINAL:
        return 0
    if facts.status == Status.SUCCEEDED and decision.alarm:
        return 0  # heard; asking again would only repeat the alarm
    if facts.status == Status.FAILED and outcome.kind == Kind.PENDING:
        return len(FOLLOW_UP_SECONDS)  # it lives after all: its end must be heard
    return max(0, operation.follow_ups_left - (outcome.kind != Kind.UNKNOWN))


def _overtake_proposal(payment: Payment, request_id: str) -> None:
    """The provider spoke before a second person decided about what the first had proposed."""
    open_ones = Resolution.objects.filter(payment=payment, state=Resolution.PROPOSED)
    if open_ones.update(state=Resolution.OVERTAKEN, decided_at=Now()):
        audit.record(
            actor="system:reconciliation", action="resolution.overtaken", target=payment.id,
            livemode=payment.livemode, request_id=request_id, after={"status": payment.status},
        )  # fmt: skip


def _raise_alarm(payment: Payment, alarm: str, request_id: str) -> None:
    """Have a person look. A poll that finds the same trouble again says nothing new."""
    now = timezone.now()
    is_new = Payment.objects.filter(pk=payment.pk, attention_at=None).update(attention_at=now)
    earlier = AuditEntry.objects.filter(target=payment.id, action=ALARM).order_by("-position")
    if not is_new and earlier.values_list("reason", flat=True).first() == alarm:
        return
    log.error("payment_alarm", payment=payment.id, alarm=alarm)
    audit.record(
        actor="system:reconciliation",
        action=ALARM,
        target=payment.id,
        livemode=payment.livemode,
        reason=alarm,
        request_id=request_id,
        after={"status": payment.status},
    )


def _plan_next_look(
    payment: Payment, operation: Transaction, outcome: Outcome, decision: Decision, request_id: str
) -> None:
    # What somebody was asked to look at may have found its end by itself.
    # Not what a provider said that had it before: nobody has looked at that yet.
    is_clear = decision.to in FINAL and not decision.alarm and operation.number == 1
    settled = {"attention_at": None} if is_clear else {}
    tenant_id = current_tenant().pk
    if payment.is_final and not operation.follow_ups_left:
        Payment.objects.filter(pk=payment.pk).update(next_check_at=None, **settled)
        jobs.drop(kind="poll", tenant_id=tenant_id, subject=payment.id)
        return
    if decision.resend_after_seconds is not None:
        jobs.add(
            kind="dispatch", tenant_id=tenant_id, subject=payment.id, lane=operation.provider, request_id=request_id,
            once=True, delay_seconds=max(decision.resend_after_seconds, backoff.delay_seconds(operation.sends)),
        )  # fmt: skip
    can_be_asked = get_provider(operation.provider).answers_lookups(Operation(operation.operation))
    seconds = next_poll_seconds(_age_seconds(operation), retry_after_seconds=outcome.retry_after_seconds)
    if not can_be_asked:
        # Only a late answer, a statement or two people will tell. Like all that is open, it keeps a job all the same.
        seconds = FOREVER_SECONDS
    if payment.is_final:
        seconds = max(outcome.retry_after_seconds or 0.0, next_follow_up_seconds(operation.follow_ups_left))
    jobs.add(
        kind="poll", tenant_id=tenant_id, subject=payment.id, lane=operation.provider, request_id=request_id,
        once=True, delay_seconds=seconds,
    )  # fmt: skip
    now = timezone.now()
    next_check_at = now + timedelta(seconds=seconds) if can_be_asked else None
    if not can_be_asked and payment.status == Status.UNKNOWN:
        Payment.objects.filter(pk=payment.pk, attention_at=None).update(attention_at=now)
    Payment.objects.filter(pk=payment.pk).update(next_check_at=next_check_at, **settled)
    if not payment.is_final and now - payment.created_at > timedelta(seconds=ATTENTION_AFTER_SECONDS):
        Payment.objects.filter(pk=payment.pk, attention_at=None).update(attention_at=now)


def _age_seconds(operation: Transaction) -> float:
    """Since the last send: that, and not how often anybody has asked, says how soon to ask again."""
    began = operation.last_sent_at
    return (timezone.now() - began).total_seconds() if isinstance(began, datetime) else 0.0


def keep_asking(transaction_id: str, *, request_id: str = "") -> None:
    """Look again at what had ended, as at a failure that may be taken back: somebody says that it ended otherwise."""
    with transaction.atomic():
        payment = lock_payment_of(transaction_id)
        operation = lock_operation(transaction_id)
        if payment.is_final and not operation.follow_ups_left:
            operation.follow_ups_left = len(FOLLOW_UP_SECONDS)
            operation.save(update_fields=["follow_ups_left"])
        jobs.add(
            kind="poll", tenant_id=current_tenant().pk, subject=payment.id, lane=operation.provider,
            request_id=request_id, once=True, delay_seconds=FOLLOW_UP_SECONDS[0],
        )  # fmt: skip

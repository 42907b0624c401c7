"""The only writer of a payment's status: lock, check the edge, write payment, ledger, event and audit entry as one."""

from dataclasses import dataclass

import structlog
from django.db import transaction
from django.utils import timezone

from payments import audit, ids, ledger
from payments.kinds import PaymentKind
from payments.models import Event, Payment
from payments.representation import represent
from payments.states import FINAL, Status, check_transition

log = structlog.get_logger("payments")


@dataclass(frozen=True, slots=True)
class FailureFacts:
    """Why a payment failed: our code, words for people, the provider's own code, and whether trying again is safe."""

    code: str
    message: str
    provider_code: str = ""
    retry_safe: bool = False


def lock_payment(payment_id: str) -> Payment:
    """The payment, locked until the transaction ends. Lock order everywhere: Payment, Transaction, Job."""
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment_id)


def move(
    payment: Payment,
    *,
    to: Status,
    because: str,
    actor: str,
    failure: FailureFacts | None = None,
    provider_reference: str = "",
    ip: str = "",
    request_id: str = "",
) -> Event:
    """Move a payment that the caller has locked. Raises IllegalTransition; nothing is written then.

    `failure` is required for `failed` and refused for anything else.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("move() needs the transaction that holds the payment's lock")
    if (to == Status.FAILED) != (failure is not None):
        raise ValueError("a failure, and nothing else, says why it failed")
    before = Status(payment.status)
    check_transition(before, to)
    now = timezone.now()
    payment.status = to
    payment.version += 1
    payment.updated_at = now
    payment.completed_at = now if to in FINAL else None
    payment.held_at = None
    payment.provider_reference = provider_reference or payment.provider_reference
    facts = failure or FailureFacts(code="", message="")
    payment.failure_code, payment.failure_message = facts.code, facts.message[:500]
    payment.failure_provider_code, payment.failure_retry_safe = facts.provider_code[:120], facts.retry_safe
    payment.save(
        update_fields=[
            "status", "version", "updated_at", "completed_at", "held_at", "provider_reference",
            "failure_code", "failure_message", "failure_provider_code", "failure_retry_safe",
        ]
    )  # fmt: skip
    if to == Status.SUCCEEDED:
        ledger.post_success(payment)
    log.info("payment_moved", payment=payment.id, before=before, after=to, because=because)
    return _record(payment, before=before, because=because, actor=actor, ip=ip, request_id=request_id)


def _record(payment: Payment, *, before: Status, because: str, actor: str, ip: str, request_id: str) -> Event:
    happened = f"{PaymentKind(payment.kind).object_name}.{payment.status}"
    audit.record(
        actor=actor,
        action=happened,
        target=payment.id,
        livemode=payment.livemode,
        reason=because,
        ip=ip,
        request_id=request_id,
        before={"status": before},
        after={"status": payment.status, "version": payment.version},
    )
    return Event.objects.create(
        id=ids.event_id(),
        livemode=payment.livemode,
        type=happened,
        object_id=payment.id,
        object_version=payment.version,
        status=payment.status,
        reason=because[:300],
        actor=actor,
        request_id=request_id,
        data={"object": represent(payment)},
    )

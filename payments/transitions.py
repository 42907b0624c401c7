"""The only writer of a payment's status: lock, check the edge, write payment, ledger, event and audit entry as one."""

from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from payments import audit, ids, ledger
from payments.kinds import PaymentKind
from payments.models import Payment, Transaction
from payments.representation import represent
from payments.states import FINAL, Status, check_transition
from tenants.current import current_tenant
from tenants.jobs import ADD_UNLESS_WAITING

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
    return _locked("SELECT * FROM payments_payment WHERE id = %s FOR UPDATE", payment_id)


def lock_payment_of(transaction_id: str) -> Payment:
    """The payment that an operation carries out, locked likewise."""
    return _locked(
        """SELECT * FROM payments_payment
            WHERE id = (SELECT payment_id FROM payments_transaction WHERE id = %s) FOR UPDATE""",
        transaction_id,
    )


def lock_operation(transaction_id: str) -> Transaction:
    """The operation, locked after its payment."""
    sql = "SELECT * FROM payments_transaction WHERE id = %s FOR UPDATE"
    return next(iter(Transaction.objects.raw(sql, [transaction_id])))


def _locked(sql: str, key: str) -> Payment:
    """Every job does this; composed by Django it took a tenth of a busy worker's time."""
    if found := list(Payment.objects.raw(sql, [key])):
        return found[0]
    raise Payment.DoesNotExist(f"No payment belongs to {key}.")


def move(
    payment: Payment,
    *,
    to: Status,
    because: str,
    actor: str,
    failure: FailureFacts | None = None,
    made_with: Transaction | None = None,
    provider_reference: str = "",
    ip: str = "",
    request_id: str = "",
) -> None:
    """Move a payment that the caller has locked. Raises IllegalTransition; nothing is written then.

    `failure` is required for `failed` and refused for anything else; `made_with`, the operation that moved the money,
    is required for `succeeded`.
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
        if made_with is None:
            raise ValueError("a success names the operation that moved the money")
        ledger.post_success(payment, made_with)
    log.info("payment_moved", payment=payment.id, before=before, after=to, because=because)
    _record(payment, before=before, because=because, actor=actor, ip=ip, request_id=request_id)


# An event, an audit entry and the job that seals them, in one round trip.
RECORD_SQL = f"""
WITH event AS (
  INSERT INTO payments_event
    (id, livemode, type, object_id, object_version, status, reason, actor, request_id, data, created_at)
  VALUES (%(event_id)s, %(livemode)s, %(happened)s, %(id)s, %(version)s, %(status)s, left(%(because)s, 300), %(actor)s,
          %(request_id)s, %(data)s, statement_timestamp())),
entry AS (
  INSERT INTO payments_auditentry
    (livemode, actor, action, target, result, reason, ip, request_id, before, after, created_at, prev_hash, hash)
  VALUES (%(livemode)s, %(actor)s, %(happened)s, %(id)s, 'ok', left(%(because)s, 500), %(ip)s, %(request_id)s,
          %(before)s, %(after)s, statement_timestamp(), '', ''))
{ADD_UNLESS_WAITING}"""  # noqa: S608 (constants of ours)


def _record(payment: Payment, *, before: Status, because: str, actor: str, ip: str, request_id: str) -> None:
    tenant_id = current_tenant().pk
    parameters: dict[str, Any] = {
        "event_id": ids.event_id(), "id": payment.id, "livemode": payment.livemode, "version": payment.version,
        "happened": f"{PaymentKind(payment.kind).object_name}.{payment.status}",
        "status": payment.status, "because": because, "actor": actor, "ip": ip, "request_id": request_id,
        "data": Jsonb({"object": represent(payment)}), "before": Jsonb({"status": before}),
        "after": Jsonb({"status": payment.status, "version": payment.version}),
        "job_tenant": tenant_id, "job_kind": audit.SEAL["kind"], "job_subject": audit.SEAL["subject"],
        "job_key": f"{audit.SEAL['kind']}:{tenant_id}:{audit.SEAL['subject']}",
        "job_delay": audit.SEAL["delay_seconds"],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(RECORD_SQL, parameters)

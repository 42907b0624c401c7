"""Messages from providers: stored as they came, answered at once, and believed only after a read-back."""

import hashlib
from dataclasses import dataclass

import orjson
import structlog
from django.db import connection, transaction

from payments import callback_verdicts, ids
from payments.callback_urls import is_signed_by_us
from payments.models import Callback, Transaction
from payments.polling import look_up
from payments.reconciliation import Source
from providers.names import network_name
from providers.registry import get_provider
from tenants import jobs
from tenants.current import current_tenant
from tenants.jobs import Claim

# Anybody can post to an unsigned address: what is kept of that is bounded, what is counted is not.
UNSIGNED_BODY_BYTES = 2048
UNSIGNED_KEPT_PER_HOUR = 200

log = structlog.get_logger("callbacks")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request from somebody who says to be a provider."""

    provider: str
    transaction_id: str
    signature: str
    method: str
    headers: dict[str, str]
    body: bytes
    remote_ip: str
    request_id: str


def receive(delivery: Delivery) -> bool:
    """Keep a delivery to the current merchant and have it processed. False: its address is not one that we made."""
    tenant = current_tenant()
    signed = is_signed_by_us(
        delivery.signature,
        provider=delivery.provider,
        merchant=tenant.public_id,
        transaction_id=delivery.transaction_id,
    )
    if not signed:
        _keep_unsigned(delivery)
        return False
    with transaction.atomic():
        callback_id = _store(delivery, transaction_id=delivery.transaction_id, is_signed=True, body=delivery.body)
        jobs.add(
            kind="callback", tenant_id=tenant.pk, subject=callback_id, lane=delivery.provider,
            request_id=delivery.request_id, once=True,
        )  # fmt: skip
    return True


def process(job: Claim) -> None:
    """Job handler; the subject is a callback. Reads the payment back from the provider and judges the message by it."""
    callback = Callback.objects.get(pk=job.subject)
    operation = _operation_of(callback)
    if operation is None:
        callback_verdicts.unmatched(callback, "No operation of ours has this number.")
        return
    try:
        claim = get_provider(callback.provider).read_callback(bytes(callback.body))
    except ValueError as error:
        callback_verdicts.reject(callback, f"Not a message of {network_name(callback.provider)}: {error}"[:300])
        return
    callback.payment_id, callback.claims = operation.payment_id, claim.kind
    livemode = operation.payment.livemode
    outcome, applied = look_up(operation, livemode=livemode, source=Source.CALLBACK, request_id=job.request_id)
    callback_verdicts.judge(
        callback, claimed=claim.kind, status=applied.status, moved_to=applied.moved_to, heard=outcome.kind
    )


def _operation_of(callback: Callback) -> Transaction | None:
    """By the address it came to, or by what a person said (payments/callback_links.py)."""
    operations = Transaction.objects.select_related("payment")
    if callback.linked_at:
        return operations.filter(payment_id=callback.payment_id).order_by("-number").first()
    return operations.filter(pk=callback.transaction_id).first()


def _keep_unsigned(delivery: Delivery) -> None:
    log.warning("unsigned_callback", provider=delivery.provider)
    recent = Callback.objects.raw(
        """SELECT id FROM payments_callback
            WHERE verdict = 'rejected' AND received_at > now() - interval '1 hour' LIMIT %s""",
        [UNSIGNED_KEPT_PER_HOUR],
    )
    if len(list(recent)) < UNSIGNED_KEPT_PER_HOUR:
        body, transaction_id = delivery.body[:UNSIGNED_BODY_BYTES], delivery.transaction_id
    else:
        body, transaction_id = b"(more of these came than are kept one by one)", ""
    _store(delivery, transaction_id=transaction_id, is_signed=False, body=body)


def _store(delivery: Delivery, *, transaction_id: str, is_signed: bool, body: bytes) -> str:
    """Insert the callback, or count a repeat of the same message. Returns its id."""
    verdict = Callback.RECEIVED if is_signed else Callback.REJECTED
    reason = "" if is_signed else "Its address does not carry our signature. Nothing was changed."
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payments_callback
                 (id, provider, is_signed, transaction_id, payment_id, method, headers, body, body_sha256,
                  remote_ip, request_id, claims, verdict, reason, duplicates)
               VALUES (%s, %s, %s, %s, coalesce((SELECT payment_id FROM payments_transaction WHERE id = %s), ''),
                       %s, %s, %s, %s, %s, %s, '', %s, %s, 0)
               ON CONFLICT (provider, is_signed, transaction_id, body_sha256)
               DO UPDATE SET duplicates = payments_callback.duplicates + 1, last_received_at = now()
               RETURNING id""",
            [
                ids.callback_id(), delivery.provider, is_signed, transaction_id, transaction_id, delivery.method,
                orjson.dumps(delivery.headers).decode(), body, hashlib.sha256(body).hexdigest(),
                delivery.remote_ip, delivery.request_id, verdict, reason,
            ],
        )  # fmt: skip
        return str(cursor.fetchone()[0])

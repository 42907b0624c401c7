"""Messages from providers: stored as they came, answered at once, and believed only after a read-back."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass

import orjson
import structlog
from django.db import connection, transaction

from payments import callback_verdicts, ids
from payments.callback_proof import NOT_OUR_ADDRESS, doubt_about
from payments.models import Callback, Transaction
from payments.polling import look_up
from payments.reconciliation import Source, keep_asking
from payments.states import Status
from payments.transitions import lock_payment
from providers.base import CallbackClaim, Kind
from providers.names import network_name
from providers.registry import get_provider
from tenants import jobs
from tenants.current import current_tenant
from tenants.jobs import Claim, Later

# Anybody can post to an unsigned address: what is kept of that is bounded, what is counted is not.
UNSIGNED_BODY_BYTES = 2048
UNSIGNED_KEPT_PER_HOUR = 200
# A claim that money moved, which the provider could not confirm just now and which nobody else would ask about again.
ASK_AGAIN_SECONDS = 60.0

log = structlog.get_logger("callbacks")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request from somebody who says to be a provider."""

    provider: str
    place: str  # our operation's id, or the account's
    signature: str
    method: str
    headers: dict[str, str]
    body: bytes
    remote_ip: str
    request_id: str


def receive(delivery: Delivery) -> bool:
    """Keep a delivery to the current merchant and have it processed. False: nothing in it is to be believed."""
    doubt = doubt_about(
        provider=delivery.provider, place=delivery.place, signature=delivery.signature, body=delivery.body
    )
    if doubt:
        _keep_doubtful(delivery, doubt)
        return False
    with transaction.atomic():
        callback_id = _store(delivery, place=delivery.place, body=delivery.body)
        jobs.add(
            kind="callback", tenant_id=current_tenant().pk, subject=callback_id, lane=delivery.provider,
            request_id=delivery.request_id, once=True,
        )  # fmt: skip
    return True


def process(job: Claim) -> None:
    """Job handler; the subject is a callback. Reads the payment back from the provider and judges the message by it."""
    callback = Callback.objects.get(pk=job.subject)
    claim, trouble = _read(callback)
    operation = _operation_of(callback, claim)
    if operation is None:
        callback_verdicts.unmatched(callback, "No operation of ours has this number.")
        return
    if claim is None:
        callback_verdicts.reject(callback, trouble)
        return
    callback.payment_id, callback.claims = operation.payment_id, claim.kind
    livemode = operation.payment.livemode
    outcome, applied = look_up(operation, livemode=livemode, source=Source.CALLBACK, request_id=job.request_id)
    if applied.is_superseded:
        _judge_of_before(callback, claim.kind, outcome.kind)
        return
    with transaction.atomic():
        # Locked: whoever ends the payment now judges what is unconfirmed after this is written.
        payment = lock_payment(operation.payment_id)
        is_open = callback_verdicts.judge(
            callback, claimed=claim.kind, status=Status(payment.status), moved_to=applied.moved_to,
            heard=outcome.kind, has_switched=applied.has_switched,
        )  # fmt: skip
    if is_open and payment.is_final:
        keep_asking(operation.id, request_id=job.request_id)


def _judge_of_before(callback: Callback, claimed: Kind, heard: Kind) -> None:
    """Of a provider that had the payment before another one: by its own word alone, however long that takes."""
    is_told = heard in callback_verdicts.FINAL_CLAIMS
    if claimed == Kind.SUCCEEDED and not is_told:
        raise Later(ASK_AGAIN_SECONDS)
    callback_verdicts.judge_of_before(callback, claimed=claimed, heard=heard)


def _read(callback: Callback) -> tuple[CallbackClaim | None, str]:
    """What it claims, or why it claims nothing."""
    try:
        return get_provider(callback.provider).read_callback(bytes(callback.body)), ""
    except ValueError as error:
        return None, f"Not a message of {network_name(callback.provider)}: {error}"[:300]


def _operation_of(callback: Callback, claim: CallbackClaim | None) -> Transaction | None:
    """By what a person said (payments/callback_links.py), by the address it came to, or by our reference in it."""
    operations = Transaction.objects.select_related("payment")
    if callback.linked_at:
        return operations.filter(payment_id=callback.payment_id).order_by("-number").first()
    if found := operations.filter(pk=callback.transaction_id).first():
        return found
    return _named_in(claim, account_id=callback.transaction_id)


def _named_in(claim: CallbackClaim | None, *, account_id: str) -> Transaction | None:
    """Only of the account at whose address it came in."""
    if claim is None or not claim.reference:
        return None
    operations = Transaction.objects.select_related("payment")
    return operations.filter(account_id=account_id, reference=claim.reference).first()


def _keep_doubtful(delivery: Delivery, doubt: str) -> None:
    log.warning("doubtful_callback", provider=delivery.provider, doubt=doubt)
    recent = Callback.objects.raw(
        """SELECT id FROM payments_callback
            WHERE verdict = 'rejected' AND received_at > now() - interval '1 hour' LIMIT %s""",
        [UNSIGNED_KEPT_PER_HOUR],
    )
    if len(list(recent)) < UNSIGNED_KEPT_PER_HOUR:
        body, place = delivery.body[:UNSIGNED_BODY_BYTES], delivery.place
    else:
        body, place = b"(more of these came than are kept one by one)", ""
    with transaction.atomic():
        _store(delivery, place=place, body=body, doubt=doubt)
        if doubt != NOT_OUR_ADDRESS:
            _ask_instead(delivery)


def _ask_instead(delivery: Delivery) -> None:
    """It came to an address that only the provider was given: the payment that it names is worth a question."""
    with suppress(ValueError):
        claim = get_provider(delivery.provider).read_callback(delivery.body)
        operation = _named_in(claim, account_id=delivery.place)
        if operation is not None:
            jobs.add(
                kind="poll", tenant_id=current_tenant().pk, subject=operation.payment_id, lane=delivery.provider,
                request_id=delivery.request_id, once=True,
            )  # fmt: skip


def _store(delivery: Delivery, *, place: str, body: bytes, doubt: str = "") -> str:
    """Insert the callback, or count a repeat of the same message. Returns its id."""
    is_signed, verdict = not doubt, Callback.REJECTED if doubt else Callback.RECEIVED
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
                ids.callback_id(), delivery.provider, is_signed, place, place, delivery.method,
                orjson.dumps(delivery.headers).decode(), body, hashlib.sha256(body).hexdigest(),
                delivery.remote_ip, delivery.request_id, verdict, doubt,
            ],
        )  # fmt: skip
        return str(cursor.fetchone()[0])

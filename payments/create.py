"""Accepts a payment: idempotency key, payment, event, audit entry and job in one statement and one commit.

One round trip on purpose (ENGINEERING.md 1.4): there is no moment in which a crash leaves half of it, and no second
query to wait for. The schema's name is part of the SQL, so no search path is involved.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import IntegrityError, OperationalError
from psycopg import errors as pg
from psycopg.types.json import Jsonb

from payments import idempotency, ids
from payments.errors import DuplicateReference, NoRoute, StillInProgress
from payments.idempotency import Answer
from payments.models import Payment
from payments.money import Money
from payments.representation import represent_payment
from payments.states import Status
from tenants import doorbell
from tenants.prepared import fetch_one

ROUTE = "POST /v1/payments"

CREATE_SQL = """
WITH claim AS (
  INSERT INTO "{schema}".payments_idempotencykey
    (livemode, route, key, request, response_status, response_body, object_id, created_at)
  VALUES (%(livemode)s, %(route)s, %(key)s, %(request)s, 201, %(body)s, %(id)s, %(now)s)
  ON CONFLICT (livemode, route, key) DO NOTHING RETURNING object_id),
payment AS (
  INSERT INTO "{schema}".payments_payment
    (id, kind, livemode, amount, amount_refunded, currency, status, phone, provider, reference, description, metadata,
     failure_code, failure_message, failure_provider_code, failure_retry_safe, provider_reference, version,
     created_by, created_at, updated_at)
  SELECT %(id)s, 'collection', %(livemode)s, %(amount)s, 0, %(currency)s, 'pending', %(phone)s, %(provider)s,
         %(reference)s, %(description)s, %(metadata)s, '', '', '', false, '', 1, %(actor)s, %(now)s, %(now)s
    FROM claim RETURNING id),
event AS (
  INSERT INTO "{schema}".payments_event
    (id, livemode, type, object_id, object_version, status, reason, actor, request_id, data, created_at)
  SELECT %(event_id)s, %(livemode)s, 'payment.created', id, 1, 'pending', 'Accepted by the API.', %(actor)s,
         %(request_id)s, %(data)s, %(now)s FROM payment),
entry AS (
  INSERT INTO "{schema}".payments_auditentry
    (livemode, actor, action, target, result, reason, ip, request_id, after, created_at, prev_hash, hash)
  SELECT %(livemode)s, %(actor)s, 'payment.created', id, 'ok', '', %(ip)s, %(request_id)s, %(after)s, %(now)s, '', ''
    FROM payment),
job AS (
  INSERT INTO public.tenants_job (tenant_id, kind, subject, due_at, attempts, last_error, request_id, created_at)
  SELECT %(tenant_id)s, 'dispatch', id, now(), 0, '', %(request_id)s, now() FROM payment)
SELECT id FROM payment"""


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A validated wish for a payment. phone: digits with country code; reference: None when the merchant gave none."""

    money: Money
    phone: str
    provider: str
    reference: str | None
    description: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf, with which key and from where. `providers`: the accounts connected in this mode."""

    tenant_id: int
    schema: str
    livemode: bool
    actor: str
    providers: frozenset[str]
    ip: str
    request_id: str


def create_payment(*, caller: Caller, new: NewPayment, key: str, request: dict[str, Any]) -> Answer:
    """Accept a payment durably, or answer what this idempotency key was answered before.

    `request` is the body as received. Raises NoRoute, KeyReused, DuplicateReference, StillInProgress; nothing is
    stored then.
    """
    if new.provider not in caller.providers:
        return _replay_or_refuse_route(caller, new, key, request)
    payment = _payment(caller, new)
    body = orjson.dumps(represent_payment(payment)).decode()
    try:
        created = _insert(caller, payment, body, key, request)
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, pg.UniqueViolation) and cause.diag.constraint_name == "payment_reference_once":
            raise _duplicate_reference(caller, new) from error
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, pg.LockNotAvailable):
            detail = "The first request with this Idempotency-Key is still being answered."
            raise StillInProgress(detail) from error
        raise
    if created:
        doorbell.ring()
        return Answer(status=201, body=body, object_id=payment.id, is_replay=False)
    answer = _replay(caller, key, request)
    if answer is None:
        raise StillInProgress("The first request with this Idempotency-Key is just being undone; try again.")
    return answer


def _insert(caller: Caller, payment: Payment, body: str, key: str, request: dict[str, Any]) -> bool:
    """Run the statement. False: the key was taken and nothing was written.

    Should PostgreSQL hang up, it is run once more: if the first try did commit, its key is found taken.
    """
    represented = represent_payment(payment)
    parameters = {
        "id": payment.id, "livemode": payment.livemode, "amount": payment.amount, "currency": payment.currency,
        "phone": payment.phone, "provider": payment.provider, "reference": payment.reference,
        "description": payment.description, "metadata": Jsonb(payment.metadata), "actor": caller.actor,
        "now": payment.created_at, "route": ROUTE, "key": key, "request": Jsonb(request), "body": body,
        "event_id": ids.event_id(), "data": Jsonb({"object": represented}), "ip": caller.ip,
        "request_id": caller.request_id, "tenant_id": caller.tenant_id,
        "after": Jsonb({"status": "pending", "amount": represented["amount"], "currency": payment.currency}),
    }  # fmt: skip
    return fetch_one(CREATE_SQL.format(schema=caller.schema), parameters) is not None


def _payment(caller: Caller, new: NewPayment) -> Payment:
    now = datetime.now(UTC)
    return Payment(
        id=ids.payment_id(),
        livemode=caller.livemode,
        amount=new.money.amount,
        currency=new.money.currency,
        status=Status.PENDING,
        phone=new.phone,
        provider=new.provider,
        reference=new.reference,
        description=new.description,
        metadata=new.metadata,
        created_by=caller.actor,
        created_at=now,
        updated_at=now,
    )


def _replay(caller: Caller, key: str, request: dict[str, Any]) -> Answer | None:
    return idempotency.replay(schema=caller.schema, livemode=caller.livemode, route=ROUTE, key=key, request=request)


def _replay_or_refuse_route(caller: Caller, new: NewPayment, key: str, request: dict[str, Any]) -> Answer:
    # An account disconnected after the first request must not turn its replay into a refusal.
    if answer := _replay(caller, key, request):
        return answer
    mode = "live" if caller.livemode else "test"
    raise NoRoute(f"No {new.provider} account is connected in {mode} mode; connect one, or name another provider.")


def _duplicate_reference(caller: Caller, new: NewPayment) -> DuplicateReference:
    found = fetch_one(
        f"""SELECT id FROM "{caller.schema}".payments_payment
             WHERE livemode = %(livemode)s AND kind = 'collection' AND reference = %(reference)s""",  # noqa: S608
        {"livemode": caller.livemode, "reference": new.reference},
    )
    existing_id = str(found[0]) if found else ""
    return DuplicateReference(f"The reference {new.reference} already belongs to {existing_id}.", existing_id)

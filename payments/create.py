"""Accepts money in, out and back: idempotency key, row, event, audit entry and job in one statement and one commit.

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
from payments.errors import DuplicateReference, NoRoute, ProviderUnavailable, Refusal, StillInProgress
from payments.idempotency import Answer
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.money import Money
from payments.representation import represent
from payments.routing.choosing import Route, Routed
from payments.routing.rules import Rule
from payments.routing.selection import explain, select
from payments.states import Status
from providers.base import Operation
from providers.names import network_name
from tenants import doorbell
from tenants.prepared import fetch_one

PAYMENTS_ROUTE, PAYOUTS_ROUTE = "POST /v1/payments", "POST /v1/payouts"

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
     created_by, created_at, updated_at, original_id, alternatives)
  SELECT %(id)s, %(kind)s, %(livemode)s, %(amount)s, 0, %(currency)s, 'pending', %(phone)s, %(provider)s,
         %(reference)s, %(description)s, %(metadata)s, '', '', '', false, '', 1, %(actor)s, %(now)s, %(now)s,
         %(original)s, %(alternatives)s
    FROM claim RETURNING id),
event AS (
  INSERT INTO "{schema}".payments_event
    (id, livemode, type, object_id, object_version, status, reason, actor, request_id, data, created_at)
  SELECT %(event_id)s, %(livemode)s, %(happened)s, id, 1, 'pending', left(%(because)s, 300), %(actor)s,
         %(request_id)s, %(data)s, %(now)s FROM payment),
entry AS (
  INSERT INTO "{schema}".payments_auditentry
    (livemode, actor, action, target, result, reason, ip, request_id, after, created_at, prev_hash, hash)
  SELECT %(livemode)s, %(actor)s, %(happened)s, id, 'ok', '', %(ip)s, %(request_id)s, %(after)s, %(now)s, '', ''
    FROM payment),
job AS (
  INSERT INTO public.tenants_job (tenant_id, kind, subject, lane, due_at, attempts, last_error, request_id, created_at)
  SELECT %(tenant_id)s, 'dispatch', id, %(provider)s, now(), 0, '', %(request_id)s, now() FROM payment)
SELECT id FROM payment"""


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A validated wish for money from or to a phone. reference: None when the merchant gave none."""

    money: Money
    phone: str  # digits with country code
    network: str  # that the phone belongs to
    provider: str  # "": whoever the merchant's rules choose
    reference: str | None
    description: str
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf, with which key and from where; and what the merchant's accounts in this mode can do."""

    tenant_id: int
    schema: str
    livemode: bool
    actor: str
    routes: frozenset[Route]
    blocked: frozenset[Route]  # their circuit is open
    ip: str
    request_id: str
    rules: tuple[Rule, ...] = ()  # for choosing among the routes


def create_payment(*, caller: Caller, new: NewPayment, key: str, request: dict[str, Any]) -> Answer:
    """Accept a collection durably, or answer what this idempotency key was answered before.

    `request` is the body as received. Raises NoRoute, ProviderUnavailable, KeyReused, DuplicateReference,
    StillInProgress; nothing is stored then.
    """
    routed = _routed(caller, new, Operation.COLLECT, key)
    if not routed.choices:
        return replay_or_raise(caller, PAYMENTS_ROUTE, key, request, _refusal(caller, routed, "collect with"))
    row = _row(caller, PaymentKind.COLLECTION, new, routed)
    return accept(caller, row, route=PAYMENTS_ROUTE, key=key, request=request, because=explain(routed))


def create_payout(*, caller: Caller, new: NewPayment, key: str, request: dict[str, Any]) -> Answer:
    """Accept a payout, as create_payment does. While its provider is down it waits instead of being refused."""
    routed = _routed(caller, new, Operation.TRANSFER, key)
    if not routed.choices:
        return replay_or_raise(caller, PAYOUTS_ROUTE, key, request, _refusal(caller, routed, "pay out with"))
    row = _row(caller, PaymentKind.PAYOUT, new, routed)
    return accept(caller, row, route=PAYOUTS_ROUTE, key=key, request=request, because=explain(routed))


def route_of_payout(caller: Caller, new: NewPayment, key: str) -> str:
    """The provider that a payout with this key would go to now. Raises NoRoute."""
    routed = _routed(caller, new, Operation.TRANSFER, key)
    if not routed.choices:
        raise _refusal(caller, routed, "pay out with")
    return routed.choices[0].provider


def accept(
    caller: Caller, payment: Payment, *, route: str, key: str, request: dict[str, Any], because: str = "Accepted."
) -> Answer:
    """Insert a new row with all that belongs to it, or answer what the key was answered before.

    Raises KeyReused, DuplicateReference, StillInProgress, and IntegrityError for what else the database refuses.
    """
    body = orjson.dumps(represent(payment)).decode()
    try:
        created = _insert(caller, payment, body, route=route, key=key, request=request, because=because)
    except IntegrityError as error:
        if violated_constraint(error) == "payment_reference_once":
            raise _duplicate_reference(caller, payment) from error
        raise
    except OperationalError as error:
        if isinstance(error.__cause__, pg.LockNotAvailable):
            raise StillInProgress(_who_is_first(error.__cause__)) from error
        raise
    if created:
        doorbell.ring()
        return Answer(status=201, body=body, object_id=payment.id, is_replay=False)
    answer = _replay(caller, route, key, request)
    if answer is None:
        raise StillInProgress("The first request with this Idempotency-Key is just being undone; try again.")
    return answer


def replay_or_raise(caller: Caller, route: str, key: str, request: dict[str, Any], refusal: Refusal) -> Answer:
    """What the key was answered before, else the refusal: what has changed since must not undo a replay."""
    if answer := _replay(caller, route, key, request):
        return answer
    raise refusal


def violated_constraint(error: IntegrityError) -> str:
    """The name of the constraint that the database refused a row by, or ""."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, pg.IntegrityError) else ""


def _insert(
    caller: Caller, payment: Payment, body: str, *, route: str, key: str, request: dict[str, Any], because: str
) -> bool:
    """Run the statement. False: the key was taken and nothing was written.

    Should PostgreSQL hang up, it is run once more: if the first try did commit, its key is found taken.
    """
    represented = represent(payment)
    kind = PaymentKind(payment.kind)
    parameters = {
        "id": payment.id, "kind": kind, "livemode": payment.livemode, "amount": payment.amount,
        "currency": payment.currency, "phone": payment.phone, "provider": payment.provider,
        "reference": payment.reference, "description": payment.description, "metadata": Jsonb(payment.metadata),
        "original": payment.original_id, "alternatives": Jsonb(payment.alternatives), "because": because,
        "actor": caller.actor, "now": payment.created_at, "route": route, "key": key,
        "request": Jsonb(request), "body": body, "event_id": ids.event_id(), "data": Jsonb({"object": represented}),
        "happened": f"{kind.object_name}.created", "ip": caller.ip, "request_id": caller.request_id,
        "tenant_id": caller.tenant_id,
        "after": Jsonb({"status": "pending", "amount": represented["amount"], "currency": payment.currency}),
    }  # fmt: skip
    return fetch_one(CREATE_SQL.format(schema=caller.schema), parameters) is not None


def _row(caller: Caller, kind: PaymentKind, new: NewPayment, routed: Routed) -> Payment:
    chosen, *others = (step.provider for step in routed.choices)
    now = datetime.now(UTC)
    return Payment(
        id=ids.new_id(kind.prefix),
        kind=kind,
        livemode=caller.livemode,
        amount=new.money.amount,
        currency=new.money.currency,
        status=Status.PENDING,
        phone=new.phone,
        provider=chosen,
        alternatives=others,
        reference=new.reference,
        description=new.description,
        metadata=new.metadata,
        created_by=caller.actor,
        created_at=now,
        updated_at=now,
    )


def _replay(caller: Caller, route: str, key: str, request: dict[str, Any]) -> Answer | None:
    return idempotency.replay(schema=caller.schema, livemode=caller.livemode, route=route, key=key, request=request)


def _who_is_first(error: pg.LockNotAvailable) -> str:
    """Whom the statement waited for: PostgreSQL names the table in whose row or index it stood."""
    if "payments_idempotencykey" in (error.diag.context or ""):
        return "The first request with this Idempotency-Key is still being answered."
    return "Another request is at work on the same payment or reference. Nothing was done; send this one again."


def _routed(caller: Caller, new: NewPayment, operation: Operation, key: str) -> Routed:
    return select(
        provider=new.provider, network=new.network, operation=operation, amount=new.money.amount, rules=caller.rules,
        routes=caller.routes, blocked=caller.blocked, key=key,
    )  # fmt: skip


def _refusal(caller: Caller, routed: Routed, to: str) -> Refusal:
    """Names what was tried. An outage passes; that nobody is connected does not."""
    looked_at = {step.provider for step in routed.passed_over}
    if len(looked_at) == 1:
        provider = looked_at.pop()
        return _unavailable(provider) if routed.is_down else _no_route(caller, provider, to)
    if routed.is_down:
        return ProviderUnavailable(f"Nobody can take it now. {routed.tried}. Nothing was created; try again soon.")
    return NoRoute(f"None of the routing rules finds a provider. {routed.tried}.")


def _no_route(caller: Caller, provider: str, to: str) -> NoRoute:
    mode = "live" if caller.livemode else "test"
    return NoRoute(
        f"No {network_name(provider)} account to {to} is connected in {mode} mode; connect one, or name another "
        "provider."
    )


def _unavailable(provider: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        f"{network_name(provider)} is not answering at the moment, and a payer is waiting. Nothing was created; "
        "try again with the same Idempotency-Key, or offer another way to pay."
    )


def _duplicate_reference(caller: Caller, payment: Payment) -> DuplicateReference:
    found = fetch_one(
        f"""SELECT id FROM "{caller.schema}".payments_payment
             WHERE livemode = %(livemode)s AND kind = %(kind)s AND reference = %(reference)s""",  # noqa: S608
        {"livemode": caller.livemode, "kind": payment.kind, "reference": payment.reference},
    )
    existing_id = str(found[0]) if found else ""
    return DuplicateReference(f"The reference {payment.reference} already belongs to {existing_id}.", existing_id)

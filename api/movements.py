"""What the calls of payments, payouts and refunds have in common: ids, answers, reading, canceling, checking."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpResponse
from django_tenants.utils import tenant_context

from api.access import ApiRequest
from api.body import read_nothing, read_object
from api.idempotency_key import idempotency_key
from api.movement_list import MovementFilters, list_movements
from api.parameters import only_parameters
from api.problems import Problem
from api.schemas.requests import NewMovement
from api.timeline import represent_timeline
from api.validation import model_fields, new_movement
from payments import services
from payments.idempotency import Answer
from payments.kinds import PaymentKind
from payments.representation import represent

# What a call that moves money may refuse, besides what is its own.
CREATION_CODES = (
    "idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused", "idempotency_in_progress",
    "duplicate_reference", "no_route", "body_too_large", "unsupported_media_type", "invalid_json", "validation_failed",
)  # fmt: skip


def create(
    request: ApiRequest, kind: PaymentKind, model: type[NewMovement], verb: Callable[..., Answer]
) -> HttpResponse:
    """Hand a payment or payout to the verb that accepts it durably. `model`: what its body may have."""
    only_parameters(request)
    fields = read_object(request)
    new = new_movement(model, fields, livemode=request.access.livemode)
    key = idempotency_key(request)
    return created(kind, verb(caller=request.access.caller(request), new=new, key=key, request=fields))


def created(kind: PaymentKind, answer: Answer) -> HttpResponse:
    """The answer to a POST that moves money, byte for byte as it was stored."""
    headers = {"Location": f"/v1/{kind.object_name}s/{answer.object_id}"}
    if answer.is_replay:
        headers["Idempotent-Replayed"] = "true"
    return HttpResponse(answer.body.encode(), status=answer.status, content_type="application/json", headers=headers)


def listed(request: ApiRequest, kind: PaymentKind, filters: MovementFilters) -> HttpResponse:
    only_parameters(request, model_fields(type(filters)), metadata=True)
    with tenant_context(request.access.tenant()):
        return json_answer(list_movements(request, kind, filters))


def read(request: ApiRequest, kind: PaymentKind, object_id: str) -> HttpResponse:
    only_parameters(request)
    with tenant_context(request.access.tenant()):
        found = services.get_payment(payment_id=shaped(kind, object_id), livemode=request.access.livemode)
        return json_answer(represent(found))


def cancel(request: ApiRequest, kind: PaymentKind, object_id: str) -> HttpResponse:
    only_parameters(request)
    read_nothing(request)
    with tenant_context(request.access.tenant()):
        found = services.cancel_payment(payment_id=shaped(kind, object_id), **_origin(request))
        return json_answer(represent(found))


def check(request: ApiRequest, kind: PaymentKind, object_id: str) -> HttpResponse:
    only_parameters(request)
    read_nothing(request)
    with tenant_context(request.access.tenant()):
        found = services.check_payment(payment_id=shaped(kind, object_id), **_origin(request))
        return json_answer(represent(found))


def timeline(request: ApiRequest, kind: PaymentKind, object_id: str) -> HttpResponse:
    only_parameters(request)
    with tenant_context(request.access.tenant()):
        found = services.get_payment(payment_id=shaped(kind, object_id), livemode=request.access.livemode)
        return json_answer(represent_timeline(found))


def shaped(kind: PaymentKind, object_id: str) -> str:
    """The id, unless it cannot be one of this kind: then nothing is asked for, and nothing odd reaches the database."""
    if not re.fullmatch(rf"{kind.prefix}_[0-9a-z]{{26}}", object_id):
        raise Problem("not_found", f"There is no {kind.object_name} {object_id[:40]}.")
    return object_id


def json_answer(value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), content_type="application/json")


def _origin(request: ApiRequest) -> dict[str, Any]:
    return {
        "livemode": request.access.livemode,
        "actor": request.access.actor,
        "ip": request.ip,
        "request_id": request.request_id,
    }

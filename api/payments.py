"""The calls of /v1/payments: each translates a request, runs one verb and translates what it says."""

import re
from typing import Any

import orjson
from django.http import HttpResponse
from django_tenants.utils import tenant_context
from ninja import Query, Router

from api.access import ApiRequest
from api.body import read_nothing, read_object
from api.idempotency_key import idempotency_key
from api.parameters import only_parameters
from api.payment_list import PaymentFilters
from api.payment_list import list_payments as select_payments
from api.problems import Problem
from api.schemas import Payment, PaymentList, Timeline
from api.specification import call
from api.timeline import represent_timeline
from api.validation import model_fields, new_payment
from payments import create, services
from payments.representation import represent

_PAYMENT_ID = re.compile(r"pay_[0-9a-z]{26}")

router = Router(tags=["Payments"])


@router.post(
    "",
    response={201: Payment},
    operation_id="create_payment",
    **call(
        "payments:write", "idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused",
        "idempotency_in_progress", "duplicate_reference", "no_route", "provider_unavailable", "body_too_large",
        "unsupported_media_type", "invalid_json", "validation_failed", body="NewPayment", idempotent=True,
    ),
)  # fmt: skip
def create_payment(request: ApiRequest) -> HttpResponse:
    """Ask a payer for money.

    Accepted durably and answered at once with status `pending`; the network is called a moment later. Watch the
    payment by reading it again, or on its page in the dashboard.
    """
    only_parameters(request)
    fields = read_object(request)
    new = new_payment(fields, livemode=request.access.livemode)
    key = idempotency_key(request)
    answer = create.create_payment(caller=request.access.caller(request), new=new, key=key, request=fields)
    headers = {"Location": f"/v1/payments/{answer.object_id}"}
    if answer.is_replay:
        headers["Idempotent-Replayed"] = "true"
    return HttpResponse(answer.body.encode(), status=answer.status, content_type="application/json", headers=headers)


@router.get(
    "",
    response={200: PaymentList},
    operation_id="list_payments",
    **call("payments:read", "validation_failed"),
)
def list_payments(request: ApiRequest, filters: Query[PaymentFilters]) -> HttpResponse:
    """List payments.

    Newest first, narrowed by any of the parameters together.
    """
    only_parameters(request, model_fields(PaymentFilters), metadata=True)
    with tenant_context(request.access.tenant()):
        page = select_payments(request, request.access, filters)
    return _json(page)


@router.get(
    "/{payment_id}",
    response={200: Payment},
    operation_id="get_payment",
    **call("payments:read", "not_found"),
)
def get_payment(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Read a payment."""
    only_parameters(request)
    with tenant_context(request.access.tenant()):
        payment = services.get_payment(payment_id=_shaped(payment_id), livemode=request.access.livemode)
        return _json(represent(payment))


@router.post(
    "/{payment_id}/cancel",
    response={200: Payment},
    operation_id="cancel_payment",
    **call("payments:write", "not_found", "invalid_state"),
)
def cancel_payment(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Cancel a payment.

    Possible only while it is `pending`, before any network has it, which is a moment. Afterwards the payer decides.
    """
    only_parameters(request)
    read_nothing(request)
    with tenant_context(request.access.tenant()):
        payment = services.cancel_payment(payment_id=_shaped(payment_id), **_origin(request))
        return _json(represent(payment))


@router.post(
    "/{payment_id}/check",
    response={200: Payment},
    operation_id="check_payment",
    **call("payments:write", "not_found"),
)
def check_payment(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Check a payment now.

    Asks the network, waits a few seconds for what it says, and answers the payment as it then is. Payments
    are looked up by themselves, too; this is for when somebody is waiting.
    """
    only_parameters(request)
    read_nothing(request)
    with tenant_context(request.access.tenant()):
        payment = services.check_payment(payment_id=_shaped(payment_id), **_origin(request))
        return _json(represent(payment))


@router.get(
    "/{payment_id}/timeline",
    response={200: Timeline},
    operation_id="get_payment_timeline",
    **call("payments:read", "not_found"),
)
def get_timeline(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Read a payment's timeline.

    Everything recorded about it: changes of state, calls to the network, messages from it, and what people and keys
    did; oldest first.
    """
    only_parameters(request)
    with tenant_context(request.access.tenant()):
        payment = services.get_payment(payment_id=_shaped(payment_id), livemode=request.access.livemode)
        return _json(represent_timeline(payment))


def _shaped(payment_id: str) -> str:
    """The id, unless it cannot be one: then nothing is asked for, and nothing odd reaches the database."""
    if not _PAYMENT_ID.fullmatch(payment_id):
        raise Problem("not_found", f"There is no payment {payment_id[:40]}.")
    return payment_id


def _origin(request: ApiRequest) -> dict[str, Any]:
    return {
        "livemode": request.access.livemode,
        "actor": request.access.actor,
        "ip": request.ip,
        "request_id": request.request_id,
    }


def _json(value: dict[str, Any]) -> HttpResponse:
    return HttpResponse(orjson.dumps(value), content_type="application/json")

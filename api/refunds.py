"""The calls of /v1/refunds, and the one below a payment that makes a refund: money back."""

from django.http import HttpResponse
from django_tenants.utils import tenant_context
from ninja import Query, Router

from api import movements
from api.access import ApiRequest
from api.body import read_object
from api.idempotency_key import idempotency_key
from api.movement_list import RefundFilters
from api.movements import CREATION_CODES
from api.parameters import only_parameters
from api.schemas.movements import Refund, RefundList, Timeline
from api.specification import call
from api.validation import new_refund
from payments import refunds
from payments.kinds import PaymentKind
from payments.services import get_payment

KIND = PaymentKind.REFUND

router = Router(tags=["Refunds"])
# Below /payments/{payment_id}: where a refund begins.
of_payment = Router(tags=["Refunds"])


@of_payment.post(
    "/{payment_id}/refunds",
    response={201: Refund},
    operation_id="create_refund",
    **call("refunds:write", *CREATION_CODES, "not_found", "invalid_state", body="NewRefund", idempotent=True),
)
def create_refund(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Refund a payment.

    All that is left of it, or an `amount`; as often as something is left. All refunds of a payment together never pay
    back more than it collected, however many are asked for at once: one too many answers `invalid_state`.

    While the network is down the refund is accepted all the same and waits: `held_since` says since when.
    """
    only_parameters(request)
    fields = read_object(request)
    access = request.access
    with tenant_context(access.tenant()):
        payment_id = movements.shaped(PaymentKind.COLLECTION, payment_id)
        payment = get_payment(payment_id=payment_id, livemode=access.livemode)
        new = new_refund(fields, payment_id=payment.id, currency=payment.currency)
        key = idempotency_key(request)
        answer = refunds.create_refund(caller=access.caller(request), new=new, key=key, request=fields)
    return movements.created(KIND, answer)


@router.get(
    "",
    response={200: RefundList},
    operation_id="list_refunds",
    **call("refunds:read", "validation_failed"),
)
def list_refunds(request: ApiRequest, filters: Query[RefundFilters]) -> HttpResponse:
    """List refunds.

    Newest first, narrowed by any of the parameters together; those of one payment by `payment`.
    """
    return movements.listed(request, KIND, filters)


@router.get(
    "/{refund_id}",
    response={200: Refund},
    operation_id="get_refund",
    **call("refunds:read", "not_found"),
)
def get_refund(request: ApiRequest, refund_id: str) -> HttpResponse:
    """Read a refund."""
    return movements.read(request, KIND, refund_id)


@router.post(
    "/{refund_id}/cancel",
    response={200: Refund},
    operation_id="cancel_refund",
    **call("refunds:write", "not_found", "invalid_state"),
)
def cancel_refund(request: ApiRequest, refund_id: str) -> HttpResponse:
    """Cancel a refund.

    Possible only while it is `pending`, held ones included. What it would have paid back can then be refunded again.
    """
    return movements.cancel(request, KIND, refund_id)


@router.post(
    "/{refund_id}/check",
    response={200: Refund},
    operation_id="check_refund",
    **call("refunds:write", "not_found"),
)
def check_refund(request: ApiRequest, refund_id: str) -> HttpResponse:
    """Check a refund now.

    Asks the network, waits a few seconds for what it says, and answers the refund as it then is.
    """
    return movements.check(request, KIND, refund_id)


@router.get(
    "/{refund_id}/timeline",
    response={200: Timeline},
    operation_id="get_refund_timeline",
    **call("refunds:read", "not_found"),
)
def get_timeline(request: ApiRequest, refund_id: str) -> HttpResponse:
    """Read a refund's timeline.

    Everything recorded about it, oldest first.
    """
    return movements.timeline(request, KIND, refund_id)

"""The calls of /v1/payments: money in."""

from django.http import HttpResponse
from ninja import Query, Router

from api import movements
from api.access import ApiRequest
from api.movement_list import MovementFilters
from api.movements import CREATION_CODES
from api.schemas.movements import Payment, PaymentList, Timeline
from api.schemas.requests import NewPayment
from api.specification import call
from payments import create
from payments.kinds import PaymentKind

KIND = PaymentKind.COLLECTION

router = Router(tags=["Payments"])


@router.post(
    "",
    response={201: Payment},
    operation_id="create_payment",
    **call("payments:write", *CREATION_CODES, "provider_unavailable", body="NewPayment", idempotent=True),
)
def create_payment(request: ApiRequest) -> HttpResponse:
    """Ask a payer for money.

    Accepted durably and answered at once with status `pending`; the network is called a moment later. Watch the
    payment by reading it again, or on its page in the dashboard.

    While the network is down nothing is created: a payer is waiting, so the answer is `provider_unavailable` at once.
    """
    return movements.create(request, KIND, NewPayment, create.create_payment)


@router.get(
    "",
    response={200: PaymentList},
    operation_id="list_payments",
    **call("payments:read", "validation_failed"),
)
def list_payments(request: ApiRequest, filters: Query[MovementFilters]) -> HttpResponse:
    """List payments.

    Newest first, narrowed by any of the parameters together.
    """
    return movements.listed(request, KIND, filters)


@router.get(
    "/{payment_id}",
    response={200: Payment},
    operation_id="get_payment",
    **call("payments:read", "not_found"),
)
def get_payment(request: ApiRequest, payment_id: str) -> HttpResponse:
    """Read a payment."""
    return movements.read(request, KIND, payment_id)


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
    return movements.cancel(request, KIND, payment_id)


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
    return movements.check(request, KIND, payment_id)


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
    return movements.timeline(request, KIND, payment_id)

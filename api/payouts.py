"""The calls of /v1/payouts: money out."""

from django.http import HttpResponse
from ninja import Query, Router

from api import movements
from api.access import ApiRequest
from api.movement_list import MovementFilters
from api.movements import CREATION_CODES
from api.schemas.movements import Payout, PayoutList, Timeline
from api.schemas.requests import NewPayout
from api.specification import call
from payments import create
from payments.kinds import PaymentKind

KIND = PaymentKind.PAYOUT

router = Router(tags=["Payouts"])


@router.post(
    "",
    response={201: Payout},
    operation_id="create_payout",
    **call("payouts:write", *CREATION_CODES, body="NewPayout", idempotent=True),
)
def create_payout(request: ApiRequest) -> HttpResponse:
    """Send money to a wallet.

    Accepted durably and answered at once with status `pending`; the network is called a moment later.

    While the network is down the payout is accepted all the same and waits: `held_since` says since when. Until it is
    sent it can be canceled.
    """
    return movements.create(request, KIND, NewPayout, create.create_payout)


@router.get(
    "",
    response={200: PayoutList},
    operation_id="list_payouts",
    **call("payouts:read", "validation_failed"),
)
def list_payouts(request: ApiRequest, filters: Query[MovementFilters]) -> HttpResponse:
    """List payouts.

    Newest first, narrowed by any of the parameters together.
    """
    return movements.listed(request, KIND, filters)


@router.get(
    "/{payout_id}",
    response={200: Payout},
    operation_id="get_payout",
    **call("payouts:read", "not_found"),
)
def get_payout(request: ApiRequest, payout_id: str) -> HttpResponse:
    """Read a payout."""
    return movements.read(request, KIND, payout_id)


@router.post(
    "/{payout_id}/cancel",
    response={200: Payout},
    operation_id="cancel_payout",
    **call("payouts:write", "not_found", "invalid_state"),
)
def cancel_payout(request: ApiRequest, payout_id: str) -> HttpResponse:
    """Cancel a payout.

    Possible only while it is `pending`: for a moment after it was accepted, and as long as it is held because its
    network is down. Money that was sent cannot be called back.
    """
    return movements.cancel(request, KIND, payout_id)


@router.post(
    "/{payout_id}/check",
    response={200: Payout},
    operation_id="check_payout",
    **call("payouts:write", "not_found"),
)
def check_payout(request: ApiRequest, payout_id: str) -> HttpResponse:
    """Check a payout now.

    Asks the network, waits a few seconds for what it says, and answers the payout as it then is.
    """
    return movements.check(request, KIND, payout_id)


@router.get(
    "/{payout_id}/timeline",
    response={200: Timeline},
    operation_id="get_payout_timeline",
    **call("payouts:read", "not_found"),
)
def get_timeline(request: ApiRequest, payout_id: str) -> HttpResponse:
    """Read a payout's timeline.

    Everything recorded about it, oldest first.
    """
    return movements.timeline(request, KIND, payout_id)

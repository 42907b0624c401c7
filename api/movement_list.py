"""The filters of the lists of payments, payouts and refunds, and the page that they select."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, Field, WithJsonSchema

from api.access import ApiRequest
from api.cursors import page_answer, read_cursor
from api.parameters import metadata_filters
from api.problems import FieldError, Problem
from api.schemas.fields import ProviderName
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.representation import represent
from payments.selectors.keyset import clamped, id_floor, newest_first
from payments.states import Status
from providers.numbers import InvalidPhoneError, normalise

Amount = Annotated[
    Decimal, Field(ge=0, max_digits=18, decimal_places=2), WithJsonSchema({"type": "string", "examples": ["150.00"]})
]


class PageParameters(Schema):
    """What every list takes."""

    limit: int = Field(20, ge=1, le=100, description="How many objects a page has at most.")
    cursor: str | None = Field(None, max_length=200, description="The `next_cursor` of the page before.")


class MovementFilters(PageParameters):
    status: Status | None = Field(None, description="Only those with this status.")
    provider: ProviderName | None = Field(None, description="Only those at this network.")
    phone: str | None = Field(None, description="Only from or to this number, in any usual notation.")
    reference: str | None = Field(None, max_length=64, description="Only the one with this reference of yours.")
    created_from: AwareDatetime | None = Field(None, description="Made at this moment or later (RFC 3339).")
    created_to: AwareDatetime | None = Field(None, description="Made at this moment or earlier (RFC 3339).")
    amount_min: Amount | None = Field(None, description="Of this amount or more.")
    amount_max: Amount | None = Field(None, description="Of this amount or less.")


class RefundFilters(MovementFilters):
    payment: str | None = Field(None, max_length=40, description="Only refunds of this payment.")


def list_movements(request: ApiRequest, kind: PaymentKind, filters: MovementFilters) -> dict[str, Any]:
    """One page as the API shows it, newest first. Must run inside the merchant's schema. Raises Problem."""
    access, listed = request.access, f"{kind.object_name}s"
    rows = Payment.objects.filter(livemode=access.livemode, kind=kind, **_lookups(kind, filters))
    if pairs := metadata_filters(request):
        rows = rows.filter(metadata__contains=pairs)
    cursor = read_cursor(access, listed, filters.cursor)
    page = newest_first(rows, key="id", cursor=cursor, limit=filters.limit, convert=represent)
    return page_answer(access, listed, page)


def _lookups(kind: PaymentKind, filters: MovementFilters) -> dict[str, Any]:
    """The filters that were given, as lookups. Ids begin with their time, so that times use the id's index as well."""
    lookups: dict[str, Any] = {
        "status": filters.status,
        "provider": filters.provider,
        "phone": _phone(filters.phone),
        "reference": filters.reference,
        "amount__gte": filters.amount_min,
        "amount__lte": filters.amount_max,
        "created_at__gte": filters.created_from,
        "created_at__lte": filters.created_to,
        "original_id": filters.payment if isinstance(filters, RefundFilters) else None,
    }
    if filters.created_from:
        lookups["id__gte"] = id_floor(kind.prefix, clamped(filters.created_from))
    if filters.created_to:
        lookups["id__lt"] = id_floor(kind.prefix, clamped(filters.created_to) + timedelta(milliseconds=1))
    return {name: value for name, value in lookups.items() if value is not None}


def _phone(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return normalise(text, allow_sandbox=True)
    except InvalidPhoneError as error:
        errors = [FieldError("phone", "invalid", "must be a mobile number such as +260961234567")]
        raise Problem("validation_failed", f"phone: {error}", status=400, errors=errors) from error

"""The calls below /v1/: which router serves what, in one place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from api import events, ledger, me, payments, payouts, providers, refunds
from api.validation import invalid_fields

api = NinjaAPI(
    title="Ndalama API",
    version="1",
    docs_url=None,
    openapi_url=None,
    urls_namespace="v1",
)
api.add_router("/payments", payments.router)
api.add_router("/payments", refunds.of_payment)
api.add_router("/refunds", refunds.router)
api.add_router("/payouts", payouts.router)
api.add_router("", ledger.router)
api.add_router("/events", events.router)
api.add_router("/providers", providers.router)
api.add_router("/me", me.router)


@api.exception_handler(ValidationError)
def refuse_parameters(_request: HttpRequest, error: Any) -> HttpResponse:
    """What ninja validates here is query strings; the middleware answers the problem."""
    found = [item | {"loc": item["loc"][-1:]} for item in error.errors]
    raise invalid_fields(found, status=400)

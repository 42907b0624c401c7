"""The addresses that providers call back. Kept and answered at once; nothing a message says is believed here."""

import re

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django_tenants.utils import tenant_context

from api.body import read_bytes
from api.problems import Problem
from payments.callbacks import Delivery, receive
from providers.registry import PROVIDERS
from tenants import doorbell
from tenants.client_ip import client_ip
from tenants.models import Tenant

MOST_HEADERS = 50
LONGEST_HEADER = 500
_MERCHANT = re.compile(r"[a-z0-9]{8}")
_PLACE = re.compile(r"(?:txn|pa)_[0-9a-z]{26}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
# Who calls may send us their own secrets; we keep none of them.
_SECRET = re.compile(r"auth|cookie|token|secret|key|password|credential|signature", re.IGNORECASE)

log = structlog.get_logger("callbacks")


@csrf_exempt
@require_http_methods(["PUT", "POST"])
def callback(request: HttpRequest, provider: str, rest: str) -> HttpResponse:
    """`/hooks/<provider>/<merchant>/<place>/<signature>`; every other address below /hooks/ is refused alike.

    The place is one of our operations, or an account at the provider.
    """
    merchant, _, tail = rest.partition("/")
    place, _, signature = tail.partition("/")
    # Strangers who know no merchant's address are not worth the wait for a body that may never come.
    tenant = _merchant(provider, merchant)
    if tenant is None:
        log.warning("callback_to_nobody", provider=provider[:12])
        raise _refused()
    body = read_bytes(request)
    delivery = Delivery(
        provider=provider,
        place=place if _PLACE.fullmatch(place) else "",
        signature=signature if _SIGNATURE.fullmatch(signature) else "",
        method=request.method or "",
        headers=_headers(request),
        body=body,
        remote_ip=client_ip(request),
        request_id=getattr(request, "request_id", ""),
    )
    with structlog.contextvars.bound_contextvars(merchant=tenant.slug), tenant_context(tenant):
        is_believable = receive(delivery)
    if not is_believable:
        raise _refused()
    doorbell.ring()
    return HttpResponse(b"{}", content_type="application/json")


def _merchant(provider: str, public_id: str) -> Tenant | None:
    if provider not in PROVIDERS or not _MERCHANT.fullmatch(public_id):
        return None
    found: Tenant | None = Tenant.objects.filter(public_id=public_id).first()
    return found


def _headers(request: HttpRequest) -> dict[str, str]:
    pairs = list(request.headers.items())[:MOST_HEADERS]
    return {name[:100]: "[redacted]" if _SECRET.search(name) else _storable(value) for name, value in pairs}


def _storable(value: str) -> str:
    return value[:LONGEST_HEADER].encode("utf-8", "replace").decode().replace("\x00", "")


def _refused() -> Problem:
    return Problem("invalid_callback_address", "Nothing was believed; this address does not carry our signature.")

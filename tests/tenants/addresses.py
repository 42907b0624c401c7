"""Addresses for the middleware's tests: the product's pages, and views that tell what they were given or misbehave."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import include, path

from tenants.current import current_tenant
from tests.tenants.handlers import rows_seen


def given(request: HttpRequest, **place: str) -> JsonResponse:
    return JsonResponse(
        {
            "merchant": request.merchant.slug,  # type: ignore[attr-defined]
            "role": request.role,  # type: ignore[attr-defined]
            "livemode": request.livemode,  # type: ignore[attr-defined]
            "rows": sorted(rows_seen()),
            "current": current_tenant().slug,
        }
    )


def explode(request: HttpRequest, **place: str) -> HttpResponse:
    rows_seen()
    raise ZeroDivisionError


def stream(request: HttpRequest, **place: str) -> StreamingHttpResponse:
    def lines() -> Iterator[bytes]:
        yield ",".join(rows_seen()).encode()

    return StreamingHttpResponse(lines())


def outside(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"has_merchant": hasattr(request, "merchant")})


urlpatterns = [
    path("outside/", outside),
    path("m/<slug:slug>/given/", given),
    path("m/<slug:slug>/<slug:mode>/given/", given),
    path("m/<slug:slug>/<slug:mode>/explode/", explode),
    path("m/<slug:slug>/<slug:mode>/stream/", stream),
    path("", include("portal.urls")),
]
handler404 = "portal.views.errors.not_found"

"""Finds the merchant, the mode and the person's role from `/m/<slug>/<test|live>/…`, and enters the merchant's schema.

Whoever is no member gets the 404 that a merchant which does not exist would give.
"""

import re
from collections.abc import Callable

import structlog
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django_tenants.utils import tenant_context

from tenants.current import leave_merchant
from tenants.models import Membership

MERCHANT_PATH = re.compile(r"^/m/(?P<slug>[^/]+)/(?:(?P<mode>test|live)(?:/|$))?")

SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


class MerchantMiddleware:
    """Sets request.merchant, request.membership, request.role and request.livemode below /m/, and resets the schema."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # A connection is reused by the next request of this thread: never trust what the last one left.
        leave_merchant()
        match = MERCHANT_PATH.match(request.path_info)
        if match is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        # PostgreSQL would not even take some of what a path may hold (a NUL, say).
        slug = match["slug"] if SLUG.fullmatch(match["slug"]) else ""
        membership = Membership.objects.select_related("tenant").filter(user=request.user, tenant__slug=slug).first()
        if membership is None:
            raise Http404("No such merchant.")
        request.membership = membership  # type: ignore[attr-defined]
        request.merchant = membership.tenant  # type: ignore[attr-defined]
        request.role = membership.role  # type: ignore[attr-defined]
        request.livemode = match["mode"] == "live"  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(merchant=membership.tenant.slug, user=request.user.pk)
        with tenant_context(membership.tenant):
            response = self.get_response(request)
            # A lazy body would be evaluated after the schema is left, in another merchant's rows.
            if response.streaming:
                raise RuntimeError("A merchant's page must not stream outside its schema.")
            return response

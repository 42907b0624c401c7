"""The front door: what this is for strangers, straight in or a choice of merchants for staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from portal.htmx import private
from tenants.models import Membership


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return render(request, "portal/welcome.html")
    memberships = list(Membership.objects.filter(user=request.user).select_related("tenant").order_by("tenant__name"))
    if len(memberships) == 1:
        return redirect("portal:home", slug=memberships[0].tenant.slug, mode="test")
    return private(render(request, "portal/merchants.html", {"memberships": memberships}))


@require_safe
def enter(request: HttpRequest, slug: str) -> HttpResponse:  # noqa: ARG001 (the middleware has checked membership)
    """An address without a mode opens test mode, where nothing can go wrong."""
    return redirect("portal:home", slug=slug, mode="test")

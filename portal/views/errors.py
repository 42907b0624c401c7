"""The pages for what went wrong, in the look of the place where it happened. deploy/urls.py names them as handlers."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.access import MerchantSuspended, MissingPermission
from portal.htmx import private
from tenants.roles import DESCRIPTIONS, PERMISSIONS, Role

RETRY_AFTER_SECONDS = 10


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Names the missing permission and the roles that have it, because a colleague can help then."""
    if isinstance(exception, MerchantSuspended):
        return private(render(request, "portal/suspended.html", status=403))
    permission = exception.permission if isinstance(exception, MissingPermission) else ""
    able = [role.value for role in Role if role in PERMISSIONS.get(permission, ())]
    context = {"permission": permission, "what": DESCRIPTIONS.get(permission, ""), "roles": able}
    template = "portal/no_permission.html" if permission else "403.html"
    return private(render(request, template, context, status=403))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    template = "portal/not_here.html" if hasattr(request, "merchant") else "404.html"
    return private(render(request, template, status=404))


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database or the session: they may be what is broken."""
    context = {"request_id": getattr(request, "request_id", "")}
    if isinstance(sys.exc_info()[1], OperationalError):
        response = HttpResponse(render_to_string("503.html", context), status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    return HttpResponse(render_to_string("500.html", context), status=500)

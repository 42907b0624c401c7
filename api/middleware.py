"""Serves what machines call, /v1/ and /hooks/, before sessions, cookies and pages come in; every error is a problem.

The views are called from here, so that such a request pays for nothing that only browsers need.
"""

import sys
from collections.abc import Callable
from functools import lru_cache

import structlog
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import ResolverMatch, resolve

from api.access import Access
from api.auth import authenticate
from api.key_use import note_use
from api.problems import Problem, problem_of, problem_response
from api.stranger_throttle import strangers
from api.throttle import Rate, take
from payments.errors import Refusal
from tenants.client_ip import client_ip
from tenants.current import leave_merchant

RETRY_AFTER_SECONDS = 5
PATHS = ("/v1/", "/hooks/")
API = "/v1/"
# Everything else below /v1/ needs a key, addresses that do not exist included.
OPEN = frozenset({"/v1/openapi.json"})
NOTHING_TO_SHOW = "default-src 'none'; frame-ancestors 'none'"

log = structlog.get_logger("api")


class ApiMiddleware:
    """Goes after the ones for request ids, security headers and CORS, and before all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PATHS):
            return self.get_response(request)
        # The connection is this thread's; its last request may have ended inside a merchant.
        leave_merchant()
        request.ip = client_ip(request)  # type: ignore[attr-defined]
        response = _serve_api(request) if request.path_info.startswith(API) else _served(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = NOTHING_TO_SHOW
        # Django would log every 503 as an error of ours; what is one, _failed has logged with its traceback.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def _serve_api(request: HttpRequest) -> HttpResponse:
    ip: str = request.ip  # type: ignore[attr-defined]
    access: Access | None = None
    try:
        if request.path_info not in OPEN:
            access = authenticate(request, ip=ip)
            structlog.contextvars.bind_contextvars(merchant=access.slug, key=access.key_id)
        rate = take(access) if access else strangers.take(ip)
        request.access = access  # type: ignore[attr-defined]
        response = _served(request) if rate.is_allowed else _too_many(request, rate)
    except Problem as problem:
        rate = strangers.take(ip)
        response = problem_response(request, problem) if rate.is_allowed else _too_many(request, rate)
    except Exception:
        rate = strangers.take(ip)
        response = _failed(request)
    if access:
        note_use(access, ip=ip)
    for name, value in rate.headers().items():
        response.headers[name] = value
    return response


def _served(request: HttpRequest) -> HttpResponse:
    """The view's answer; whatever goes wrong in it becomes a problem."""
    try:
        match = request.resolver_match = _match(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Exception as error:
        problem = _problem(error)
        return problem_response(request, problem) if problem else _failed(request)
    return _method_not_allowed(request, response) if response.status_code == 405 else response


def _problem(error: Exception) -> Problem | None:
    """What the caller is told about it; None for an error of ours."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refusal):
        return problem_of(error)
    if isinstance(error, Http404):
        return Problem("not_found", "There is nothing at this address.")
    if isinstance(error, SuspiciousOperation):
        return Problem("validation_failed", f"{error}"[:300], status=400)
    return None


@lru_cache(maxsize=256)
def _match(path: str) -> ResolverMatch:
    """Few addresses are called most of the time, and finding a view costs more than running it."""
    return resolve(path)


def _method_not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
    detail = f"This address takes {allowed}, not {request.method}."
    return problem_response(request, Problem("method_not_allowed", detail, headers={"Allow": allowed}))


def _too_many(request: HttpRequest, rate: Rate) -> HttpResponse:
    detail = f"At most {rate.limit} requests in {rate.window_seconds} seconds; try again in {rate.reset_seconds}."
    headers = {"Retry-After": str(rate.reset_seconds)}
    return problem_response(request, Problem("rate_limited", detail, headers=headers))


def _failed(request: HttpRequest) -> HttpResponse:
    """Called while an exception is handled."""
    log.exception("request_failed", method=request.method)
    if isinstance(sys.exc_info()[1], OperationalError):
        detail = "Our database is away for a moment. Send the same request again, with the same Idempotency-Key."
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return problem_response(request, Problem("internal", detail, status=503, headers=headers))
    return problem_response(request, Problem("internal", "An error of ours. Quote the request_id to support."))

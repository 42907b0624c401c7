"""Gives every request an id, answers it in X-Request-ID, and logs one line when the request is done."""

import re
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid7

VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
QUIET_ROUTES = {"livez", "readyz", "metrics"}

log = structlog.get_logger("http")


class RequestLogMiddleware:
    """Outermost middleware: whatever happens inside, the answer and every log line carry the same id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if VALID_REQUEST_ID.fullmatch(offered) else f"req_{uuid7().hex}"
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        # The route, not the path: paths and query strings hold phone numbers and signed callback addresses.
        route = request.resolver_match.route if request.resolver_match else "-"
        if route not in QUIET_ROUTES:
            log.info(
                "request",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )
        return response

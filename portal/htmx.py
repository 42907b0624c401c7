"""Renders a page, or only the part of it that an htmx request will swap. Templates never ask which."""

import json
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def render_page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    partial: str = "rows",
    status: int = 200,
) -> HttpResponse:
    """The template, or its partial when htmx asks for a part. The server names the partial, never the client."""
    if wants_partial(request):
        response = render(request, f"{template}#{partial}", context, status=status)
        _send_messages_along(request, response)
    else:
        response = render(request, template, context, status=status)
    return private(response)


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """After an action: the browser opens the address as a whole page, whoever sent the form, it or htmx."""
    if wants_partial(request):
        return private(HttpResponse(status=204, headers={"HX-Redirect": url}))
    return private(redirect(url))


def wants_partial(request: HttpRequest) -> bool:
    """Boosted links and restored history replace the whole page, so they get one."""
    htmx = HtmxDetails(request)
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def private(response: HttpResponse) -> HttpResponse:
    """A signed-in page is kept by no cache, and the full page is never mistaken for its part."""
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    response.headers["Cache-Control"] = "no-store"
    return response


def _send_messages_along(request: HttpRequest, response: HttpResponse) -> None:
    """A part has no place for messages, so they travel as an event that static/js/app.js shows."""
    for message in get_messages(request):
        kind = "error" if message.level_tag == "error" else "success"
        response.headers["HX-Trigger"] = json.dumps({"toast": {"text": str(message), "kind": kind}})

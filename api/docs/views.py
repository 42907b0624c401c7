"""The pages of the documentation. They know nobody: the same for everyone, signed in or not."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.docs.failure_catalogue import WHO, catalogue, example, find_entry
from api.docs.guides import GUIDES, find_guide
from api.docs.reference import find_operation, operations, operations_with
from api.docs.sandbox import other_numbers, refund_numbers, sandbox_numbers, trouble_numbers
from api.docs.snippets import all_snippets
from api.openapi import problem_example
from api.problems import CODES, RETRY_WORDS
from payments.keys import SCOPES
from payments.states import FINAL, TRANSITIONS, Status

STATUS_WORDS = {
    Status.PENDING: "Accepted and durable, not yet handed to a network.",
    Status.PROCESSING: "Handed to a network; the payer or the network must act.",
    Status.UNKNOWN: "We cannot tell whether the network took it. Being resolved, never guessed.",
    Status.SUCCEEDED: "The network said so explicitly: the money moved.",
    Status.FAILED: "The network said explicitly that no money moved, or never had it. `failure` says why.",
    Status.CANCELED: "Withdrawn before it was handed to a network.",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _page(request, "docs/home.html", here="home")


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_guide(slug)
    if found is None:
        raise Http404
    context = {
        "guide": found,
        "scopes": SCOPES.items(),
        "statuses": [(status, words, status in FINAL) for status, words in STATUS_WORDS.items()],
        "transitions": [(before, after, why) for (before, after), why in TRANSITIONS.items()],
        "sandbox": sandbox_numbers("collection"),
        "sandbox_payouts": sandbox_numbers("transfer"),
        "sandbox_refunds": refund_numbers(),
        "others": other_numbers(),
        "troubles": trouble_numbers(),
        "problem": _pretty(problem_example("validation_failed")),
    }
    return _page(request, found.template, here=slug, **context)


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    return _page(request, "docs/reference.html", here="reference")


@require_safe
def operation(request: HttpRequest, slug: str) -> HttpResponse:
    found = find_operation(slug)
    if found is None:
        raise Http404
    return _page(request, "docs/operation.html", here=slug, operation=found)


@require_safe
def errors(request: HttpRequest) -> HttpResponse:
    return _page(request, "docs/errors.html", here="codes", codes=CODES.items())


@require_safe
def error(request: HttpRequest, code: str) -> HttpResponse:
    if code not in CODES:
        raise Http404
    context = {
        "code": code,
        "about": CODES[code],
        "who": WHO[CODES[code].who_acts][0],
        "retry": RETRY_WORDS[CODES[code].retry],
        "example": _pretty(problem_example(code)),
        "operations_with_it": operations_with(code),
    }
    return _page(request, "docs/error.html", here="codes", **context)


@require_safe
def failures(request: HttpRequest) -> HttpResponse:
    groups = [
        (who, about, [entry for entry in catalogue() if entry.who == key]) for key, (who, about) in WHO.items()
    ]  # fmt: skip
    return _page(request, "docs/failures.html", here="failures", groups=[group for group in groups if group[2]])


@require_safe
def failure(request: HttpRequest, code: str) -> HttpResponse:
    found = find_entry(code)
    if found is None:
        raise Http404
    return _page(request, "docs/failure.html", here="failures", entry=found, example=_pretty(example(found)))


def _page(request: HttpRequest, template: str, *, here: str, **context: Any) -> HttpResponse:
    frame = {
        "here": here,
        "guides": GUIDES,
        "operations": operations(),
        "snippets": all_snippets(),
        "base_url": settings.PUBLIC_URL,
        "has_simulator": settings.DEMO,
        "simulator_url": settings.PROVIDER_BASE_URLS["mtn"],
        "throttle_limit": settings.THROTTLE_LIMIT,
        "throttle_seconds": settings.THROTTLE_TTL,
        "probe_seconds": f"{settings.CIRCUIT_PROBE_SECONDS:g}",
    }
    return render(request, template, frame | context)


def _pretty(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

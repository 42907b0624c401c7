"""Provider calls and callbacks as text: a start line, headers, an empty line, and the body made readable."""

import json
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from django import template

from payments.selectors.timeline import Call, Received

register = template.Library()

# A Zambian wallet, or one of MTN's sandbox numbers, with or without the country code.
PHONE = re.compile(r"(?<![\w.-])((?:\+?260|0)?[579][5-8]|\+?46733)\d{3,4}(\d{3})(?![\w-])")


@register.filter
def path_of(url: str) -> str:
    """`https://host/collection/v1_0/requesttopay` → `/collection/v1_0/requesttopay`."""
    return urlsplit(url).path or url


@register.filter
def request_text(call: Call) -> str:
    return _message(f"{call.method} {call.url}", call.request_headers, call.request_body)


@register.filter
def response_text(call: Call) -> str:
    return _message(f"HTTP {call.status}", call.response_headers, call.response_body)


@register.filter
def received_text(callback: Received) -> str:
    return _message(callback.method, callback.headers, callback.body)


def _message(start: str, headers: Mapping[str, str], body: str) -> str:
    lines = [start, *(f"{name}: {value}" for name, value in headers.items())]
    return _masked("\n".join(lines) + (f"\n\n{_pretty(body)}" if body else ""))


def _masked(text: str) -> str:
    """Without payers' full numbers, which only "reveal" shows, with an audit entry."""
    return PHONE.sub(r"\1••••\2", text)


def _pretty(body: str) -> str:
    """JSON indented for reading; anything else as it came."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body

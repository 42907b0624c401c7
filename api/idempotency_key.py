"""Reads the Idempotency-Key header: bare, or as the quoted string of a structured field; both name the same key."""

import re

from django.http import HttpRequest

from api.problems import Problem

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
_QUOTED = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_ESCAPED = re.compile(r'\\(["\\])')


def idempotency_key(request: HttpRequest) -> str:
    """The key, without quotes. Raises Problem."""
    text = str(request.META.get("HTTP_IDEMPOTENCY_KEY", "")).strip(" \t")
    if not text:
        raise Problem("idempotency_key_missing", "Send an Idempotency-Key: a value of your own, fresh per purchase.")
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        text = _ESCAPED.sub(r"\1", quoted[1]) if quoted else ""
    if not _PRINTABLE.fullmatch(text):
        raise Problem("idempotency_key_invalid", "An Idempotency-Key has 1 to 255 printable ASCII characters.")
    return text

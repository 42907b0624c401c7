"""Keeping Zamtel's secrets out of what is recorded: they stand in addresses and in XML."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from providers.base import Exchange
from providers.redaction import REDACTED

_NAMES = "ThirdPartyID|Password|SecurityCredential|Credential"
# In an address, in XML and in JSON; the end may be missing.
_NAMED = (
    re.compile(rf"(?i)\b((?:{_NAMES})=)[^&#\s\"'<>]*"),
    re.compile(rf"(?i)(<(?:[\w.-]+:)?(?:{_NAMES})(?:\s[^<>]*)?>)[^<]*"),
    re.compile(rf'(?i)("(?:{_NAMES})"\s*:\s*")(?:[^"\\]|\\.)*'),
)
_ESCAPE = re.compile("%[0-9A-F]{2}")


def spellings(secrets: Iterable[str]) -> tuple[str, ...]:
    """Each secret as it may turn up: as it is, and as an address, XML, HTML or JSON writes it."""
    return tuple({spelling for secret in secrets for spelling in _spellings(secret)})


def clean(exchange: Exchange) -> Exchange:
    """The same without the secrets that are known by their names, however short they are."""
    return replace(
        exchange,
        url=_clean(exchange.url),
        request_body=_clean(exchange.request_body),
        response_headers={name: _clean(value) for name, value in exchange.response_headers.items()},
        response_body=_clean(exchange.response_body),
    )


def _spellings(secret: str) -> Iterator[str]:
    raw = secret.encode(errors="replace")  # half a surrogate pair is never sent, but must not stop the rest
    quoted = quote(raw, safe="")
    yield from (quoted, _ESCAPE.sub(lambda found: found[0].lower(), quoted))
    yield from (quote_plus(raw), quote_plus(raw, safe="[]"))
    for text in (secret, escape(secret), html.escape(secret)):
        yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])


def _clean(text: str) -> str:
    for pattern in _NAMED:
        text = pattern.sub(rf"\1{REDACTED}", text)
    return text

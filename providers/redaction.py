"""Keeping secrets out of what is recorded: by the name of a header, field or parameter, and by value."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

REDACTED = "[redacted]"
SHORTEST_SECRET = 6  # replacing shorter values would shred the text and hide nothing worth hiding

SECRET_HEADERS = frozenset(
    {
        "authorization", "proxy-authorization", "ocp-apim-subscription-key", "x-api-key", "api-key",
        "cookie", "set-cookie", "x-signature", "x-key",
    }
)  # fmt: skip

# Headers whose URL ends in our own signature: whoever reads it could post callbacks under it.
SIGNED_URL_HEADERS = frozenset({"x-callback-url"})

SECRET_NAMES = (
    "access_token", "refresh_token", "id_token", "token", "apikey", "api_key", "client_secret", "secret",
    "password", "pin", "credential", "subscription_key", "ocp-apim-subscription-key", "subscription-key",
    "signature",
)  # fmt: skip

# Works on cut and broken JSON too: the closing quote may be missing. Numbers can be secrets as well (a PIN).
_NAME = "|".join(map(re.escape, SECRET_NAMES))
_JSON_SECRET = re.compile(rf'("(?:{_NAME})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[0-9]+)', re.IGNORECASE)
_SCHEME = re.compile(r"^(Bearer|Basic)\s", re.IGNORECASE)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The same headers with the values of secret ones replaced; an authorization keeps its scheme."""
    return {name: _redact_header(name.lower(), value) for name, value in headers.items()}


def redact_body(text: str) -> str:
    """A JSON-like text with the values of secret fields replaced."""
    return _JSON_SECRET.sub(rf'\1"{REDACTED}"', text)


def redact_url(url: str) -> str:
    """A URL without user information and with the values of secret query parameters replaced."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return REDACTED
    query = [
        (name, REDACTED if name.lower() in SECRET_NAMES else value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query=urlencode(query, safe="[]")))


def mask_values(text: str, secrets: Iterable[str]) -> str:
    """Replace known secret values wherever they turn up, as in an error page that echoes our request."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, REDACTED)
    return text


def _redact_header(name: str, value: str) -> str:
    if name in SIGNED_URL_HEADERS:
        return f"{redact_url(value).rpartition('/')[0]}/{REDACTED}"
    if name not in SECRET_HEADERS:
        return value
    scheme = _SCHEME.match(value)
    return f"{scheme[1]} {REDACTED}" if scheme else REDACTED

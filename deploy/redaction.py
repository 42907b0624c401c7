"""Blanks secrets and phone numbers in what is to be logged: by their name, and in any text by their shape."""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

BLANK = "[redacted]"
MOST_LEVELS = 12  # deeper is a loop more often than news
SHORT = 64  # routes, event names and ids come again and again

# What stands under such a name is secret whatever it is; `token_seconds` and `api_key_id` only speak about secrets.
NAMES = (
    r"(?:authori[sz]ation|cookie|passw(?:or)?d|passphrase|secret|token|jwt|api[_-]?key|private[_-]?key|encryption[_-]?key"
    r"|subscription|credential|third[_-]?party[_-]?id|msisdn|phone|(?<![a-z])(?:pin|otp|pwd)(?![a-z]))"
)
ABOUT = ("at", "id", "ids", "count", "seconds", "timeout", "ttl", "type")
NAME = re.compile(rf"(?i){NAMES}")
ABOUT_SECRETS = re.compile(rf"(?i)_(?:{'|'.join(ABOUT)})$")

# A secret name in text, with what follows it: {'pin': 1}, "pin": "1", pin=1, pin = "1"; and headers, to the line's end.
_NOT_ABOUT = "".join(rf"(?<!_{word})" for word in ABOUT)
_QUOTED = r"""b?(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\+["'].*?(?:\\+["']|$))"""
_GROUP = r"\[[^\]]*\]?|\{[^}]*\}?|\([^)]*\)?"
NAMED = re.compile(
    rf"""(?i)({NAMES}[\w-]{{0,32}}{_NOT_ABOUT})"""
    rf"""(\\*["']\s*[:=]\s*|=|\s*[:=]\s*(?=b?\\*["']))(?:{_QUOTED}|{_GROUP}|[^\s&,;)}}\]]+)"""
)
HEADER = re.compile(
    r"(?i)((?:authorization|cookie|passw(?:or)?d|secret|(?:api|subscription)[_-]?key):[ \t]*)[^\s\"'][^\r\n\"']*"
)
SHAPES = re.compile(r"ndl_(?:test|live)_\w+|whsec_[\w+/=-]+|eyJ[\w-]{8,}\.[\w.-]+|(?i:bearer)\s+[^\s\"',;)}\]]+")
BASIC = re.compile(r"(?i:basic)\s+([\w+/-]{4,}={0,2})")
URL_PASSWORD = re.compile(r"(://[^\s/:@]*:)[^\s/]+@")
CALLBACK = re.compile(r"(/hooks/\w+/\w+/\w+/)[\w.=-]+")  # the signature in it is the way in
# +260 96 6000123, 0966000123; no part of a longer number, a UUID or an amount.
PHONE = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%2[Bb]))(?<!\d\.)(?<![0-9a-f]{4}-)((?:\+|00)?260[ -]?[579]\d|0[79][567])"
    r"[ -]?\d{3}[ -]?\d[ -]?(\d{3})(?![0-9A-Za-z]|\.\d)"
)
# Most text holds nothing of all this, and one look at its small letters tells.
SUSPECT = re.compile(
    r"260|0[79][567]|@|ndl_|whsec_|eyj|/hooks/|b(?:earer|asic)|authori|cookie|pass[wp]|secret|token|jwt|[ien]_?-?key|subscr|cred"
    r"|msisdn|phone|pin|otp|pwd"
)


def redact_text(text: str) -> str:
    """The same text, without the secrets in it."""
    if not SUSPECT.search(text.lower()):
        return text
    text = HEADER.sub(rf"\1{BLANK}", text)
    text = NAMED.sub(rf"\1\2{BLANK}", text)
    text = BASIC.sub(_basic, SHAPES.sub(BLANK, text))
    text = CALLBACK.sub(rf"\1{BLANK}", URL_PASSWORD.sub(rf"\1{BLANK}@", text))
    return PHONE.sub(r"\1••••\2", text)


def redact_value(value: object, *, levels: int = MOST_LEVELS) -> object:
    """The same, redacted, in what JSON has: dictionaries, lists, text, numbers, true, false and null."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return _redact_number(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _redact_all(value, levels=levels - 1) if levels else "…"
    if isinstance(value, bytes | bytearray):
        return redact_text(value.decode("utf-8", "replace"))
    text = value if isinstance(value, str) else _described(value)
    return _redact_short(text) if len(text) <= SHORT else redact_text(text)


def redact_named(name: str, value: object, *, levels: int = MOST_LEVELS) -> object:
    """What is to be logged for `name`; that a secret is absent is none."""
    if is_secret(name) and value is not None and value != "" and not isinstance(value, bool):
        return BLANK
    return redact_value(value, levels=levels)


def _redact_all(values: Mapping[Any, object] | Iterable[object], *, levels: int) -> object:
    if isinstance(values, Mapping):
        return {redact_text(str(key)): redact_named(str(key), each, levels=levels) for key, each in values.items()}
    return [redact_value(each, levels=levels) for each in values]


def _redact_number(number: int) -> int | str:
    """A phone number may be one."""
    if -(10**8) < number < 10**8:
        return int(number)
    digits = str(number)
    redacted = redact_text(digits)
    return number if redacted == digits else redacted


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    return bool(NAME.search(name)) and not ABOUT_SECRETS.search(name)


_redact_short = lru_cache(maxsize=1024)(redact_text)


def _basic(found: re.Match[str]) -> str:
    """`Basic dXNlcjpwYXNz` says user:pass, `Basic settings` nothing."""
    coded = found[1].rstrip("=")
    try:
        says_two = b":" in b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_" if {*coded} & {*"-_"} else None)
    except ValueError:
        says_two = False
    return BLANK if says_two else found[0]


def _described(value: object) -> str:
    """As Python shows it; where even that fails, the line is worth more than the value."""
    try:
        return repr(value) if isinstance(value, BaseException) else str(value)
    except Exception:
        return f"<{type(value).__name__}>"

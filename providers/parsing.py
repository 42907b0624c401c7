"""Reading single values out of a provider's answers, whatever they turn out to contain."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_WORD = 64
LONGEST_PAUSE_SECONDS = 3600.0
# Decimal() alone would also read "1_000", "NaN" and "1e999999".
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, or {}: gateways answer HTML, plain text or nothing at all."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError):  # 1e99999999999999999999 is too much even for Decimal
        return {}
    return value if isinstance(value, dict) else {}


def word_of(value: Any) -> str:
    """A short printable text, or "". Lone surrogates and NUL would break whoever stores it."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(filter(str.isprintable, str(value))).strip()[:LONGEST_WORD]


def key_of(word: str) -> str:
    """The spelling our tables use: "transfertype unknown" becomes "TRANSFERTYPE_UNKNOWN"."""
    return re.sub(r"[^A-Z0-9]+", "_", word.upper())


def amount_of(value: Any) -> Decimal | None:
    text = str(value) if isinstance(value, Decimal) else word_of(value)
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def pause_of(retry_after: str, default: float | None) -> float | None:
    """Retry-After, in seconds or as a date, in place of the default; None where no repetition is allowed."""
    if default is None or not retry_after:
        return default
    try:
        if retry_after.isdigit():
            seconds = float(retry_after)
        else:
            seconds = (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return default
    return min(max(seconds, 0.0), LONGEST_PAUSE_SECONDS)

"""Amounts and times as statements write them, read exactly or not at all."""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

_AMOUNT = re.compile(
    r"(?P<minus>[-\u2212(]?)\s*(?P<sign>K|ZMW|EUR)?\s*(?P<digits>[0-9][0-9.,' \u00a0\u202f]*)(?P<end>[-)]?)"
)
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[.,' \u00a0\u202f])[0-9]{3}(?:(?P=mark)[0-9]{3})*)?|[0-9]+")
_MOST_DIGITS = 12
_DATE_ONLY = {"%d/%m/%Y %H:%M:%S": "%d/%m/%Y", "%m/%d/%Y %H:%M:%S": "%m/%d/%Y", "%d-%m-%Y %H:%M:%S": "%d-%m-%Y",
              "%d %b %Y %H:%M:%S": "%d %b %Y"}  # fmt: skip


def read_amount(text: str, *, decimal_mark: str) -> Decimal:
    """`-1,250.00`, `(1 250,00)`, `K 5.5`: an exact decimal with two places. Raises ValueError with words for people."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found or (found["minus"] == "(") != (found["end"] == ")"):
        raise ValueError(f"“{text}” is no amount")
    whole, mark, fraction = found["digits"].strip().partition(decimal_mark)
    grouped = _GROUPED.fullmatch(whole)
    if not grouped or grouped["mark"] == decimal_mark or (mark and not fraction.isdigit()):
        raise ValueError(f"“{text}” is no amount with “{decimal_mark}” before the decimals")
    if len(fraction.rstrip("0")) > 2:
        raise ValueError(f"“{text}” has more than two decimals")
    if len(re.sub(r"[^0-9]", "", whole).lstrip("0")) > _MOST_DIGITS:
        raise ValueError(f"“{text[:40]}” is too large")
    value = Decimal(re.sub(r"[^0-9]", "", whole) + "." + (fraction[:2] or "0")).quantize(Decimal("0.01"))
    is_negative = bool(found["minus"]) or found["end"] == "-"
    return -value if is_negative else value


def read_time(text: str, *, date_format: str, utc_offset_minutes: int) -> datetime:
    """In UTC. A time that names its own offset keeps it. Raises ValueError with words for people."""
    moment = _parse(text.strip(), date_format)
    if moment is None:
        raise ValueError(f"“{text}” is no date in the chosen format")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=utc_offset_minutes)))
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"“{text}” is no date that can be") from None
    if not 2000 <= moment.year < 2100:
        raise ValueError(f"“{text}” is in the year {moment.year}")
    return moment


def read_phone(text: str) -> str:
    """The digits alone, "" when there are too few or too many to be a number."""
    digits = re.sub(r"\D", "", text).removeprefix("00")
    return digits if 7 <= len(digits) <= 15 else ""


def _parse(text: str, date_format: str) -> datetime | None:
    try:
        if date_format == "iso":
            return datetime.fromisoformat(text)
    except ValueError:
        return None
    for pattern in (date_format, date_format.removesuffix(":%S"), _DATE_ONLY.get(date_format, date_format)):
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 (the zone is the caller's next step)
        except ValueError:
            continue
    return None

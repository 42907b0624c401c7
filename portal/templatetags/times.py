"""Times: relative words, with the exact UTC time on hover and for machines."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_UNITS = (
    (timedelta(days=365), "yr"),
    (timedelta(days=30), "mo"),
    (timedelta(days=1), "d"),
    (timedelta(hours=1), "h"),
    (timedelta(minutes=1), "min"),
)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """`<time>` with relative words; static/js/app.js keeps them fresh."""
    if moment is None:
        return "—"
    return _element(moment, relative_words(moment, timezone.now()), is_relative=True)


@register.filter
def clock(moment: datetime | None) -> SafeString | str:
    """`<time>` with the exact time of day in UTC, for timelines: 14:02:11.482."""
    if moment is None:
        return "—"
    return _element(moment, f"{moment.astimezone(UTC):%H:%M:%S}.{moment.microsecond // 1000:03d}")


@register.filter
def exact(moment: datetime | None) -> SafeString | str:
    """`<time>` with date and time in UTC: 31 Jan 2026, 09:00:00 UTC."""
    return "—" if moment is None else _element(moment, exact_words(moment))


@register.filter
def duration(seconds: float | None) -> str:
    """How long something took, in the unit that reads best: 1.8 s, 2 min 5 s, 3 h 12 min."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def relative_words(moment: datetime, now: datetime) -> str:
    distance = abs(now - moment)
    for size, unit in _UNITS:
        if distance >= size:
            count = distance // size
            return f"{count} {unit} ago" if moment <= now else f"in {count} {unit}"
    return "just now" if moment <= now else "in a moment"


def exact_words(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M:%S} UTC"


def _element(moment: datetime, words: str, *, is_relative: bool = False) -> SafeString:
    stamp = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    marker = mark_safe(" data-relative") if is_relative else ""
    return format_html('<time datetime="{}" title="{}"{}>{}</time>', stamp, exact_words(moment), marker, words)

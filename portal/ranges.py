"""The quick ranges of list filters, in the merchant's own days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from portal.zones import Zone

Bounds = tuple[datetime, datetime]


def _days(first: Callable[[date], date], last: Callable[[date], date]) -> Callable[[datetime, Zone], Bounds]:
    """From the start of the first day to the end of the last one."""

    def bounds(now: datetime, zone: Zone) -> Bounds:
        today = zone.today(now)
        return zone.midnight(first(today)), zone.midnight(last(today) + timedelta(days=1))

    return bounds


def _same(today: date) -> date:
    return today


def _yesterday(today: date) -> date:
    return today - timedelta(days=1)


QUICK_RANGES: dict[str, tuple[str, Callable[[datetime, Zone], Bounds]]] = {
    "hour": ("Last hour", lambda now, _zone: (now - timedelta(hours=1), now + timedelta(minutes=5))),
    "today": ("Today", _days(_same, _same)),
    "yesterday": ("Yesterday", _days(_yesterday, _yesterday)),
    "week": ("This week", _days(lambda today: today - timedelta(days=today.weekday()), _same)),
    "month": ("This month", _days(lambda today: today.replace(day=1), _same)),
    "quarter": (
        "This quarter",
        _days(lambda today: today.replace(month=today.month - (today.month - 1) % 3, day=1), _same),
    ),
}

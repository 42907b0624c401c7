"""The numbers of Home, from real rows: one statement per question, each bounded by the period it is asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.db import connection

from payments.models import Payment
from payments.selectors.keyset import id_floor
from payments.states import Status

OPEN_CAP = 1000
MEDIAN_SAMPLE = 10_000
Period = tuple[datetime, datetime]  # from, and up to but without
_OPEN = (Status.PENDING, Status.PROCESSING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Day:
    """One day in the merchant's own time zone. `volume` is in the currency of the series."""

    day: date
    volume: Decimal
    payments: int
    succeeded: int
    failed: int

    @property
    def success_rate(self) -> float | None:
        """Of the payments that ended paid or failed, in per cent. None where none did."""
        return success_rate(self.succeeded, self.failed)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A day of the merchant as a span of time; the last one of a period may be cut short. `end` is exclusive."""

    day: date
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Series:
    currency: str
    days: list[Day]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    has_key: bool
    has_payment: bool
    has_success: bool


def days(*, livemode: bool, spans: list[DaySpan]) -> Series:
    """The given days that had payments, in the currency that most of them used.

    One range of the id index per day: an order of its own (by date) would sort every payment of the period.
    """
    sql = """
        SELECT span.day, found.*
        FROM unnest(%(days)s::date[], %(from)s::text[], %(to)s::text[]) AS span (day, low, high)
        CROSS JOIN LATERAL (
          SELECT currency, coalesce(sum(amount) FILTER (WHERE status = 'succeeded'), 0) AS volume, count(*) AS payments,
                 count(*) FILTER (WHERE status = 'succeeded') AS succeeded,
                 count(*) FILTER (WHERE status = 'failed') AS failed
          FROM payments_payment WHERE livemode = %(live)s AND id >= span.low AND id < span.high GROUP BY currency
        ) AS found ORDER BY span.day"""
    values: dict[str, Any] = {
        "live": livemode,
        "days": [span.day for span in spans],
        "from": [id_floor("pay", span.start) for span in spans],
        "to": [id_floor("pay", span.end) for span in spans],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    used: dict[str, int] = {}
    for _day, currency, _volume, payments, *_ in rows:
        used[currency] = used.get(currency, 0) + payments
    main = max(used, key=lambda code: used[code], default="ZMW")
    return Series(main, [_add_up(day, list(parts), main) for day, parts in groupby(rows, key=lambda row: row[0])])


def _add_up(day: date, parts: list[tuple[Any, ...]], currency: str) -> Day:
    volume = sum((part[2] for part in parts if part[1] == currency), Decimal(0))
    return Day(day, volume, *(sum(part[column] for part in parts) for column in (3, 4, 5)))


def median_seconds_to_confirm(*, livemode: bool, periods: list[Period]) -> list[float | None]:
    """For each period, half of its newest MEDIAN_SAMPLE successes were confirmed faster than this; None without any."""
    sql = """
        SELECT (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM (
          SELECT extract(epoch FROM completed_at - created_at) AS seconds FROM payments_payment
          WHERE livemode = %(live)s AND status = 'succeeded' AND id >= period.low AND id < period.high
          ORDER BY id DESC LIMIT %(sample)s) AS newest)
        FROM unnest(%(from)s::text[], %(to)s::text[]) WITH ORDINALITY AS period (low, high, number) ORDER BY number"""
    values: dict[str, Any] = {
        "live": livemode,
        "sample": MEDIAN_SAMPLE,
        "from": [id_floor("pay", start) for start, _ in periods],
        "to": [id_floor("pay", end) for _, end in periods],
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [None if value is None else float(value) for (value,) in cursor.fetchall()]


def count_open(*, livemode: bool) -> int:
    """How many payments are not final; counting stops at OPEN_CAP."""
    return Payment.objects.filter(livemode=livemode, status__in=_OPEN).order_by()[:OPEN_CAP].count()


def first_steps(*, livemode: bool) -> FirstSteps:
    sql = """SELECT EXISTS (SELECT 1 FROM payments_apikey WHERE livemode = %(live)s AND revoked_at IS NULL),
                    EXISTS (SELECT 1 FROM payments_payment WHERE livemode = %(live)s),
                    EXISTS (SELECT 1 FROM payments_payment WHERE livemode = %(live)s AND status = %(paid)s)"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"live": livemode, "paid": Status.SUCCEEDED.value})
        return FirstSteps(*cursor.fetchone())


def success_rate(succeeded: int, failed: int) -> float | None:
    ended = succeeded + failed
    return 100 * succeeded / ended if ended else None

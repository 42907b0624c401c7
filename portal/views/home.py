"""Home: how the period went beside the one before, what needs a person, and the first steps of a new merchant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from payments.selectors import attention, dashboard
from payments.selectors.dashboard import Day, DaySpan, Period
from portal.access import MerchantRequest, may, merchant_page
from portal.attention_words import Line, home_lines
from portal.curl import first_payment
from portal.deltas import Delta, change, difference
from portal.htmx import render_page
from portal.places import url_of
from portal.zones import Zone, zone_of

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days"}
CALLBACKS_SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sums:
    """What one period comes to."""

    volume: Decimal
    payments: int
    succeeded: int
    failed: int

    @property
    def success_rate(self) -> float | None:
        return dashboard.success_rate(self.succeeded, self.failed)


@merchant_page("payments.view")
@require_safe
def home(request: MerchantRequest) -> HttpResponse:
    chosen = request.GET.get("days", "30")
    length = int(chosen) if chosen in PERIODS else 30
    now, zone = timezone.now(), zone_of(request.merchant.country)
    current, previous = periods(now=now, zone=zone, days=length)
    series = dashboard.days(livemode=request.livemode, spans=[*spans(previous, zone), *spans(current, zone)])
    first_day = zone.today(current[0])
    medians = dashboard.median_seconds_to_confirm(livemode=request.livemode, periods=[current, previous])
    now_days = [day for day in series.days if day.day >= first_day]
    context = {
        "currency": series.currency,
        "stats": _stats(
            add_up(now_days), add_up([day for day in series.days if day.day < first_day]), medians, series.currency
        ),
        "open_count": dashboard.count_open(livemode=request.livemode),
        "chart": chart_rows(now_days, first_day, length, series.currency),
        "chart_days": now_days,
        "periods": PERIODS,
        "length": str(length),
        "attention_lines": _attention(request, now),
        **_first_steps(request),
    }
    return render_page(request, "portal/home.html", context, partial="numbers")


def _attention(request: MerchantRequest, now: datetime) -> list[tuple[Line, str]]:
    """What needs a person, each line with the address where it is put right; what a role may not see is left out."""
    found = attention.attention(livemode=request.livemode, callbacks_since=now - CALLBACKS_SHOWN_FOR)
    needed = {"inbox": "callbacks.view", "providers": "providers.view", "attention": "payments.view"}
    lines = [line for line in home_lines(found, now) if may(request, needed[line.page])]
    return [(line, url_of(request, line.page) + line.query) for line in lines]


def periods(*, now: datetime, zone: Zone, days: int) -> tuple[Period, Period]:
    """This period up to now, and the one before up to the same time of day, so that an unfinished day compares."""
    start = zone.midnight(zone.today(now) - timedelta(days=days - 1))
    back = timedelta(days=days)
    # A minute ahead: the clocks of web server and database differ a little.
    return (start, now + timedelta(minutes=1)), (start - back, now - back)


def spans(period: Period, zone: Zone) -> list[DaySpan]:
    """The days of a period; its last day ends where the period does."""
    start, end = period
    found = []
    while start < end:
        day = zone.today(start)
        midnight = zone.midnight(day + timedelta(days=1))
        found.append(DaySpan(day, start, min(midnight, end)))
        start = midnight
    return found


def add_up(days: list[Day]) -> Sums:
    return Sums(
        volume=sum((day.volume for day in days), Decimal(0)),
        payments=sum(day.payments for day in days),
        succeeded=sum(day.succeeded for day in days),
        failed=sum(day.failed for day in days),
    )


def chart_rows(days: list[Day], first_day: Any, length: int, currency: str) -> dict[str, Any]:
    """Every day of the period, also those without payments; a rate that does not exist is null, never zero."""
    by_day = {day.day: day for day in days}
    all_days = [first_day + timedelta(days=number) for number in range(length)]
    found = [by_day.get(day) or Day(day, Decimal(0), 0, 0, 0) for day in all_days]
    epoch = type(first_day)(1970, 1, 1)
    rates = [day.success_rate for day in found]
    return {
        "currency": currency,
        "step": 86400,
        "days": [(day.day - epoch).days * 86400 for day in found],
        # Floats are for drawing only; the table beside the chart has the exact amounts.
        "volume": [float(day.volume) for day in found],
        "count": [day.succeeded for day in found],
        "ended": [day.succeeded + day.failed for day in found],
        "rate": [None if rate is None else round(rate, 1) for rate in rates],
    }


def _stats(now: Sums, before: Sums, medians: list[float | None], currency: str) -> dict[str, Any]:
    faster: Delta | None = change(medians[0], medians[1], more_is_better=False)
    return {
        "volume": now.volume,
        "currency": currency,
        "volume_delta": change(float(now.volume), float(before.volume)),
        "payments": now.payments,
        "payments_delta": change(now.payments, before.payments),
        "rate": now.success_rate,
        "rate_delta": difference(now.success_rate, before.success_rate),
        "median": medians[0],
        "median_delta": faster,
    }


def _first_steps(request: MerchantRequest) -> dict[str, Any]:
    steps = dashboard.first_steps(livemode=request.livemode)
    has_second_factor = is_mfa_enabled(request.user)
    done = [steps.has_key, steps.has_payment, steps.has_success, has_second_factor]
    return {
        "steps": steps,
        "has_second_factor": has_second_factor,
        "steps_done": sum(done),
        "steps_total": len(done),
        "is_new": not steps.has_success,
        "curl": first_payment(),
        "can_manage_keys": may(request, "keys.manage"),
    }

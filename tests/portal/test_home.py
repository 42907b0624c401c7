"""Home: numbers beside the period before, charts, attention, first steps."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from payments.models import ApiKey
from portal.deltas import change, difference
from portal.views.home import periods
from portal.zones import zone_of
from tests.portal.pages import path, text_of
from tests.portal.rows import make_payment
from tests.portal.test_payment import add_callback
from tests.world import Merchant


def home(merchant: Merchant, query: str = "", **kwargs: Any) -> Any:
    return merchant.browser().get(path(merchant, query, **kwargs))


def chart(page: Any) -> dict[str, Any]:
    text = page.content.decode().split('<script id="chart-data" type="application/json">')[1].split("</script>")[0]
    return dict(json.loads(text))


def test_a_new_merchant_gets_first_steps_with_a_ready_command(acme: Merchant) -> None:
    words = text_of(home(acme))
    assert "First steps 1 of 4" in words
    assert "Done: Create a test key" in words
    assert "To do: Send a first payment" in words
    assert "curl" in words


def test_without_a_key_the_first_step_offers_one(acme: Merchant) -> None:
    with acme.entered():
        ApiKey.objects.all().delete()
    assert "Create a key" in text_of(home(acme))
    assert "Create a key" not in text_of(acme.browser("viewer").get(path(acme)))


def test_a_first_success_ends_the_first_steps(acme: Merchant) -> None:
    with acme.entered():
        make_payment()
    assert "First steps" not in text_of(home(acme))


def test_numbers_add_up_and_compare_with_the_period_before(acme: Merchant) -> None:
    with acme.entered():
        for status, days in (("succeeded", 1), ("succeeded", 2), ("failed", 1), ("succeeded", 40)):
            make_payment(status=status, created_at=timezone.now() - timedelta(days=days), amount=Decimal("100.00"))
        make_payment(status="processing")
    words = text_of(home(acme))
    assert "Collected K 200.00 100.0% up, vs. before" in words
    assert "Payments 4 300.0% up, vs. before" in words
    assert "Success rate 66.7% 33.3 pt down, vs. before" in words
    assert "Median to confirm 4.2 s" in words
    assert "Open now 1" in words


def test_the_chart_has_every_day_and_no_rate_where_nothing_ended(acme: Merchant) -> None:
    with acme.entered():
        make_payment(amount=Decimal("12.50"))
    rows = chart(home(acme, "?days=7"))
    assert len(rows["days"]) == 7
    assert rows["volume"] == [0, 0, 0, 0, 0, 0, 12.5]
    assert rows["rate"] == [None] * 6 + [100.0]


def test_currencies_are_never_added_up(acme: Merchant) -> None:
    with acme.entered():
        make_payment(amount=Decimal("10.00"))
        make_payment(amount=Decimal("20.00"))
        make_payment(amount=Decimal("7.00"), currency="EUR")
    assert "Collected K 30.00" in text_of(home(acme))


def test_nothing_of_the_other_mode_is_counted(acme: Merchant) -> None:
    with acme.entered():
        make_payment(status="unknown", livemode=True)
        add_callback(make_payment(livemode=True), verdict="rejected")
    words = text_of(home(acme))
    assert "Open now 0" in words
    assert "Needs attention" not in words


def test_periods_compare_up_to_the_same_time_of_day() -> None:
    now = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    current, before = periods(now=now, zone=zone_of("ZM"), days=7)
    assert current[0] == datetime(2026, 3, 3, 22, 0, tzinfo=UTC)
    assert before == (datetime(2026, 2, 24, 22, 0, tzinfo=UTC), datetime(2026, 3, 3, 9, 30, tzinfo=UTC))


def test_a_slower_confirmation_is_worse_and_nothing_is_compared_with_nothing() -> None:
    slower = change(12.0, 10.0, more_is_better=False)
    assert slower is not None
    assert (slower.words, slower.direction, slower.mood) == ("20.0%", "up", "worse")
    assert change(5, 0) is None
    assert difference(None, 50.0) is None
    assert change(5, 5).direction == "flat"  # type: ignore[union-attr]


def test_an_odd_period_falls_back_to_thirty_days(acme: Merchant) -> None:
    assert len(chart(home(acme, "?days=9999"))["days"]) == 30

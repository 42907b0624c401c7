"""Machine words as people read them: money, phones, times, actors."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from portal.money_forms import read_money
from portal.ranges import QUICK_RANGES
from portal.templatetags.agents import browser_words
from portal.templatetags.money import masked, money, signed_money, spaced
from portal.templatetags.times import ago, clock, duration, exact_words, relative_words
from portal.words import action_words, actor_words, look, posting_words, with_network_names
from portal.zones import zone_of

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def test_money_has_its_sign_and_the_code_at_hand() -> None:
    assert money(Decimal("1250"), "ZMW") == '<span class="amount" title="ZMW">K 1,250.00</span>'
    assert "20.00 EUR" in money(Decimal("20"), "EUR")


def test_a_masked_phone_keeps_network_and_end() -> None:
    assert masked("260971234321") == "+260 97•••• 321"
    assert masked("46733123450") == "+467 •••• 450"
    assert spaced("260971234321") == "+260 97 123 4321"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Handed to mtn as 8f1c-mtn.", "Handed to MTN as 8f1c-mtn."),
        ("Read back from mtn: SUCCESSFUL.", "Read back from MTN: SUCCESSFUL."),
        ("https://momo.mtn.com/mtn/x by provider:mtn", "https://momo.mtn.com/mtn/x by provider:mtn"),
    ],
)
def test_networks_in_a_sentence_go_by_their_names(text: str, words: str) -> None:
    assert with_network_names(text) == words


@pytest.mark.parametrize(
    ("back", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=25), "1 d ago"),
        (timedelta(days=-3), "in 3 d"),
        (timedelta(seconds=-5), "in a moment"),
    ],
)
def test_relative_times(back: timedelta, words: str) -> None:
    assert relative_words(NOW - back, NOW) == words


def test_a_time_element_is_exact_for_machines_and_on_hover() -> None:
    moment = datetime(2026, 1, 31, 9, 0, 0, 482000, tzinfo=UTC)
    assert 'datetime="2026-01-31T09:00:00.482Z"' in ago(moment)
    assert 'title="31 Jan 2026, 09:00:00 UTC"' in ago(moment)
    assert "09:00:00.482" in clock(moment)
    assert exact_words(moment) == "31 Jan 2026, 09:00:00 UTC"
    assert ago(None) == clock(None) == "—"


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, "—"), (1.84, "1.8 s"), (125, "2 min 5 s"), (11_520, "3 h 12 min")]
)
def test_durations_use_the_unit_that_reads_best(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        ("user:42 mary@acme.test", "mary@acme.test"),
        ('key:key_01 "till 3"', 'key "till 3"'),
        ("key:key_01", "key key_01"),
        ("provider:mtn", "MTN"),
        ("system:sweep", "Ndalama (sweep)"),
        ("test", "test"),
    ],
)
def test_actors_in_words(actor: str, words: str) -> None:
    assert actor_words(actor) == words


def test_a_word_without_a_look_is_shown_plainly() -> None:
    assert look("status", "on_hold").word == "On hold"


def test_browsers_are_recognised_through_their_disguises() -> None:
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0"
    assert browser_words(edge) == "Edge on Windows"
    assert browser_words("Mozilla/5.0 (Linux; Android 14) Chrome/142.0 Mobile Safari/537.36") == "Chrome on Android"
    assert browser_words("curl/8") == "A program"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", "2026-03-10 22:00", "2026-03-11 22:00"),
        ("yesterday", "2026-03-09 22:00", "2026-03-10 22:00"),
        ("week", "2026-03-08 22:00", "2026-03-11 22:00"),
        ("month", "2026-02-28 22:00", "2026-03-11 22:00"),
        ("quarter", "2025-12-31 22:00", "2026-03-11 22:00"),
        ("hour", "2026-03-11 11:00", "2026-03-11 12:05"),
    ],
)
def test_quick_ranges_are_days_of_the_merchant(name: str, first: str, last: str) -> None:
    since, before = QUICK_RANGES[name][1](NOW, zone_of("ZM"))
    assert f"{since.astimezone(UTC):%Y-%m-%d %H:%M}" == first
    assert f"{before.astimezone(UTC):%Y-%m-%d %H:%M}" == last


@pytest.mark.parametrize(
    ("posting", "words"),
    [
        ("pay_01k:succeeded", "Payment succeeded"),
        ("ref_01k:succeeded", "Refund succeeded"),
        ("out_01k:fee", "Fee of the payout"),
        ("line_01k:settled", "Settled"),
    ],
)
def test_a_posting_says_what_was_booked(posting: str, words: str) -> None:
    assert posting_words(posting) == words


def test_what_money_out_leaves_in_the_audit_trail_has_words() -> None:
    assert action_words("payout.created") == "Payout created"
    assert action_words("fee.changed") == "Fee changed"
    assert action_words("refunds.create") == "Refund a payment, and cancel a refund that waits"


@pytest.mark.parametrize(
    ("text", "amount"), [("150", "150.00"), ("K 1,250.5", "1250.50"), ("1 000", "1000.00"), ("0.01", "0.01")]
)
def test_an_amount_is_read_as_people_type_it(text: str, amount: str) -> None:
    assert read_money(text, "ZMW").text() == amount


def test_a_line_of_the_ledger_shows_its_sign() -> None:
    assert "+K 150.00" in signed_money(Decimal("150"), "ZMW")
    assert "\N{MINUS SIGN}K 3.75" in signed_money(Decimal("-3.75"), "ZMW")

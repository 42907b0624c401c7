"""The cards of the Providers page: how well each operation serves, by the merchant's own traffic."""

import re

import pytest

from payments.circuit_overrides import override_circuit
from payments.models import ProviderAccount
from portal.templatetags.care import milliseconds, share_words
from providers.base import CallsBack
from providers.registry import get_provider
from tests.payments.health.traffic import account_of, make_orders
from tests.portal.pages import HTMX, path, text_of
from tests.world import Merchant


def page(merchant: Merchant, *, role: str = "owner", mode: str = "test") -> str:
    return text_of(merchant.browser(role).get(path(merchant, "providers/", mode=mode)))


def card(merchant: Merchant, operation: str = "Payments", *, role: str = "owner", mode: str = "test") -> str:
    """The words of one card, from its title to that of the next."""
    words = page(merchant, role=role, mode=mode)
    found = re.search(rf"MTN {operation} (.*?)(?= MTN (Payouts|Refunds|\w{{8}}) )", words)
    assert found, words
    return found[1]


def test_before_the_first_order_it_says_that_nothing_was_sent(acme: Merchant) -> None:
    assert card(acme) == "Operational No traffic in the last 24 h."


def test_one_order_is_enough_for_figures(acme: Merchant) -> None:
    make_orders(acme, 1, duration_ms=118, has_ended=True, called_back_after=6)
    assert card(acme) == (
        "Operational 100.0% of 1 order served in 24 h Last 15 min 100.0% of 1 Failed in 24 h 0 "
        "Half answered in 118 ms "
        "95 % answered in 118 ms Called back 100.0% Callback after 6.0 s"
    )


def test_many_orders_are_counted_in_both_spans(acme: Merchant) -> None:
    make_orders(acme, 30, duration_ms=1_250)
    make_orders(acme, 10, minutes_ago=120, is_trouble=True, status=502, duration_ms=1_250)
    words = card(acme)
    assert "75.0% of 40 orders served in 24 h Last 15 min 100.0% of 30 Failed in 24 h 10" in words
    assert "Half answered in 1.2 s" in words


def test_orders_of_earlier_today_do_not_make_up_a_quarter_of_an_hour(acme: Merchant) -> None:
    make_orders(acme, 1, minutes_ago=120)
    assert "100.0% of 1 order served in 24 h Last 15 min no orders" in card(acme)


def test_each_operation_has_a_card_of_its_own(acme: Merchant) -> None:
    make_orders(acme, 2, operation="transfer")
    assert "of 2 orders served" in card(acme, "Payouts")
    assert "No traffic in" in card(acme)
    assert "No traffic in" in card(acme, "Refunds")


def test_too_many_failures_are_degraded_with_the_reason(acme: Merchant) -> None:
    make_orders(acme, 15)
    make_orders(acme, 5, is_trouble=True, status=None)
    assert card(acme).startswith("Degraded 5 of 20 orders failed at the network in the last 15 minutes. 75.0% of 20")


def test_what_is_down_says_since_when(acme: Merchant) -> None:
    with acme.entered():
        override_circuit(
            account_id=account_of(acme), livemode=False, operation="collect", to="open", reason="Maintenance.",
            actor="user:1 owner@acme.test",
        )  # fmt: skip
    assert card(acme).startswith("Down Went down just now . It was stopped by hand. No traffic")


def test_of_a_network_that_never_calls_back_that_is_said(acme: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    make_orders(acme, 1, has_ended=True)
    assert "Called back 0.0% Callback after —" in card(acme)
    monkeypatch.setattr(type(get_provider("mtn")), "calls_back", CallsBack.NEVER)
    assert "Called back never does Callback after —" in card(acme)


def test_a_retired_account_and_none_at_all_have_no_cards(acme: Merchant) -> None:
    acme.connect(base_url=acme.simulator_url, name="other")
    assert page(acme).count("No traffic in") == 3
    with acme.entered():
        ProviderAccount.objects.all().delete()
    assert "No traffic in" not in page(acme)


def test_traffic_of_another_merchant_or_mode_does_not_show(acme: Merchant, globex: Merchant) -> None:
    make_orders(globex, 25, is_trouble=True)
    make_orders(acme, 25, is_trouble=True, livemode=True)
    assert "No traffic in" in card(acme)
    assert card(acme, mode="live").startswith("Degraded 25 of 25")


@pytest.mark.parametrize("role", ["admin", "developer", "operator"])
def test_whoever_may_look_sees_the_cards(acme: Merchant, role: str) -> None:
    assert card(acme, role=role).startswith("Operational")


def test_a_swap_has_the_same_cards_as_a_fresh_page(acme: Merchant) -> None:
    make_orders(acme, 3)
    swapped = text_of(acme.browser().get(path(acme, "providers/"), headers=HTMX))
    assert swapped in page(acme)
    assert "of 3 orders served" in swapped


@pytest.mark.parametrize(
    ("share", "words"), [(None, "—"), (0, "0.0%"), (0.57, "57.0%"), (0.99996, "99.9%"), (1, "100.0%")]
)
def test_a_share_is_never_rounded_up_to_all(share: float | None, words: str) -> None:
    assert share_words(share) == words


@pytest.mark.parametrize(("count", "words"), [(None, "—"), (0.4, "0 ms"), (999, "999 ms"), (12_345, "12.3 s")])
def test_times_of_answers_are_short(count: float | None, words: str) -> None:
    assert milliseconds(count) == words

"""The fee schedule: what holds, what held, who changed it."""

from typing import Any

import pytest

from payments.models import AuditEntry, FeeRule
from tests.portal.pages import path, text_of
from tests.world import Merchant

PLACE = "?provider=mtn&operation=collect&currency=ZMW"


def change(merchant: Merchant, percentage: str, fixed: str, *, query: str = PLACE, role: str = "admin") -> Any:
    data = {"percentage": percentage, "fixed": fixed}
    return merchant.browser(role).post(path(merchant, f"ledger/fees/change/{query}"), data, follow=True)


def rules(merchant: Merchant) -> int:
    with merchant.entered():
        return FeeRule.objects.count()


def test_without_rules_nothing_costs_anything(acme: Merchant) -> None:
    words = text_of(acme.browser("viewer").get(path(acme, "ledger/fees/")))
    assert "MTN Payments ZMW No fee" in words
    assert "Nothing was ever charged" in words


def test_a_change_shows_holds_and_is_recorded(acme: Merchant) -> None:
    page = change(acme, "2.5", "1")
    change(acme, "3", "0")
    words = text_of(page)
    assert "Changed, from now on" in words
    assert "Payments ZMW 2.5 % + K 1.00" in words
    with acme.entered():
        entry = AuditEntry.objects.filter(action="fee.changed").latest("position")
    assert (entry.before, entry.after) == (
        {"percentage": "2.5000", "fixed": "1.00"},
        {"percentage": "3", "fixed": "0"},
    )
    assert entry.actor.endswith("admin@acme.test")
    history = text_of(acme.browser().get(path(acme, "ledger/fees/"))).split("History")[1]
    assert history.index("3 %") < history.index("2.5 % + K 1.00")


def test_the_same_again_changes_nothing(acme: Merchant) -> None:
    change(acme, "2.5", "1.00")
    assert "Nothing changed" in text_of(change(acme, "2.50", "1"))
    assert rules(acme) == 1


@pytest.mark.parametrize(("percentage", "fixed"), [("101", "0"), ("-1", "0"), ("1", "-1"), ("a", "0"), ("1", "0.001")])
def test_what_is_no_fee_is_said_at_the_field(acme: Merchant, percentage: str, fixed: str) -> None:
    page = change(acme, percentage, fixed)
    assert page.status_code == 422
    assert "field-error" in page.content.decode()
    assert rules(acme) == 0


def test_only_admins_are_offered_a_change(acme: Merchant) -> None:
    assert "Change" not in text_of(acme.browser("operator").get(path(acme, "ledger/fees/"))).split("History")[0]
    assert change(acme, "1", "0", role="operator").status_code == 403
    assert rules(acme) == 0


def test_an_operation_that_does_not_exist_is_not_here(acme: Merchant) -> None:
    assert change(acme, "1", "0", query="?provider=x&operation=collect&currency=ZMW").status_code == 404


def test_a_fee_too_large_to_book_is_refused(acme: Merchant) -> None:
    assert change(acme, "100", "9999999999999999.99").status_code == 422
    assert rules(acme) == 0

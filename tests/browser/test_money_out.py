"""Money out and back as people do it: refund a part, pay out, watch it succeed; a viewer is offered neither.

`home` comes before `page`, so that a page that is still asking for news is closed before the servers are.
"""

import pytest
from playwright.sync_api import Page, expect

from payments.models import Payment
from tests.browser.sign_in import known_to_the_processes, sign_in
from tests.processes import eventually, installation
from tests.world import GOOD_PHONE, run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def paid(committed, mtn):
    """A payment of K 150.00 that succeeded before anybody looks."""
    payment_id = committed.pay(reference="INV-1").json()["id"]
    run_jobs(rounds=3)
    assert committed.payment(payment_id).status == "succeeded"
    return payment_id


@pytest.fixture
def home(committed, mtn, paid):
    known_to_the_processes(committed, "owner", "operator", "viewer")
    mtn.misbehave(operation="callback", callback="normal")
    with installation("web", "worker", "scheduler") as running:
        eventually(running.is_ready, within_seconds=40)
        yield running


def test_an_operator_refunds_a_part_and_watches_it_succeed_without_reloading(home, page: Page, committed, mtn, paid):
    sign_in(page, home, committed, "operator")
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/{paid}/")
    page.get_by_role("link", name="Refund", exact=True).click()
    expect(page.get_by_label("Amount")).to_have_value("150.00")
    page.get_by_label("Amount").fill("50.00")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("K 100.00 can still be refunded later")).to_be_visible()
    page.get_by_role("button", name="Refund K 50.00").click()
    page.wait_for_url("**/refunds/ref_*/")
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_text("Refunded. MTN confirmed")).to_be_visible(timeout=15000)
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_role("link", name="INV-1").click()
    expect(page.locator("#refunds-title + *, .sums").last).to_contain_text("K 100.00")
    assert mtn.times_refunded(GOOD_PHONE) == 1


def test_an_owner_pays_out_with_a_double_click_once_and_watches_it_succeed(home, page: Page, committed, mtn):
    sign_in(page, home, committed)
    page.goto(f"{home.url}/m/{committed.slug}/test/payouts/")
    page.get_by_role("link", name="New payout").first.click()
    page.get_by_label("Phone").fill("0966 000 123")
    page.get_by_label("Amount").fill("25")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("found from the number")).to_be_visible()
    page.get_by_role("button", name="Pay out K 25.00").dblclick()
    page.wait_for_url("**/payouts/out_*/")
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_text("Paid out. MTN confirmed")).to_be_visible(timeout=15000)
    assert page.evaluate("window.neverReloaded") is True
    page.reload()
    expect(page.get_by_text("Paid out. MTN confirmed")).to_be_visible()
    with committed.entered():
        assert Payment.objects.filter(kind="payout").count() == 1
    assert mtn.times_paid_out(GOOD_PHONE) == 1


def test_a_viewer_sees_neither_button(home, page: Page, committed, paid):
    sign_in(page, home, committed, "viewer")
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/{paid}/")
    expect(page.get_by_role("heading", name="Refunds")).to_be_visible()
    expect(page.get_by_role("link", name="Refund", exact=True)).to_have_count(0)
    page.goto(f"{home.url}/m/{committed.slug}/test/payouts/")
    expect(page.get_by_text("No payouts yet")).to_be_visible()
    expect(page.get_by_role("link", name="New payout")).to_have_count(0)

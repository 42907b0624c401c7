"""On a phone: no page is wider than the screen, and a strip of tabs shows that it goes on and which one is open.

`home` comes before `page`, so that a page that is still asking for news is closed before the servers are.
"""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.sign_in import known_to_the_processes, sign_in
from tests.processes import eventually, installation
from tests.world import run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.processes]
PHONE = ViewportSize(width=390, height=844)
EXCESS = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


@pytest.fixture
def home(committed, mtn):
    known_to_the_processes(committed, "owner")
    committed.pay(amount="9999999.99")
    run_jobs(rounds=3)
    committed.pay_out(amount="8888888.88")
    run_jobs(rounds=3)
    with installation("web", "worker", "scheduler") as running:
        eventually(running.is_ready, within_seconds=40)
        yield running


def test_the_simulators_figures_fit_even_when_they_are_long(home, page: Page, committed):
    page.set_viewport_size(PHONE)
    page.goto(f"{committed.simulator_url}/")
    expect(page.get_by_label("What really moved")).to_contain_text("9,999,999.99 ZMW")
    assert page.evaluate(EXCESS) == 0


def test_pages_fit_and_the_open_tab_is_in_view(home, page: Page, committed):
    page.set_viewport_size(PHONE)
    sign_in(page, home, committed)
    for rest in ("", "payments/", "ledger/", "providers/", "routing/", "routing/edit/", "attention/"):
        page.goto(f"{home.url}/m/{committed.slug}/test/{rest}")
        assert page.evaluate(EXCESS) == 0, rest
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/?status=canceled")
    tab = page.locator(".tabs [aria-current]")
    expect(tab).to_contain_text("Canceled")
    box = tab.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"] - 16
    assert "gradient" in page.evaluate("getComputedStyle(document.querySelector('.tabs')).maskImage")

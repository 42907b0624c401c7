"""Routing as people change it: add a rule without a reload, look at what it would have done, save, and go back.

`home` comes before `page`, so that a page that is still asking for news is closed before the servers are.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sign_in import known_to_the_processes, sign_in
from tests.processes import eventually, installation

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def home(committed, mtn):
    known_to_the_processes(committed, "owner")
    committed.pay(amount="150.00")
    with installation("web") as running:
        eventually(running.is_alive, within_seconds=40)
        yield running


def test_an_owner_makes_a_rule_sees_what_it_would_do_mends_it_and_goes_back(home, page: Page, committed):
    sign_in(page, home, committed)
    page.goto(f"{home.url}/m/{committed.slug}/test/routing/")
    page.get_by_role("link", name="Make a rule").click()
    page.evaluate("window.neverReloaded = true")
    page.get_by_role("button", name="Add a rule").click()
    expect(page.get_by_label("Numbers of")).to_be_focused()
    page.get_by_role("button", name="Add a rule").click()
    expect(page.get_by_text("Rule 2", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove rule 2").click()
    expect(page.get_by_text("Rule 2", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Add a rule")).to_be_focused()
    assert page.evaluate("window.neverReloaded") is True
    page.get_by_label("Why").fill("Small amounts only.")
    page.get_by_label("Amount up to").fill("100")
    page.get_by_label("Amount up to").press("Enter")
    expect(page.get_by_text("1 of 1 would be refused")).to_be_visible()
    page.get_by_role("button", name="Change").click()
    page.get_by_label("Amount up to").fill("")
    page.get_by_role("button", name="Preview").last.click()
    expect(page.get_by_text("None of 1 would go to another provider.")).to_be_visible()
    page.get_by_role("button", name="Save as version 1").click()
    expect(page.get_by_text("Payments from MTN numbers are collected by MTN.", exact=True)).to_be_visible()
    page.get_by_role("link", name="Change the rules").click()
    page.get_by_role("checkbox", name="On").uncheck()
    page.get_by_label("Why").fill("A pause.")
    page.get_by_role("button", name="Preview").last.click()
    page.get_by_role("button", name="Save as version 2").click()
    page.get_by_role("link", name="Go back to this version").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Go back to version 1?")
    dialog.get_by_role("button", name="Go back to it").click()
    expect(page.get_by_text("Version 3 holds, with the rules of version 1.")).to_be_visible()

"""The way of a new user: sign in, make a key, send the curl that the page offers, watch the payment succeed."""

import json
import re
import subprocess

import pytest
from playwright.sync_api import Page, expect

from tests.browser.sign_in import known_to_the_processes, sign_in
from tests.processes import eventually, installation

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def home(committed, mtn):
    known_to_the_processes(committed, "owner")
    mtn.misbehave(operation="callback", callback="normal")
    mtn.misbehave(operation="collect", approve_seconds=1.5)
    with installation("web", "worker", "scheduler") as running:
        eventually(running.is_ready, within_seconds=40)
        yield running


def make_key(page: Page, home, merchant) -> str:
    """Make a test key and copy the curl of the page that shows it."""
    page.goto(f"{home.url}/m/{merchant.slug}/test/developers/keys/new/")
    page.get_by_label("Name").fill("till 3")
    page.get_by_role("button", name="Create the key").click()
    expect(page.locator("#new-key")).to_have_text(re.compile(r"ndl_test_\w{46}"))
    return page.locator("pre", has_text="curl").inner_text()


def send(command: str) -> str:
    """What a person does who pastes it into a terminal."""
    return subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout


def test_a_new_owner_takes_a_first_payment_and_watches_it_succeed_without_reloading(page, home, committed, mtn):
    sign_in(page, home, committed)
    command = make_key(page, home, committed)
    sent = send(command)
    payment_id = json.loads(sent)["id"]
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/{payment_id}/")
    page.evaluate("window.neverReloaded = true")
    expect(page.get_by_text("Processing").first).to_be_visible(timeout=3000)
    expect(page.get_by_text("Succeeded").first).to_be_visible(timeout=8000)
    expect(page.get_by_text("Paid. MTN confirmed").first).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    again = send(command)
    assert payment_id in again


def test_a_payment_made_while_the_list_is_open_is_offered_and_then_shown(page, home, committed, mtn):
    committed.pay(reference="INV-1")
    sign_in(page, home, committed)
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/")
    expect(page.locator("tbody").get_by_text("Succeeded")).to_be_visible(timeout=15000)
    committed.pay(reference="INV-2")
    page.get_by_text("1 new payment").click(timeout=15000)
    expect(page.get_by_text("INV-2")).to_be_visible()


def test_the_empty_list_offers_the_first_payment(page, home, committed, mtn):
    sign_in(page, home, committed)
    page.goto(f"{home.url}/m/{committed.slug}/test/payments/")
    expect(page.get_by_text("No payments yet")).to_be_visible()
    committed.pay(reference="INV-1")
    page.get_by_text("1 new payment").click(timeout=15000)
    expect(page.get_by_text("INV-1")).to_be_visible()


def test_the_key_is_shown_once(page, home, committed):
    sign_in(page, home, committed)
    make_key(page, home, committed)
    text = page.locator("#new-key").inner_text()
    page.reload()
    assert text not in page.content()
    page.goto(f"{home.url}/m/{committed.slug}/test/developers/keys/")
    assert text not in page.content()
    expect(page.get_by_text("till 3").last).to_be_visible()

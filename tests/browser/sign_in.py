"""Signing in as a person of a merchant, as people do it."""

import re
from typing import Any

from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from tests.world import PASSWORD, Merchant


def known_to_the_processes(merchant: Merchant, *roles: str) -> None:
    """Their passwords in the hash that the real processes know."""
    for role in roles:
        person = merchant.users[role]
        person.password = make_password(PASSWORD, hasher="scrypt")
        person.save()


def sign_in(page: Page, home: Any, merchant: Merchant, role: str = "owner") -> None:
    page.goto(home.url)
    page.get_by_role("link", name=re.compile("sign in", re.IGNORECASE)).first.click()
    page.locator("input[name=login]").fill(f"{role}@{merchant.slug}.test")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.get_by_role("navigation").first).to_be_visible()

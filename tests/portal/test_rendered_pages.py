"""What holds for every page: the policy headers, no inline code, no shared caches, bounded queries."""

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.portal.pages import HTMX, path
from tests.portal.rows import make_audit, make_exchange, make_payment, make_payout, make_posting, make_refund
from tests.world import Merchant

LISTS = [
    "", "payments/", "payments/?provider=mtn&status=succeeded", "refunds/", "payouts/", "ledger/", "ledger/fees/",
    "developers/keys/", "routing/", "audit/",
]  # fmt: skip
FORMS = [
    "developers/keys/new/", "payouts/new/", "ledger/fees/change/?provider=mtn&operation=collect&currency=ZMW",
    "routing/edit/",
]  # fmt: skip
ACCOUNT = [
    "/accounts/2fa/", "/accounts/password/change/", "/accounts/email/", "/accounts/sessions/", "/accounts/logout/",
    "/accounts/reauthenticate/",
]  # fmt: skip
ANYBODY = ["/", "/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/no/such/page/"]

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style|\sstyle=|\son[a-z]+=|\shx-on", re.IGNORECASE)


@pytest.fixture
def every_page(acme: Merchant) -> list[tuple[Client, str]]:
    with acme.entered():
        payments = [make_payment(status=status) for status in ("failed", "unknown", "pending")]
        make_exchange(payments[1], status=None, error="read timeout", verdict="unknown")
        payout, paid = make_payout(status="pending", held_at=timezone.now()), make_payment()
        refund = make_refund(paid)
        make_posting()
    pages = [path(acme, rest) for rest in [*LISTS, *FORMS, "payments/?phone=x", "payments/?size=25&cursor=a"]]
    pages += [path(acme, f"payouts/{payout.id}/"), path(acme, f"payouts/{payout.id}/cancel/")]
    pages += [path(acme, f"refunds/{refund.id}/"), path(acme, f"payments/{paid.id}/refund/")]
    pages += [path(acme, f"payments/{payment.id}/") for payment in payments]
    pages += [path(acme, f"payments/{payments[2].id}/cancel/"), path(acme, "nothing/"), *ACCOUNT]
    viewer = acme.browser("viewer")
    inside = [(acme.browser(), page) for page in pages]
    return inside + [(viewer, path(acme, "audit/"))] + [(Client(), page) for page in ANYBODY]


def test_no_page_has_inline_code_or_style(every_page: list[tuple[Client, str]]) -> None:
    for client, page in every_page:
        html = client.get(page).content.decode()
        assert "<html" in html, page
        assert not INLINE_SCRIPT.search(html), page
        assert not INLINE_STYLE.search(html), page


def test_every_page_carries_the_strict_policy(every_page: list[tuple[Client, str]]) -> None:
    for client, page in every_page:
        policy = client.get(page)["Content-Security-Policy"]
        assert "default-src 'none'" in policy, page
        assert "unsafe" not in policy, page


def test_pages_of_a_merchant_are_kept_by_no_cache(acme: Merchant) -> None:
    for rest in [*LISTS, "nothing/"]:
        response = acme.browser().get(path(acme, rest))
        assert response["Cache-Control"] == "no-store"
        assert "HX-Request" in response["Vary"]


def queries(client: Client, page: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page, headers=headers).status_code == 200
    return len([query for query in captured if "search_path" not in query["sql"]])


GROWERS: dict[str, Callable[[int], object]] = {
    "payments/?size=100": lambda _: make_payment(),
    "": lambda number: make_payment(created_at=timezone.now() - timedelta(days=number % 20)),
    "refunds/?size=100": lambda _: make_refund(make_payment()),
    "payouts/?size=100": lambda _: make_payout(),
    "ledger/": lambda _: make_posting(),
    "audit/": lambda _: make_audit(),
}


@pytest.mark.parametrize("rest", GROWERS)
def test_ten_times_the_rows_cost_the_same_queries(acme: Merchant, rest: str) -> None:
    client, page = acme.browser(), path(acme, rest)
    with acme.entered():
        make_payment()
        for number in range(5):
            GROWERS[rest](number)
    few = queries(client, page)
    with acme.entered():
        for number in range(45):
            GROWERS[rest](number)
    assert queries(client, page) == few


def test_the_payments_list_keeps_to_its_budget(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
    client = acme.browser()
    assert queries(client, path(acme, "payments/")) <= 8
    assert queries(client, path(acme, f"payments/refresh/?id={payment.id}&newest={payment.id}"), **HTMX) <= 6


def test_a_long_story_costs_no_more_queries_than_a_short_one(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
        make_exchange(payment)
    client, page = acme.browser(), path(acme, f"payments/{payment.id}/")
    few = queries(client, page)
    with acme.entered():
        for seconds in range(30):
            make_exchange(payment, started_at=payment.created_at + timedelta(seconds=seconds))
    assert queries(client, page) == few


def test_the_first_load_stays_small(acme: Merchant) -> None:
    """DASHBOARD.md section 8: under 150 kB compressed, for Home, which loads the most."""
    with acme.entered():
        for days in range(30):
            make_payment(created_at=timezone.now() - timedelta(days=days))
    html = acme.browser().get(path(acme)).content
    files = set(re.findall(r'(?:href|src)="/static/([^"#]+)', html.decode()))
    assert len(files) > 10
    static = Path(settings.BASE_DIR) / "static"
    assert sum(len(gzip.compress(part)) for part in [html, *((static / name).read_bytes() for name in files)]) < 150_000

"""The audit trail: states, filters, paging, details."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.portal.pages import HTMX, path, text_of
from tests.portal.rows import make_audit
from tests.world import Merchant


def trail(merchant: Merchant, query: str = "", *, mode: str = "test", **headers: str) -> Any:
    return merchant.browser("admin").get(path(merchant, f"audit/{query}", mode=mode), headers=headers)


def test_nothing_recorded_yet(acme: Merchant) -> None:
    words = text_of(trail(acme, "?action=never.happened"))
    assert "No entries match" in words
    assert "Action: never.happened" in words


def test_an_entry_shows_who_what_where_and_what_changed(acme: Merchant) -> None:
    with acme.entered():
        make_audit(action="payment.succeeded", before={"status": "processing"}, after={"status": "succeeded"})
    words = text_of(trail(acme, "?action=payment.succeeded"))
    assert "owner@acme.test Payment succeeded key_01 Done 203.0.113.9" in words
    assert "Request id req_1" in words
    assert "status processing succeeded" in words


def test_the_newest_entries_come_first_and_more_can_be_loaded(acme: Merchant) -> None:
    with acme.entered():
        made = [make_audit(action="x.y").position for _ in range(60)][::-1]
    first = trail(acme, "?action=x.y")
    second = trail(acme, f"?action=x.y&cursor={made[49]}", **HTMX)
    assert positions(first) == made[:50]
    assert positions(second) == made[50:]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?actor=mary", {"actor": "user:9 mary@acme.test"}),
        ("?action=key.revoked", {"action": "key.revoked"}),
        ("?target=pay_9", {"target": "pay_9"}),
        ("?result=denied", {"result": "denied"}),
        ("?since=2026-01-05&until=2026-01-05", {"created_at": timezone.now().replace(2026, 1, 5, 10)}),
    ],
)
def test_a_filter_keeps_only_what_fits(acme: Merchant, query: str, fields: dict[str, Any]) -> None:
    with acme.entered():
        make_audit(created_at=timezone.now() - timedelta(days=1))
        wanted = make_audit(**fields)
    assert positions(trail(acme, query)) == [wanted.position]


def test_a_filter_that_is_not_understood_is_said_so(acme: Merchant) -> None:
    assert "A filter was not understood" in text_of(trail(acme, "?since=soon"))


def test_a_filter_by_htmx_brings_the_same_part_as_the_full_page(acme: Merchant) -> None:
    with acme.entered():
        make_audit(result="denied")
    full, part = trail(acme, "?result=denied").content.decode(), trail(acme, "?result=denied", **HTMX)
    assert part.content.decode().strip() in full
    assert part["HX-Push-Url"] == "/m/acme/test/audit/?result=denied"


def test_modes_are_apart_and_entries_of_the_whole_merchant_are_in_both(acme: Merchant) -> None:
    with acme.entered():
        test, whole = make_audit(action="x.y"), make_audit(action="x.y", livemode=None)
    assert positions(trail(acme, "?action=x.y")) == [whole.position, test.position]
    assert positions(trail(acme, "?action=x.y", mode="live")) == [whole.position]


def positions(response: Any) -> list[int]:
    return [int(part.split('"')[0]) for part in response.content.decode().split('id="audit-')[1:]]

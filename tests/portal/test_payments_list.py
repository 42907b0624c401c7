"""The payments list: its states, filters, paging and background refresh."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests.portal.pages import HTMX, path, row_ids, text_of
from tests.portal.rows import make_payment, make_transaction
from tests.world import Merchant


def listed(merchant: Merchant, query: str = "", *, mode: str = "test", **headers: str) -> Any:
    return merchant.browser().get(path(merchant, f"payments/{query}", mode=mode), headers=headers)


def test_a_merchant_without_payments_is_shown_how_to_send_one(acme: Merchant) -> None:
    words = text_of(listed(acme))
    assert "No payments yet" in words
    assert "curl" in words
    assert "/v1/payments" in words


def test_one_payment_shows_its_facts_with_a_masked_phone(acme: Merchant) -> None:
    with acme.entered():
        make_payment(reference="INV-1", amount=Decimal("1250.00"), phone="260971234321", seconds=4.2)
    words = text_of(listed(acme))
    assert "K 1,250.00" in words
    assert "INV-1" in words
    assert "+260 97•••• 321" in words
    assert "1234321" not in listed(acme).content.decode()
    assert "4.2 s" in words


def test_a_payment_without_reference_is_named_by_its_whole_id_on_hover(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
    assert f'title="{payment.id}">{payment.id}</a>' in listed(acme).content.decode()


def test_the_newest_payment_comes_first(acme: Merchant) -> None:
    with acme.entered():
        old = make_payment(created_at=timezone.now() - timedelta(days=2))
        new = make_payment()
    assert row_ids(listed(acme)) == [new.id, old.id]


def test_load_more_continues_where_the_page_ended(acme: Merchant) -> None:
    with acme.entered():
        made = [make_payment(created_at=timezone.now() - timedelta(minutes=i)).id for i in range(30)]
    first = listed(acme)
    second = listed(acme, f"?cursor={made[24]}", **HTMX)
    assert row_ids(first) == made[:25]
    assert row_ids(second) == made[25:]
    assert "Load more" in text_of(first)
    assert "Load more" not in text_of(second)


def test_the_next_page_is_also_a_page_of_its_own(acme: Merchant) -> None:
    with acme.entered():
        made = [make_payment(created_at=timezone.now() - timedelta(minutes=i)).id for i in range(30)]
    page = listed(acme, f"?cursor={made[24]}")
    assert row_ids(page) == made[25:]
    assert "<html" in page.content.decode()


def test_page_size_is_kept_in_the_address(acme: Merchant) -> None:
    with acme.entered():
        for _ in range(26):
            make_payment()
    page = listed(acme, "?size=50&provider=mtn")
    assert len(row_ids(page)) == 26
    assert "?provider=mtn&amp;size=100" in page.content.decode()


FILTERS = [
    ("?status=failed", {"status": "failed"}),
    ("?provider=airtel", {"provider": "airtel"}),
    ("?phone=%2B260+97+712+3456", {"phone": "260977123456"}),
    ("?reference=INV-7", {"reference": "INV-7"}),
    ("?amount_min=500", {"amount": Decimal("500.00")}),
    ("?metadata=order%3D1001", {"metadata": {"order": "1001"}}),
    ("?attention=1", {"status": "unknown", "attention_at": timezone.now()}),
    ("?range=yesterday", {"created_at": timezone.now() - timedelta(days=1)}),
]


@pytest.mark.parametrize(("query", "wanted"), FILTERS, ids=[query for query, _ in FILTERS])
def test_a_filter_keeps_only_what_fits(acme: Merchant, query: str, wanted: dict[str, Any]) -> None:
    with acme.entered():
        make_payment(amount=Decimal("10.00"))
        wanted_payment = make_payment(**wanted)
    assert row_ids(listed(acme, query)) == [wanted_payment.id]


def test_filter_and_page_work_together(acme: Merchant) -> None:
    with acme.entered():
        for minutes in range(60):
            kind = "failed" if minutes % 2 else "succeeded"
            make_payment(status=kind, created_at=timezone.now() - timedelta(minutes=minutes))
    first = row_ids(listed(acme, "?status=failed"))
    rest = row_ids(listed(acme, f"?status=failed&cursor={first[-1]}", **HTMX))
    assert len(first) == 25
    assert len(rest) == 5
    assert not set(first) & set(rest)


def test_created_dates_are_days_of_the_merchant(acme: Merchant) -> None:
    with acme.entered():
        evening = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
        make_payment(created_at=evening)
    assert len(row_ids(listed(acme, "?created_from=2026-03-05&created_to=2026-03-05"))) == 1
    assert row_ids(listed(acme, "?created_from=2026-03-04&created_to=2026-03-04")) == []


def test_chips_name_each_filter_and_lead_to_the_list_without_it(acme: Merchant) -> None:
    with acme.entered():
        make_payment(provider="airtel", reference="INV-7")
    page = listed(acme, "?provider=airtel&reference=INV-7")
    assert "Network: Airtel" in text_of(page)
    assert 'href="?reference=INV-7"' in page.content.decode()
    assert 'href="?provider=airtel"' in page.content.decode()


def test_no_match_says_which_filters_are_on_and_how_to_clear_them(acme: Merchant) -> None:
    with acme.entered():
        make_payment()
    words = text_of(listed(acme, "?reference=NOPE&status=failed"))
    assert "No payments match" in words
    assert "Reference: NOPE" in words
    assert "status Failed" in words
    assert "Clear everything" in words
    assert "No payments yet" not in words


@pytest.mark.parametrize(
    "query", ["?phone=abc", "?metadata=order", "?status=paid", "?created_from=soon", "?amount_min=x"]
)
def test_a_filter_that_is_not_understood_is_said_so_and_lists_nothing(acme: Merchant, query: str) -> None:
    with acme.entered():
        make_payment()
    page = listed(acme, query)
    assert "A filter was not understood" in text_of(page)
    assert row_ids(page) == []


def test_a_failing_database_is_an_error_with_a_request_id_and_a_retry(acme: Merchant) -> None:
    with patch("payments.selectors.payments.list_payments", side_effect=OperationalError("canceling statement")):
        page = listed(acme, "?provider=mtn")
    assert page.status_code == 503
    assert "could not be loaded" in text_of(page)
    assert page["X-Request-ID"] in text_of(page)
    assert 'href="/m/acme/test/payments/?provider=mtn"' in page.content.decode()


def test_tabs_count_each_status(acme: Merchant) -> None:
    with acme.entered():
        for status in ("succeeded", "succeeded", "failed"):
            make_payment(status=status)
    words = text_of(listed(acme, "?status=failed"))
    assert "All 3" in words
    assert "Succeeded 2" in words
    assert "Failed 1" in words


def test_attempts_show_only_when_there_was_more_than_one(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
    assert "attempts" not in text_of(listed(acme))
    with acme.entered():
        payment.transactions.update(state="dead")
        make_transaction(payment, number=2)
    assert "2 attempts" in text_of(listed(acme))


def test_modes_never_see_each_other(acme: Merchant) -> None:
    with acme.entered():
        make_payment(livemode=False)
    assert row_ids(listed(acme, mode="live")) == []


def test_a_filter_by_htmx_brings_the_same_part_as_the_full_page(acme: Merchant) -> None:
    with acme.entered():
        make_payment(provider="airtel")
        make_payment()
    full = listed(acme, "?provider=airtel").content.decode()
    part = listed(acme, "?provider=airtel", **HTMX)
    assert part.content.decode().strip() in full
    assert "<html" not in part.content.decode()
    assert part["HX-Push-Url"] == "/m/acme/test/payments/?provider=airtel"


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_and_restored_pages_are_whole(acme: Merchant, header: str) -> None:
    page = listed(acme, **HTMX, **{header: "true"})
    assert "<html" in page.content.decode()


def test_refresh_brings_rows_as_they_are_now_and_counts_new_ones(acme: Merchant) -> None:
    with acme.entered():
        shown = make_payment(status="processing", created_at=timezone.now() - timedelta(minutes=1))
        make_payment()
    page = listed(acme, f"refresh/?id={shown.id}&newest={shown.id}", **HTMX)
    assert row_ids(page) == [shown.id]
    assert "1 new payment" in text_of(page)
    assert page.content.decode().count('hx-swap-oob="true"') == 2


def test_only_rows_without_a_final_word_ask_for_news(acme: Merchant) -> None:
    with acme.entered():
        waiting = make_payment(status="processing")
        make_payment(status="succeeded")
    page = listed(acme).content.decode()
    assert page.count('form="refresh"') == 1
    assert f'name="id" value="{waiting.id}" form="refresh"' in page


@pytest.mark.parametrize("rest", ["?cursor=%00", "refresh/?id=%00&newest=%00", "find/?q=%00", "?reference=%00"])
def test_nul_bytes_are_no_server_error(acme: Merchant, rest: str) -> None:
    assert listed(acme, rest).status_code in (200, 302)

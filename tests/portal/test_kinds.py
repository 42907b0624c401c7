"""Refunds and payouts have the same lists and pages as payments, each in its own words."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.utils import timezone

from payments.models import Payment
from tenants.models import Circuit
from tests.portal.pages import HTMX, path, row_ids, text_of
from tests.portal.rows import make_audit, make_exchange, make_payment, make_payout, make_refund
from tests.world import Merchant


def make_a_refund(**fields: Any) -> Payment:
    return make_refund(make_payment(reference=fields.pop("of", None)), **fields)


MAKERS: dict[str, Callable[..., Payment]] = {"refunds": make_a_refund, "payouts": make_payout}
BOTH = pytest.mark.parametrize("many", MAKERS)


def listed(merchant: Merchant, rest: str, role: str = "owner", **headers: str) -> Any:
    return merchant.browser(role).get(path(merchant, rest), headers=headers)


@BOTH
def test_an_empty_list_says_how_to_make_the_first_one(acme: Merchant, many: str) -> None:
    words = text_of(listed(acme, f"{many}/"))
    assert f"No {many} yet" in words
    assert "curl" not in words


@BOTH
def test_each_list_shows_its_own_kind_only(acme: Merchant, many: str) -> None:
    with acme.entered():
        made = {"payments": make_payment(), **{name: make() for name, make in MAKERS.items()}}
    assert row_ids(listed(acme, f"{many}/")) == [made[many].id]
    assert made[many].id not in row_ids(listed(acme, "payments/"))


@BOTH
def test_load_more_continues_where_the_page_ended(acme: Merchant, many: str) -> None:
    with acme.entered():
        made = [MAKERS[many](created_at=timezone.now() - timedelta(minutes=i)).id for i in range(30)]
    first, second = listed(acme, f"{many}/"), listed(acme, f"{many}/?cursor={made[24]}", **HTMX)
    assert row_ids(first) == made[:25]
    assert row_ids(second) == made[25:]
    assert "Load more" in text_of(first)


@BOTH
def test_filters_tabs_and_no_match_work_alike(acme: Merchant, many: str) -> None:
    with acme.entered():
        MAKERS[many](amount=Decimal("10.00"))
        failed = MAKERS[many](status="failed", amount=Decimal("20.00"))
    page = listed(acme, f"{many}/?status=failed&range=today")
    assert row_ids(page) == [failed.id]
    assert "All 2 Succeeded 1" in text_of(page)
    assert f"No {many} match" in text_of(listed(acme, f"{many}/?amount_min=90"))


@BOTH
def test_a_refresh_brings_rows_and_news_of_its_kind(acme: Merchant, many: str) -> None:
    with acme.entered():
        shown = MAKERS[many](status="processing", created_at=timezone.now() - timedelta(minutes=1))
        MAKERS[many]()
        make_payment()
    page = listed(acme, f"{many}/refresh/?id={shown.id}&newest={shown.id}", **HTMX)
    assert row_ids(page) == [shown.id]
    assert f"1 new {many[:-1]}" in text_of(page).replace("  ", " ")


@BOTH
def test_a_failing_database_is_an_error_with_a_retry(acme: Merchant, many: str) -> None:
    with patch("payments.selectors.payments.list_payments", side_effect=OperationalError("canceling statement")):
        page = listed(acme, f"{many}/")
    assert page.status_code == 503
    assert f'href="/m/acme/test/{many}/"' in page.content.decode()


def test_a_refund_is_named_and_found_by_the_payment_it_pays_back(acme: Merchant) -> None:
    with acme.entered():
        refund = make_a_refund(of="INV-7")
        make_a_refund(of="INV-8")
    page = listed(acme, "refunds/?reference=INV-7")
    assert row_ids(page) == [refund.id]
    assert "of INV-7" in text_of(page)


def test_a_held_payout_is_waiting_in_list_and_page(acme: Merchant) -> None:
    with acme.entered():
        payout = make_payout(status="pending", held_at=timezone.now())
    rows = text_of(listed(acme, "payouts/")).split("Paid out in")[1]
    assert "Waiting for MTN" in rows
    assert "Waiting 1" in text_of(listed(acme, "payouts/"))
    words = text_of(listed(acme, f"payouts/{payout.id}/"))
    assert "Waiting for MTN since" in words
    assert "Nothing was sent and no money moved." in words
    assert "Pending" not in rows + words


SENTENCES = [
    ("payouts", "succeeded", "Paid out. MTN confirmed"),
    ("payouts", "processing", "which has not said yet whether the money arrived"),
    ("payouts", "unknown", "Do not pay it out again."),
    ("payouts", "failed", "Not paid out."),
    ("refunds", "succeeded", "Refunded. MTN confirmed"),
    ("refunds", "unknown", "Do not pay it back another way."),
    ("refunds", "failed", "Not refunded."),
    ("refunds", "canceled", "No money moved."),
]


@pytest.mark.parametrize(("many", "status", "sentence"), SENTENCES)
def test_the_verdict_speaks_of_its_kind(acme: Merchant, many: str, status: str, sentence: str) -> None:
    with acme.entered():
        made = MAKERS[many](status=status)
    assert sentence in text_of(listed(acme, f"{many}/{made.id}/"))


def test_the_timeline_of_a_payout_tells_what_was_asked(acme: Merchant) -> None:
    with acme.entered():
        payout = make_payout(status="processing")
        make_exchange(payout, operation="transfer")
    words = text_of(listed(acme, f"payouts/{payout.id}/"))
    assert "Payout created" in words
    assert "Asked MTN to pay out" in words


def test_an_id_of_another_kind_is_not_here(acme: Merchant) -> None:
    with acme.entered():
        payout = make_payout()
    assert listed(acme, f"refunds/{payout.id}/").status_code == 404
    assert listed(acme, f"payments/{payout.id}/").status_code == 404


@BOTH
def test_cancel_withdraws_what_is_held(acme: Merchant, many: str) -> None:
    with acme.entered():
        made = MAKERS[many](status="pending", held_at=timezone.now())
    client, address = acme.browser("operator"), path(acme, f"{many}/{made.id}/cancel/")
    assert f"Cancel the {many[:-1]}" in text_of(client.get(address))
    page = client.post(address, follow=True)
    assert "Canceled. Nothing was sent" in text_of(page)
    assert acme.payment(made.id).status == "canceled"


@BOTH
def test_a_viewer_may_look_and_neither_cancel_nor_check(acme: Merchant, many: str) -> None:
    with acme.entered():
        made = MAKERS[many](status="pending")
    page = listed(acme, f"{many}/{made.id}/", role="viewer")
    assert page.status_code == 200
    assert 'id="cancel"' not in page.content.decode()
    for verb in ("cancel", "check"):
        assert acme.browser("viewer").post(path(acme, f"{many}/{made.id}/{verb}/")).status_code == 403
    assert acme.payment(made.id).status == "pending"


def test_a_payment_shows_what_was_refunded_and_what_is_left(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
        done = make_refund(payment, amount=Decimal("50.00"))
        waiting = make_refund(payment, amount=Decimal("30.00"), status="pending", held_at=timezone.now())
    page = listed(acme, f"payments/{payment.id}/")
    words = text_of(page)
    assert "Refunded K 50.00 Under way K 30.00 Left K 70.00" in words
    for refund in (done, waiting):
        assert f'href="/m/acme/test/refunds/{refund.id}/"' in page.content.decode()
    assert "part refunded" in text_of(listed(acme, "payments/"))


def test_the_search_box_finds_refunds_and_payouts(acme: Merchant) -> None:
    with acme.entered():
        payout, refund = make_payout(reference="OUT-1"), make_a_refund(reference="RMA-1")
    for text, place in (
        ("OUT-1", f"payouts/{payout.id}/"),
        (refund.id, f"refunds/{refund.id}/"),
        ("RMA-1", f"refunds/{refund.id}/"),
    ):
        answer = acme.browser().get(path(acme, "payments/find/"), {"q": text})
        assert answer.headers["Location"] == path(acme, place)


def test_the_audit_trail_leads_to_the_payout(acme: Merchant) -> None:
    with acme.entered():
        payout = make_payout()
        make_audit(action="payout.created", target=payout.id)
    page = listed(acme, "audit/?action=payout.created")
    assert "Payout created" in text_of(page)
    assert f'href="/m/acme/test/payouts/{payout.id}/"' in page.content.decode()


@pytest.mark.parametrize("many", ["payments", "refunds", "payouts"])
def test_each_list_searches_for_its_own_kind_and_comes_back_to_itself(acme: Merchant, many: str) -> None:
    page = listed(acme, f"{many}/").content.decode()
    assert f'<label class="visually-hidden" for="find">Find a {many[:-1]}</label>' in page
    assert f'<input type="hidden" name="list" value="{many}">' in page
    answer = acme.browser().get(path(acme, "payments/find/"), {"q": "NONE", "list": many})
    assert answer.headers["Location"] == path(acme, f"{many}/?reference=NONE")


@pytest.mark.parametrize(("forced", "why"), [("", "payouts are down there"), ("open", "payouts are stopped by hand")])
def test_what_waits_says_for_whom_why_and_since_when_and_can_be_canceled(acme: Merchant, forced: str, why: str) -> None:
    since = timezone.now() - timedelta(minutes=12)
    Circuit.objects.create(
        tenant=acme.tenant, livemode=False, provider="mtn", account_id="pa_1", operation="transfer", state="open",
        opened_at=since, forced=forced,
    )  # fmt: skip
    with acme.entered():
        payout = make_payout(status="pending", held_at=since, reference="WAGES")
    waits = f"Waiting for MTN since {since:%-d %b, %H:%M} UTC: {why}."
    page, row = listed(acme, f"payouts/{payout.id}/"), listed(acme, "attention/?sort=held")
    for answer in (page, row):
        assert waits in text_of(answer)
        assert f'href="{path(acme, f"payouts/{payout.id}/cancel/")}"' in answer.content.decode()
    assert "1 waiting for a network" in text_of(listed(acme, ""))
    viewer = text_of(listed(acme, "attention/?sort=held", role="viewer"))
    assert "An owner, admin or operator may cancel it until then." in viewer
    for words in (text_of(row), text_of(page), text_of(listed(acme, "payouts/"))):
        assert "Pending" not in words
        assert "Held" not in words

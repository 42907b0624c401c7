"""The ledger's page: balances, the proof that the lines sum to zero, and the lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from django.db import OperationalError

from payments.fees import set_fee
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rows import make_posting
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, run_jobs


def books(merchant: Merchant, query: str = "", *, mode: str = "test", **headers: str) -> Any:
    return merchant.browser("viewer").get(path(merchant, f"ledger/{query}", mode=mode), headers=headers)


def lines(response: Any) -> int:
    return int(response.content.decode().count('id="line-'))


def test_nothing_booked_yet(acme: Merchant) -> None:
    words = text_of(books(acme))
    assert "Nothing booked yet" in words
    assert "All lines sum" not in words


def test_a_payment_its_fee_and_a_refund_show_in_the_balance(acme: Merchant, mtn: SimulatedMtn) -> None:
    with acme.entered():
        set_fee(livemode=False, provider="mtn", operation="collect", currency="ZMW", percentage=Decimal("2"),
                fixed=Decimal("1"), actor="test")  # fmt: skip
    payment_id = acme.pay().json()["id"]
    run_jobs(rounds=3)
    acme.refund(payment_id, amount="50.00")
    acme.pay_out(amount="25.00")
    run_jobs(rounds=3)
    page = books(acme)
    words = text_of(page)
    assert "K 71.00 at the provider" in words
    assert "Collected K 150.00 Refunded K 50.00 Paid out K 25.00 Fees K 4.00 Settled K 0.00" in words
    assert "All lines sum to 0.00." in words
    assert lines(page) == 8
    assert "Payment succeeded" in words
    assert "Fee of the payment" in words
    assert f'href="/m/acme/test/payments/{payment_id}/"' in page.content.decode()


def test_books_that_do_not_balance_are_an_alarm(acme: Merchant) -> None:
    with acme.entered():
        make_posting()
    with patch("payments.selectors.ledger.sums_of_lines", return_value={"ZMW": Decimal("0.01")}):
        assert "The books do not balance" in text_of(books(acme))


def test_lines_are_paged_newest_first(acme: Merchant) -> None:
    with acme.entered():
        made = [entry.position for _ in range(30) for entry in make_posting()][::-1]
    first, second = books(acme), books(acme, f"?cursor={made[49]}", **HTMX)
    assert (lines(first), lines(second)) == (50, 10)
    assert "Load more" in text_of(first)


def test_lines_are_filtered_by_object_account_and_date(acme: Merchant) -> None:
    with acme.entered():
        wanted = make_posting()[0].object_id
        make_posting(created_at=datetime.fromisoformat("2026-01-05T10:00:00+00:00"))
    assert lines(books(acme, f"?object={wanted}")) == 2
    assert lines(books(acme, "?account=collected")) == 2
    assert lines(books(acme, "?since=2026-01-05&until=2026-01-05")) == 2
    words = text_of(books(acme, "?object=pay_0&account=fees"))
    assert "No lines match" in words
    assert "Account: Fees" in words
    assert "A filter was not understood" in text_of(books(acme, "?since=soon"))


def test_modes_and_merchants_are_apart(acme: Merchant, globex: Merchant) -> None:
    with globex.entered():
        make_posting()
    with acme.entered():
        make_posting(livemode=True)
    assert lines(books(acme)) == 0
    assert lines(books(acme, mode="live")) == 2


def test_a_failing_database_is_an_error_with_a_retry(acme: Merchant) -> None:
    with patch("payments.selectors.ledger.list_entries", side_effect=OperationalError("canceling statement")):
        page = books(acme, "?account=fees")
    assert page.status_code == 503
    assert 'href="/m/acme/test/ledger/?account=fees"' in page.content.decode()

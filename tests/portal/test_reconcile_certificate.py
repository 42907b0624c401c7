"""What the pages of a close and of a certificate say beyond the sums: links, days in no period, what was not read."""

import re
from datetime import timedelta

from payments.models import StatementItem
from tests.payments.statements.books import DAY, Books, account_of, csv_of
from tests.payments.statements.planting import PLANTS
from tests.payments.statements.test_certificates import corrected
from tests.portal.pages import text_of
from tests.portal.reconciling import act, explain, imported, item_of, lines_with, mapped, page, upload
from tests.world import Merchant


def test_a_line_that_was_linked_by_hand_is_named_with_whoever_did_it(acme: Merchant) -> None:
    statement = imported(acme, "no_reference_but_amount_phone_and_time")
    item = item_of(acme, statement, "suggested")
    act(acme, f"lines/{item.pk}/link/", payment=str(item.payment_id))
    shown = text_of(page(acme, f"lines/{item.pk}/", role="operator"))
    assert "A person says which payment it is, and no reference does." in shown
    assert "1 line still open" in text_of(page(acme, f"{statement}/close/", role="owner"))
    explain(acme, statement)
    words = text_of(act(acme, f"{statement}/close/", role="owner"))
    assert "Linked by hand: 1" in words
    assert f"is {item.payment_id} Linked by hand" in words
    assert "Linked by operator@acme.test" in words


def test_days_that_no_closed_period_covers_show_before_the_close_and_after_it(acme: Merchant) -> None:
    lines = lines_with(acme)
    with acme.entered():
        books = Books(account_of(), _count=50)
        books.add(at=DAY - timedelta(days=1))
        books.insert()
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines))["Location"])
    assert statement
    mapped(acme, statement[0])
    told = "Not covered by any closed period"
    before = text_of(page(acme, f"{statement[0]}/close/", role="owner"))
    after = text_of(act(acme, f"{statement[0]}/close/", role="owner"))
    for words in (before, after):
        assert told in words
        assert "the start of the first closed period: 2 lines in our ledger, +K 60.01" in words


def test_a_period_that_follows_another_one_says_nothing_of_gaps(acme: Merchant) -> None:
    statement = imported(acme)
    assert "Not covered" not in text_of(page(acme, f"{statement}/close/", role="owner"))
    assert "Not covered" not in text_of(act(acme, f"{statement}/close/", role="owner"))


def test_columns_that_were_left_out_are_named(acme: Merchant) -> None:
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines_with(acme)))["Location"])
    assert statement
    mapped(acme, statement[0], fee="", phone="", layout_name="Ours")
    words = text_of(act(acme, f"{statement[0]}/close/", role="owner"))
    assert "Fees of 4 lines . No column was mapped to the fee, so ours were not compared." in words
    assert "Columns that were not mapped: “MSISDN”, “Fee”" in words


def test_what_only_the_ledger_knows_is_a_row_that_two_people_accept(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        corrected(books, payment, "7.00")
        books.insert()
        line = books.line_of[payment.pk]
    statement = re.search(r"st_\w+", upload(acme, csv_of([line]))["Location"])
    assert statement
    mapped(acme, statement[0])
    assert "In the ledger alone +K 7.00" in text_of(page(acme, f"{statement[0]}/?tab=amount"))
    shown = page(acme, f"lines/{item_of(acme, statement[0], 'ledger_rest').pk}/", role="operator")
    assert "None" not in text_of(shown)
    explain(acme, statement[0])
    words = text_of(act(acme, f"{statement[0]}/close/", role="owner"))
    assert "Unexplained \N{MINUS SIGN}K 7.00" in words
    assert "Our ledger moved otherwise than its payments and settlements say." in words


def test_every_plant_that_is_explained_leaves_nothing_of_the_ledger_over(acme: Merchant) -> None:
    statement = imported(acme, *PLANTS)
    with acme.entered():
        assert not StatementItem.objects.filter(statement=statement, finding="ledger_rest").exists()

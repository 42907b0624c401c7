"""What the sums of Reconcile say: the equation adds up line by line, and a statement without fees has no wrong ones."""

import re
from decimal import Decimal

import pytest

from payments.models import StatementItem
from tests.payments.statements.books import csv_of
from tests.portal.pages import text_of
from tests.portal.reconciling import act, imported, item_of, lines_with, mapped, page, proposed, upload
from tests.world import Merchant

ROW = re.compile(r'<tr[^>]*>\s*<th scope="row">(.*?)</th>\s*<td class="number">(.*?)</td>', re.DOTALL)


def account_of_page(html: str) -> dict[str, Decimal]:
    """The equation's table: label → amount, in order."""
    table = html[html.index('<table class="account">') :]
    found = {}
    for label, cell in ROW.findall(table[: table.index("</table>")]):
        words = " ".join(re.sub(r"<small.*?</small>|<[^>]+>", "", label, flags=re.DOTALL).split())
        amount = re.sub(r"<[^>]+>", "", cell).replace("\N{MINUS SIGN}", "-")
        found[words.replace(" ,", ",")] = Decimal(re.sub(r"[^0-9.-]", "", amount))
    return found


def test_the_close_page_adds_up_line_by_line_while_a_part_is_explained(acme: Merchant) -> None:
    """Two lines have another fee; one of them is accepted: only the other one is still open, with its own amount."""
    lines = lines_with(acme, "the_amount_is_higher")
    lines[0] = lines[0].but(fee=(lines[0].fee or 0) + 1)
    lines[1] = lines[1].but(fee=(lines[1].fee or 0) + 3)
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines))["Location"])
    assert statement
    mapped(acme, statement[0])
    with acme.entered():
        first = StatementItem.objects.filter(statement=statement[0], finding="fee_differs").earliest("position")
    act(acme, f"proposals/{proposed(acme, first)}/decide/", role="admin", do="approve")
    account = account_of_page(page(acme, f"{statement[0]}/close/", role="owner").content.decode())
    assert account["= Explained"] == -1
    assert account["= Still open"] == 10 - 3  # the open one of the two, and not both
    assert account["The statement"] - account["\N{MINUS SIGN} Our books"] == account["= Difference"] == 10 - 3 - 1
    assert account["Explained + still open"] == account["= Difference"]


def test_a_mapping_without_a_fee_column_finds_no_other_fees(acme: Merchant) -> None:
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines_with(acme, "the_fee_is_another")))["Location"])
    assert statement
    mapped(acme, statement[0], fee="", layout_name="No fees")
    with acme.entered():
        found = StatementItem.objects.filter(statement=statement[0])
        assert set(found.values_list("finding", "is_open")) == {("fee_not_stated", False)}
    shown = page(acme, f"{statement[0]}/", role="owner")
    assert "Fee differs" not in text_of(shown)
    account = account_of_page(shown.content.decode())
    assert account["Fee not stated, 5 lines"] == account["= Explained"] == account["= Difference"] == Decimal("7.50")


def test_a_fee_that_has_a_line_of_its_own_is_stated(acme: Merchant) -> None:
    lines = lines_with(acme, "a_fee_line_of_another_amount", right=0)
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines))["Location"])
    assert statement
    mapped(acme, statement[0], fee="", layout_name="No fees")
    assert item_of(acme, statement[0], "fee_differs").is_open


@pytest.fixture
def certified(acme: Merchant) -> str:
    """A closed period with an exception of K 10.00."""
    statement = imported(acme, "the_amount_is_higher")
    proposal = proposed(acme, item_of(acme, statement, "amount_differs"))
    act(acme, f"proposals/{proposal}/decide/", role="owner", do="approve")
    act(acme, f"{statement}/close/", role="owner")
    return statement


def test_the_certificate_writes_amounts_as_every_page_does(acme: Merchant, certified: str) -> None:
    words = text_of(page(acme, f"{certified}/certificate/"))
    assert "Difference +K 10.00" in words
    assert "Unexplained K 0.00" in words
    assert "Accept +K 10.00" in words
    assert " ZMW" not in words
    plain = page(acme, f"{certified}/certificate.json").json()
    assert plain["equation"]["difference"] == "10.00"


def test_nothing_is_said_twice(acme: Merchant) -> None:
    statement = imported(acme, "a_line_was_left_out")
    shown = text_of(page(acme, f"{statement}/?tab=missing_there"))
    assert "Not in the statement Not in the statement" not in shown
    assert len(re.findall("[Uu]nproven", shown)) == 1

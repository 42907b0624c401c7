"""Where Reconcile wants two people: exceptions, what a mapping calls unmoved, settlements, many at a time."""

import re
from typing import Any

import pytest

from payments.models import AuditEntry, LedgerEntry, StatementException, StatementItem
from tests.api.conftest import together as at_once
from tests.payments.statements.books import csv_of
from tests.portal.pages import hidden_fields, path, text_of
from tests.portal.reconciling import (
    act,
    explain,
    imported,
    item_of,
    lines_with,
    mapped,
    page,
    proposal_about,
    proposed,
    upload,
)
from tests.world import Merchant


def with_alike_lines(merchant: Merchant, *plants: str, strangers: int = 3) -> str:
    """A statement in which some lines with nothing else in common belong to nobody."""
    lines = lines_with(merchant, *plants)
    stray = lines[0].but(our_reference="x", phone="260971111111", amount=lines[0].amount + 1000)
    lines += [stray.but(provider_reference=f"88000{number}") for number in range(strangers)]
    statement = re.search(r"st_\w+", upload(merchant, csv_of(lines))["Location"])
    assert statement
    mapped(merchant, statement[0])
    return statement[0]


def items_of(merchant: Merchant, statement: str, finding: str) -> list[StatementItem]:
    with merchant.entered():
        return list(StatementItem.objects.filter(statement=statement, finding=finding).order_by("position"))


def states(merchant: Merchant, statement: str) -> list[str]:
    with merchant.entered():
        rows = StatementException.objects.filter(statement=statement).order_by("pk")
        return list(rows.values_list("state", flat=True))


def together(merchant: Merchant, first: str, *, role: str = "admin", **form: Any) -> Any:
    return merchant.browser(role).post(path(merchant, f"reconcile/proposals/{first}/together/"), form, follow=True)


# --- what the mapping says did not move -------------------------------------------------------------------------------
def test_a_mapping_that_calls_paid_lines_failed_closes_nothing_alone(acme: Merchant) -> None:
    """The attack: the word for success among those for failure, so that what we hold as failed is never looked at."""
    lines = lines_with(acme, "we_hold_it_as_failed", "a_line_of_nobody", right=1)[1:]
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines))["Location"])
    assert statement
    mapped(acme, statement[0], moved_words="none", failed_words="successful", layout_name="Our own words")
    assert [item.is_open for item in items_of(acme, statement[0], "called_unmoved")] == [True, True]
    assert "still open" in text_of(act(acme, f"{statement[0]}/close/", role="owner"))
    explain(acme, statement[0])
    assert "Certificate for" in text_of(act(acme, f"{statement[0]}/close/", role="owner"))


def test_who_approves_many_sees_what_is_not_counted(acme: Merchant) -> None:
    """The difference of such lines is zero, so that the sum alone would say that nothing is at stake."""
    lines = lines_with(acme, "the_mapping_says_that_a_strangers_money_did_not_move", right=1)
    lines.append(lines[-1].but(provider_reference="9000099", status="EXPIRED"))
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines))["Location"])
    assert statement
    mapped(acme, statement[0])
    first = proposed(acme, items_of(acme, statement[0], "called_unmoved")[0], alike="on")
    every = together(acme, first, do="all")
    assert "“REJECTED” on +K 77.77" in text_of(every)
    assert "“EXPIRED” on +K 77.77" in text_of(every)
    chosen = re.findall(r'value="(sx_\w+)"', every.content.decode())
    asked = text_of(together(acme, first, do="review", proposals=chosen, token="a" * 32))
    assert "Difference K 0.00 Not counted K 155.54" in asked


def test_the_second_person_sees_the_word_that_the_statement_has(acme: Merchant) -> None:
    statement = imported(acme, "the_mapping_says_that_a_strangers_money_did_not_move")
    shown = text_of(page(acme, f"lines/{item_of(acme, statement, 'called_unmoved').pk}/", role="admin"))
    assert "(REJECTED)" in shown
    assert "The layout is unproven, so two people have to agree." in shown


# --- settlements ------------------------------------------------------------------------------------------------------
def test_a_settlement_is_booked_once_when_two_people_say_so(acme: Merchant) -> None:
    statement = imported(acme, "money_went_to_the_bank")
    item = item_of(acme, statement, "settlement")
    act(acme, f"lines/{item.pk}/settle/", reason="Bank statement, page 2.")
    with acme.entered():
        assert not LedgerEntry.objects.filter(account="settled").exists()
    proposal = proposal_about(acme, item)
    assert "Approve and book" in text_of(page(acme, f"lines/{item.pk}/", role="admin"))
    for _ in range(2):
        act(acme, f"proposals/{proposal}/decide/", role="admin", do="approve")
    assert item_of(acme, statement, "settled").pk == item.pk
    with acme.entered():
        booked = LedgerEntry.objects.filter(posting=f"{item.line_id}:settled").order_by("account")
        assert [(entry.account, str(entry.amount)) for entry in booked] == [
            ("provider_balance", "-500.00"), ("settled", "500.00"),
        ]  # fmt: skip
    assert "so the statement stays" in text_of(act(acme, f"{statement}/discard/"))
    certificate = text_of(act(acme, f"{statement}/close/", role="owner"))
    assert "Book as settled" in certificate
    assert "Bank statement, page 2." in certificate


def test_two_approvals_at_once_book_a_settlement_once(committed: Merchant) -> None:
    statement = imported(committed, "money_went_to_the_bank")
    item = item_of(committed, statement, "settlement")
    act(committed, f"lines/{item.pk}/settle/", reason="Bank statement, page 2.")
    proposal = proposal_about(committed, item)
    at_once(2, lambda n: act(committed, f"proposals/{proposal}/decide/", role=["admin", "owner"][n], do="approve"))
    assert not item_of(committed, statement, "settled").is_open
    with committed.entered():
        assert LedgerEntry.objects.filter(account="settled").count() == 1


@pytest.mark.parametrize("role", ["operator", "admin", "owner"])
def test_nobody_books_a_settlement_alone(acme: Merchant, role: str) -> None:
    item = item_of(acme, imported(acme, "money_went_to_the_bank"), "settlement")
    act(acme, f"lines/{item.pk}/settle/", role=role, reason="I say so.")
    act(acme, f"proposals/{proposal_about(acme, item)}/decide/", role=role, do="approve")
    with acme.entered():
        assert not LedgerEntry.objects.filter(account="settled").exists()


def test_a_settlement_outside_the_period_of_its_statement_is_not_booked(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_settlement_of_another_period"), "outside_period")
    assert "Book it as settled" not in text_of(page(acme, f"lines/{item.pk}/", role="owner"))
    refused = act(acme, f"lines/{item.pk}/settle/", role="owner", reason="Seen at the bank.")
    assert "This is no settlement that waits to be booked." in text_of(refused)
    smuggled = acme.browser("owner").post(
        path(acme, f"reconcile/lines/{item.pk}/propose/"), {"action": "settle", "reason": "Seen."}
    )
    assert smuggled.status_code == 422
    with acme.entered():
        assert not StatementException.objects.exists()


def test_a_line_that_is_no_settlement_cannot_be_booked_as_one(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_line_of_nobody"), "missing_here")
    refused = act(acme, f"lines/{item.pk}/settle/", role="owner", reason="Seen at the bank.")
    assert "This is no settlement that waits to be booked." in text_of(refused)


# --- one at a time ----------------------------------------------------------------------------------------------------
def test_the_decision_stands_where_the_line_is_and_leads_back_to_it(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_line_of_nobody"), "missing_here")
    proposal = proposed(acme, item)
    shown = page(acme, f"lines/{item.pk}/", role="admin").content.decode()
    assert f"proposals/{proposal}/decide/" in shown
    done = acme.browser("admin").post(
        path(acme, f"reconcile/proposals/{proposal}/decide/"), {"do": "approve", "from": "line"}
    )
    assert done["Location"] == path(acme, f"reconcile/lines/{item.pk}/")


def test_nothing_is_decided_beforehand(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_line_of_nobody"), "missing_here")
    form = page(acme, f"lines/{item.pk}/", role="operator").content.decode()
    assert '<option value="" selected>Choose…</option>' in form
    refused = acme.browser("operator").post(path(acme, f"reconcile/lines/{item.pk}/propose/"), {"reason": "Because."})
    assert refused.status_code == 422
    with acme.entered():
        assert not StatementException.objects.exists()


# --- many at a time ---------------------------------------------------------------------------------------------------
def test_many_of_one_kind_are_proposed_and_approved_in_one_step_each(acme: Merchant) -> None:
    statement = with_alike_lines(acme, "the_fee_is_another")
    items = items_of(acme, statement, "missing_here")
    assert "Also for the 2 other open lines of this kind" in text_of(
        page(acme, f"lines/{items[0].pk}/", role="operator")
    )
    first = proposed(acme, items[0], alike="on")
    assert states(acme, statement) == ["proposed"] * 3
    assert "3 alike: Accept" in text_of(page(acme, f"{statement}/?tab=exceptions", role="admin"))
    offered = page(acme, f"proposals/{first}/together/", role="admin")
    assert " checked" not in offered.content.decode()
    every = together(acme, first, do="all")
    chosen = re.findall(r'value="(sx_\w+)"\s+id="choose-\w+"\s+checked', every.content.decode())
    assert len(chosen) == 3
    sure = together(acme, first, do="review", proposals=chosen, **hidden_fields(every))
    assert "Approve 3 together?" in text_of(sure)
    assert states(acme, statement) == ["proposed"] * 3
    done = together(acme, first, do="confirm", proposals=chosen, token=hidden_fields(sure)["token"], note="All seen.")
    assert "Approved: 3 together." in text_of(done)
    assert states(acme, statement) == ["approved"] * 3
    with acme.entered():
        entries = AuditEntry.objects.filter(action="statement.exception_approved")
        assert len({entry.after["exception"] for entry in entries if entry.after}) == 3
        assert len({entry.after["together"] for entry in entries if entry.after}) == 1
        assert all("admin@" in entry.actor for entry in entries)
        assert StatementItem.objects.filter(statement=statement, is_open=True).count() == 1


@pytest.fixture
def three(acme: Merchant) -> tuple[str, list[str]]:
    """A statement, and three proposals of the operator about it that are alike."""
    statement = with_alike_lines(acme, "the_fee_is_another")
    proposed(acme, items_of(acme, statement, "missing_here")[0], alike="on")
    with acme.entered():
        return statement, list(StatementException.objects.order_by("pk").values_list("pk", flat=True))


def test_a_token_approves_once_and_only_what_it_was_made_for(acme: Merchant, three: tuple[str, list[str]]) -> None:
    statement, ids = three
    for _ in range(2):
        again = together(acme, ids[0], do="confirm", proposals=ids[:2], token="a" * 32)
        assert "Approved: 2 together." in text_of(again)
    other = together(acme, ids[0], do="confirm", proposals=ids[2:], token="a" * 32)
    assert "This form was used already" in text_of(other)
    assert states(acme, statement) == ["approved", "approved", "proposed"]
    with acme.entered():
        assert AuditEntry.objects.filter(action="statement.exception_approved").count() == 2


@pytest.mark.parametrize("token", ["", "short", "A" * 32])
def test_without_a_token_nothing_is_approved(acme: Merchant, three: tuple[str, list[str]], token: str) -> None:
    statement, ids = three
    assert "one-time token" in text_of(together(acme, ids[0], do="confirm", proposals=ids, token=token))
    assert states(acme, statement) == ["proposed"] * 3


def test_nobody_approves_his_own_among_many(acme: Merchant, three: tuple[str, list[str]]) -> None:
    statement, ids = three
    item = item_of(acme, statement, "fee_differs")
    own = proposed(acme, item, role="admin")
    refused = together(acme, ids[0], do="confirm", proposals=[*ids, own], token="b" * 32)
    assert "You proposed one of them" in text_of(refused)
    assert states(acme, statement) == ["proposed"] * 4
    assert "Nothing to approve" in text_of(page(acme, f"proposals/{own}/together/", role="admin"))


def test_what_is_not_alike_is_not_approved_together(acme: Merchant, three: tuple[str, list[str]]) -> None:
    statement, ids = three
    other = proposed(acme, item_of(acme, statement, "fee_differs"), reason="Another reason.")
    refused = together(acme, ids[0], do="confirm", proposals=[*ids, other], token="c" * 32)
    assert "Only proposals of one kind" in text_of(refused)
    assert states(acme, statement) == ["proposed"] * 4


def test_when_one_was_decided_meanwhile_none_is_approved(acme: Merchant, three: tuple[str, list[str]]) -> None:
    statement, ids = three
    act(acme, f"proposals/{ids[1]}/decide/", role="owner", do="reject")
    refused = together(acme, ids[0], do="confirm", proposals=ids, token="d" * 32)
    assert "rejected already" in text_of(refused)
    assert states(acme, statement) == ["proposed", "rejected", "proposed"]


def test_choosing_nothing_is_said(acme: Merchant, three: tuple[str, list[str]]) -> None:
    _, ids = three
    asked = together(acme, ids[0], do="review", token="e" * 32)
    assert asked.status_code == 422
    assert "Choose at least one of them." in text_of(asked)


def test_an_operator_approves_neither_one_nor_many(acme: Merchant, three: tuple[str, list[str]]) -> None:
    statement, ids = three
    assert together(acme, ids[0], role="operator", do="confirm", proposals=ids, token="f" * 32).status_code == 403
    assert states(acme, statement) == ["proposed"] * 3


def test_settlements_are_not_approved_in_bulk(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "money_went_to_the_bank"), "settlement")
    act(acme, f"lines/{item.pk}/settle/", reason="Bank statement.")
    proposal = proposal_about(acme, item)
    refused = together(acme, proposal, do="confirm", proposals=[proposal], token="a" * 32)
    assert "Settlements are booked one by one." in text_of(refused)
    with acme.entered():
        assert not LedgerEntry.objects.filter(account="settled").exists()

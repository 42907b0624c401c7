"""What one person cannot hide, and what a certificate says of everything that is not simply in agreement."""

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payments.errors import InvalidState
from payments.models import LedgerEntry, Payment, Statement, StatementException, StatementItem
from payments.statements import certificate, deciding, exceptions
from payments.statements.closing import StillOpen, close
from payments.statements.importing import Period
from payments.statements.layout import UNPROVEN_MTN, Layout
from payments.statements.linking import link_line
from tests.payments.statements.books import DAY, LUSAKA, PERIOD, Books, Written, account_of, imported, now
from tests.payments.statements.test_closing import MARY, PETER, accept_all, closed, settle
from tests.world import Merchant

OPERATOR = "user:9 operator"
NO_FEES: Layout = replace(UNPROVEN_MTN.layout, fee="")
REFERENCES_OF_NOBODY = {"provider_reference": "9009009", "our_reference": "nobody-knows"}


def certified(statement: Statement) -> dict[str, Any]:
    return dict(json.loads(close(statement_id=statement.pk, livemode=False, actor="user:2 peter").certificate))


def line_item(statement: Statement) -> StatementItem:
    return StatementItem.objects.get(statement=statement, line__isnull=False)


def linked(statement: Statement, payment: Payment) -> StatementItem:
    """The only line, after the operator said which payment it is."""
    link_line(item_id=line_item(statement).pk, livemode=False, payment=payment.pk, actor=OPERATOR)
    return line_item(statement)


def accepted(item: StatementItem) -> StatementException:
    proposed = exceptions.propose(item_id=item.pk, livemode=False, action="accept", reason="Seen.", person=MARY)
    return deciding.decide(exception_id=proposed.pk, livemode=False, approve=True, person=PETER)


# --- what differs does so on whatever day -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("booked", "said"), [(-20, 5), (86_420, 86_395)], ids=["booked the day before", "booked the day after"]
)
def test_a_wrong_fee_around_midnight_is_a_wrong_fee(acme: Merchant, booked: int, said: int) -> None:
    with acme.entered():
        books = Books(account_of())
        line = books.line_of[books.add(at=DAY + timedelta(seconds=booked)).pk]
        books.insert()
        item = line_item(imported([line.but(at=DAY + timedelta(seconds=said), fee=Decimal("20.00"))]))
        assert (item.finding, item.is_open) == ("fee_differs", True)


def test_a_strangers_payout_is_not_explained_by_an_old_one_of_the_same_amount(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        old = books.add(kind="payout", at=DAY - timedelta(days=60), phone="260961111111")
        books.insert()
        stolen = books.line_of[old.pk].but(at=DAY + timedelta(hours=3), phone="260977777777", **REFERENCES_OF_NOBODY)
        item = linked(imported([stolen]), old)
        assert (item.finding, item.is_open) == ("phone_differs", True)


# --- what one person says ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days_ago", [0, 60])
def test_a_link_that_no_reference_backs_needs_two_people(acme: Merchant, days_ago: int) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add(kind="payout", at=DAY + timedelta(hours=1) - timedelta(days=days_ago))
        books.insert()
        line = books.line_of[payment.pk].but(at=DAY + timedelta(hours=3), phone="", **REFERENCES_OF_NOBODY)
        statement = imported([line])
        item = linked(statement, payment)
        assert (item.finding, item.link, item.is_open) == ("linked_by_hand", "manual", True)
        with pytest.raises(StillOpen):
            close(statement_id=statement.pk, livemode=False, actor="user:2 peter")
        accepted(item)
        assert not line_item(statement).is_open


def test_a_link_that_a_reference_backs_is_one_persons_work(acme: Merchant) -> None:
    """The merchant gave a payout and a refund one name; a person says which of them it is."""
    with acme.entered():
        books = Books(account_of())
        same: dict[str, Any] = {"amount": Decimal("70.00"), "phone": "260966000777"}
        original = books.add(**same)
        payout = books.add(kind="payout", reference="till-9", **same)
        books.add(kind="refund", reference="till-9", original=original, **same)
        books.insert()
        line = books.line_of[payout.pk].but(our_reference="till-9", provider_reference="9009009")
        statement = imported([line])
        assert line_item(statement).finding == "ambiguous"
        item = linked(statement, payout)
        assert (item.finding, item.link, item.is_open) == ("agrees", "manual", False)


def test_a_link_against_one_of_the_references_needs_two_people(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        first, second = (books.add(amount=Decimal("70.00"), phone="260966000777") for _ in range(2))
        books.insert()
        line = replace(books.line_of[first.pk], provider_reference=books.line_of[second.pk].provider_reference)
        statement = imported([line])
        assert line_item(statement).finding == "references_disagree"
        assert (linked(statement, first).finding, line_item(statement).is_open) == ("linked_by_hand", True)


def test_a_fee_that_a_person_gave_to_a_payment_needs_two_people(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        books.insert()
        stray = Written(DAY + timedelta(hours=6), "9000002", "", "", Decimal("-1.50"), fee=Decimal(0), type="Fee")
        statement = imported([stray])
        item = linked(statement, payment)
        assert (item.finding, item.is_open) == ("linked_by_hand", True)


def test_a_settlement_cannot_be_called_a_payment(acme: Merchant) -> None:
    """It would stand for a payment that no line of the statement is about."""
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        books.insert()
        bank = Written(DAY + timedelta(hours=20), "9000011", "", "", Decimal(-500), fee=Decimal(0), type="Settlement")
        statement = imported([bank])
        with pytest.raises(InvalidState, match="A settlement is no payment"):
            linked(statement, payment)
        assert StatementItem.objects.get(statement=statement, payment=payment).finding == "missing_there"


def test_a_certificate_names_whoever_linked_a_line(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add(kind="payout")
        books.insert()
        line = books.line_of[payment.pk].but(phone="", at=DAY + timedelta(hours=20), **REFERENCES_OF_NOBODY)
        statement = imported([line])
        before = now()
        accepted(linked(statement, payment))
        said = certified(statement)
    assert "agrees" not in said["matching"]
    (link,) = said["linked_by_hand"]["lines"]
    assert said["linked_by_hand"]["count"] == 1
    assert (link["line"], link["payment"], link["linked_by"]) == (2, payment.pk, OPERATOR)
    assert link["finding"] == "linked_by_hand"
    assert link["linked_at"] >= before.strftime("%Y-%m-%dT%H:%M:%S")


def test_a_link_that_was_changed_is_of_the_day_of_the_change(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        books.insert()
        statement = imported([books.line_of[payment.pk].but(**REFERENCES_OF_NOBODY)])
        item = line_item(statement)
        link_line(item_id=item.pk, livemode=False, payment="", actor="user:8 earlier")
        assert item.line
        first = item.line.link.linked_at
        accepted(linked(statement, payment))
        (link,) = certified(statement)["linked_by_hand"]["lines"]
    assert link["linked_by"] == OPERATOR
    assert link["linked_at"] > certificate.timestamp(first)


def test_what_two_people_agreed_about_one_payment_is_not_said_of_another(acme: Merchant) -> None:
    """They accept that the phone of one payment differs; then one of them links the line to another one."""
    with acme.entered():
        books = Books(account_of())
        first, second = (books.add(kind="payout", amount=Decimal("70.00")) for _ in range(2))
        books.insert()
        line = books.line_of[first.pk].but(phone="260977000000", our_reference="", provider_reference="9009001")
        statement = imported([line])
        approved = accepted(linked(statement, first))
        assert not line_item(statement).is_open
        item = linked(statement, second)
        approved.refresh_from_db()
        assert (item.payment_id, item.finding, item.is_open) == (second.pk, "phone_differs", True)
        assert (approved.payment_id, approved.state) == (first.pk, "overtaken")


# --- the equation is the ledger's -------------------------------------------------------------------------------------
def corrected(books: Books, payment: Payment, amount: str) -> None:
    """A posting that no payment explains."""
    for account, sign in (("provider_balance", 1), ("collected", -1)):
        books.entries.append(
            LedgerEntry(
                posting=f"{payment.pk}:correction", livemode=False, provider="mtn", currency="ZMW", account=account,
                provider_account_id=books.account.pk, amount=Decimal(amount) * sign, object_id=payment.pk,
                created_at=DAY + timedelta(hours=9),
            )
        )  # fmt: skip


def test_what_only_the_ledger_knows_stays_unexplained_and_needs_two_people(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        corrected(books, payment, "7.00")
        books.insert()
        statement = imported([books.line_of[payment.pk]])
        rest = StatementItem.objects.get(statement=statement, finding="ledger_rest")
        assert (rest.theirs, rest.ours, rest.is_open) == (0, 7, True)
        with pytest.raises(StillOpen):
            close(statement_id=statement.pk, livemode=False, actor="user:2 peter")
        accepted(rest)
        said = certified(statement)
    equation = said["equation"]
    assert (equation["difference"], equation["explained"], equation["unexplained"]) == ("-7.00", "0.00", "-7.00")
    assert equation["ours"] == said["ledger"]["balance_change"]
    assert [one["finding"] for one in said["exceptions"]] == ["ledger_rest"]


def test_a_ledger_that_moves_during_the_close_keeps_the_period_open(
    acme: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        books.insert()
        statement = imported([books.line_of[payment.pk]])
        late = Books(account_of())
        corrected(late, payment, "7.00")
        write = certificate.write

        def write_after_a_posting(*arguments: Any, **named: Any) -> dict[str, Any]:
            LedgerEntry.objects.bulk_create(late.entries)
            return write(*arguments, **named)

        monkeypatch.setattr(certificate, "write", write_after_a_posting)
        with pytest.raises(InvalidState, match="Our ledger moved in this period just now"):
            close(statement_id=statement.pk, livemode=False, actor="user:2 peter")
        assert Statement.objects.get(pk=statement.pk).state == "open"


def test_a_settlement_counts_in_the_statement_that_it_was_booked_from(acme: Merchant) -> None:
    """Yesterday's is approved today: it is in yesterday's equation and not in today's, and both add up."""
    with acme.entered():
        today = now().astimezone(LUSAKA).replace(hour=0, minute=0, second=0, microsecond=0)
        bank = Written(today - timedelta(hours=3), "8008", "", "", Decimal(-500), fee=Decimal(0), type="Settlement")
        yesterday = imported([bank], period=Period(today - timedelta(days=1), today))
        settle(line_item(yesterday))
        books = Books(account_of())
        payment = books.add(at=today + timedelta(seconds=1))
        books.insert()
        line = books.line_of[payment.pk].but(at=today + timedelta(seconds=2))
        both = [certified(each) for each in (yesterday, imported([line], period=Period(today, now())))]
    assert [said["equation"]["unexplained"] for said in both] == ["0.00", "0.00"]
    assert both[0]["equation"]["ours"] == "-500.00"
    assert both[1]["equation"]["ours"] == f"{payment.amount - Decimal('1.50'):.2f}"
    assert all(said["equation"]["ours"] == said["ledger"]["balance_change"] for said in both)


# --- what was not read ------------------------------------------------------------------------------------------------
def test_without_a_column_for_the_fee_nothing_agrees_on_fees(acme: Merchant) -> None:
    """We book none, the network takes 1.50 of each, and whoever maps leaves the column out."""
    with acme.entered():
        books = Books(account_of())
        payments = [books.add(fee=Decimal(0)) for _ in range(3)]
        books.insert()
        lines = [books.line_of[each.pk].but(fee=Decimal("1.50")) for each in payments]
        said = certified(imported(lines, layout=NO_FEES))
    assert set(said["matching"]) == {"fee_not_stated"}
    assert said["fees"] == {"column": None, "lines_without_a_stated_fee": 3}
    assert said["layout"]["columns_not_mapped"] == ["Fee"]


def test_a_stated_fee_is_not_counted_as_missing(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        payment = books.add()
        books.insert()
        said = certified(imported([books.line_of[payment.pk]]))
    assert set(said["matching"]) == {"agrees"}
    assert said["fees"] == {"column": "Fee", "lines_without_a_stated_fee": 0}
    assert said["layout"]["columns_not_mapped"] == []


def test_an_empty_cell_states_no_fee(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        silent, other = books.add(fee=Decimal(0)), books.add()
        books.insert()
        lines = [books.line_of[silent.pk].but(fee=None), books.line_of[other.pk]]
        said = certified(imported(lines))
    assert {finding: sums["count"] for finding, sums in said["matching"].items()} == {"agrees": 1, "fee_not_stated": 1}
    assert said["fees"] == {"column": "Fee", "lines_without_a_stated_fee": 1}


def test_an_empty_cell_does_not_agree_with_a_fee_that_we_booked(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        line = books.line_of[books.add().pk]
        books.insert()
        assert line_item(imported([line.but(fee=None)])).finding == "fee_differs"


# --- days that nobody certified ---------------------------------------------------------------------------------------
def test_a_day_between_two_closed_periods_is_in_the_certificate(acme: Merchant) -> None:
    """The 10th and the 12th are closed; what our books moved on the 11th is counted beside them."""
    with acme.entered():
        books = Books(account_of())
        first, lost, last = (books.add(at=DAY + timedelta(days=day, hours=5)) for day in range(3))
        books.insert()
        tenth = certified(imported([books.line_of[first.pk]]))
        twelfth = Period(DAY + timedelta(days=2), DAY + timedelta(days=3))
        said = certified(imported([books.line_of[last.pk]], period=twelfth))
    assert tenth["gaps"] == []
    assert said["gaps"] == [
        {
            "from": certificate.timestamp(PERIOD.end),
            "until": certificate.timestamp(twelfth.start),
            "balance_lines": 2,
            "balance_change": f"{lost.amount - Decimal('1.50'):.2f}",
        }
    ]


def test_a_period_that_is_closed_out_of_turn_shows_the_gap_after_it(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        first, last = (books.add(at=DAY + timedelta(days=day, hours=5)) for day in (0, 2))
        books.insert()
        twelfth = Period(DAY + timedelta(days=2), DAY + timedelta(days=3))
        later = certified(imported([books.line_of[last.pk]], period=twelfth))
        earlier = certified(imported([books.line_of[first.pk]]))
    assert [(gap["from"], gap["balance_lines"]) for gap in later["gaps"]] == [(None, 2)]
    assert [(gap["from"], gap["until"]) for gap in earlier["gaps"]] == [
        (certificate.timestamp(PERIOD.end), certificate.timestamp(twelfth.start))
    ]


def test_periods_side_by_side_leave_no_gap(acme: Merchant) -> None:
    with acme.entered():
        books = Books(account_of())
        first, second = (books.add(at=DAY + timedelta(days=day, hours=5)) for day in range(2))
        books.insert()
        closed(imported([books.line_of[first.pk]]))
        eleventh = imported([books.line_of[second.pk]], period=Period(PERIOD.end, PERIOD.end + timedelta(days=1)))
        accept_all(eleventh)
        assert certified(eleventh)["gaps"] == []

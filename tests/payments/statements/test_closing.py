"""Closed is closed: what the database itself refuses, and how later news shows in the next period."""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from payments import ledger
from payments.errors import InvalidState, Refusal
from payments.models import LedgerEntry, Statement, StatementException, StatementItem, StatementLine, StatementLink
from payments.people import Person
from payments.statements import deciding, exceptions
from payments.statements.closing import StillOpen, close
from payments.statements.importing import Period, discard
from payments.statements.matching import rematch
from tests.payments.statements.books import DAY, PERIOD, Books, Written, account_of, csv_of, imported, now
from tests.payments.statements.test_discrepancies import found_in, statement_with
from tests.world import Merchant

NEXT = Period(DAY + timedelta(days=1), DAY + timedelta(days=2))
MARY, PETER = Person(user_id=1, actor="user:1 mary"), Person(user_id=2, actor="user:2 peter")


def accept_all(statement: Statement) -> None:
    for item in StatementItem.objects.filter(statement=statement, is_open=True):
        proposed = exceptions.propose(
            item_id=item.pk, livemode=False, action="accept", reason="Asked; it is so.", person=MARY
        )
        deciding.decide(exception_id=proposed.pk, livemode=False, approve=True, person=PETER)


def closed(statement: Statement) -> Statement:
    accept_all(statement)
    return close(statement_id=statement.pk, livemode=False, actor="user:2 peter")


def settle(item: StatementItem) -> None:
    """Proposed and approved by two people."""
    proposed = exceptions.propose(item_id=item.pk, livemode=False, action="settle", reason="Seen.", person=MARY)
    deciding.decide(exception_id=proposed.pk, livemode=False, approve=True, person=PETER)


def refused_by_database(sql: str, statement_or_exception: str) -> str:
    with connection.cursor() as cursor, pytest.raises(IntegrityError) as caught, transaction.atomic():
        cursor.execute(sql, [statement_or_exception])
    return str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_statement SET certificate = 'other' WHERE id = %s",
        "UPDATE payments_statement SET state = 'open' WHERE id = %s",
        "DELETE FROM payments_statement WHERE id = %s",
        "UPDATE payments_statementitem SET ours = 0 WHERE statement_id = %s",
        "DELETE FROM payments_statementitem WHERE statement_id = %s",
        "UPDATE payments_statementline SET amount = 1 WHERE statement_id = %s",
        "DELETE FROM payments_statementline WHERE statement_id = %s",
        "UPDATE payments_statementexception SET reason = 'x' WHERE statement_id = %s",
        """INSERT INTO payments_statementlink (line_id, linked_by)
           SELECT id, 'eve' FROM payments_statementline WHERE statement_id = %s LIMIT 1""",
    ],
)
def test_the_database_keeps_a_closed_period_as_it_was(acme: Merchant, sql: str) -> None:
    with acme.entered():
        statement, _ = statement_with(["the_fee_is_another"], right_lines=2)
        closed(statement)
        assert "a closed period never changes" in refused_by_database(sql, statement.pk)


def test_lines_never_change_even_before_the_close(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with([], right_lines=2)
        assert "what the provider wrote never changes" in refused_by_database(
            "UPDATE payments_statementline SET amount = 1 WHERE statement_id = %s", statement.pk
        )


def test_the_database_wants_two_people(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["the_fee_is_another"], right_lines=1)
        item = StatementItem.objects.get(statement=statement, is_open=True)
        proposed = exceptions.propose(item_id=item.pk, livemode=False, action="accept", reason="So.", person=MARY)
        assert "statement_exception_second_person" in refused_by_database(
            "UPDATE payments_statementexception SET state = 'approved', decided_by_user = 1 WHERE id = %s", proposed.pk
        )
        with pytest.raises(InvalidState, match="somebody else"):
            deciding.decide(exception_id=proposed.pk, livemode=False, approve=True, person=MARY)


def test_the_database_keeps_periods_apart(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with([], right_lines=2)
        other = Written(PERIOD.end - timedelta(minutes=1), "1", "", "", Decimal(5))
        with pytest.raises(Refusal, match="overlaps"):
            imported([other], period=Period(PERIOD.end - timedelta(hours=1), PERIOD.end + timedelta(hours=1)))
        imported([other.but(provider_reference="2")], period=Period(PERIOD.end, PERIOD.end + timedelta(hours=1)))
        assert Statement.objects.filter(state="open").count() == 2
        assert statement.pk


def test_open_lines_keep_a_period_open(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["a_line_of_nobody"], right_lines=2)
        with pytest.raises(StillOpen, match="1 lines"):
            close(statement_id=statement.pk, livemode=False, actor="user:2 peter")


def test_a_period_that_is_not_over_stays_open(acme: Merchant) -> None:
    with acme.entered():
        moment = now()
        stray = Written(moment, "1", "", "", Decimal(5))
        statement = imported([stray], period=Period(moment - timedelta(hours=1), moment + timedelta(hours=1)))
        with pytest.raises(InvalidState, match="not over"):
            close(statement_id=statement.pk, livemode=False, actor="user:2 peter")


def test_a_difference_that_changed_needs_both_people_again(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["we_hold_it_as_unknown"], right_lines=2)
        accept_all(statement)
        assert not StatementItem.objects.filter(statement=statement, is_open=True).exists()
        item = StatementItem.objects.get(statement=statement, finding="open_here")
        StatementLink.objects.create(line=statement.lines.get(pk=item.line_id), payment=None, linked_by="user:1 mary")
        rematch(statement_id=statement.pk, livemode=False)
        assert StatementException.objects.get(statement=statement).state == "overtaken"
        assert StatementItem.objects.get(pk=item.pk).is_open


def test_a_settlement_is_posted_balanced_and_once(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["money_went_to_the_bank"], right_lines=2)
        item = StatementItem.objects.get(statement=statement, finding="settlement")
        settle(item)
        with pytest.raises(InvalidState):
            settle(item)
        entries = LedgerEntry.objects.filter(posting=f"{item.line_id}:settled")
        assert sum(entry.amount for entry in entries) == 0
        assert {entry.object_id for entry in entries} == {statement.pk}
        assert StatementItem.objects.get(pk=item.pk).difference == 0
        with pytest.raises(InvalidState, match="so the statement stays"):
            discard(statement_id=statement.pk, livemode=False, actor="user:1 mary")


def test_the_database_takes_no_settlement_that_nobody_approved(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["money_went_to_the_bank"], right_lines=2)
        line = StatementItem.objects.select_related("line").get(statement=statement, finding="settlement").line
        assert line
        ledger.post_settlement(line, statement)
        with connection.cursor() as cursor, pytest.raises(IntegrityError, match="nobody approved the settlement"):
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_discarded_statement_can_come_again(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(["the_fee_is_another"], right_lines=2)
        accept_all(statement)
        content = bytes(Statement.objects.get(pk=statement.pk).file)
        discard(statement_id=statement.pk, livemode=False, actor="user:1 mary")
        assert not StatementLine.objects.exists()
        assert content.startswith(csv_of([])[:20])


def test_the_same_books_certify_the_same_sums(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with(
            ["the_fee_is_another", "a_line_of_nobody", "booked_the_day_after"], right_lines=20
        )
        said = json.loads(closed(statement).certificate)
    assert said["statement"]["sha256"] == statement.sha256
    equation = said["equation"]
    assert Decimal(equation["theirs"]) - Decimal(equation["ours"]) == Decimal(equation["explained"])
    assert equation["unexplained"] == "0.00"
    assert sum(sums["count"] for sums in said["matching"].values()) == statement.line_count
    assert said["ledger"]["balance_change"] == equation["ours"]


def test_a_late_success_of_a_closed_period_is_an_adjustment_in_the_next(acme: Merchant) -> None:
    """The statement said paid while we did not know; the period was closed over it; then the provider's word came."""
    with acme.entered():
        books = Books(account_of())
        unknown = books.add(status="unknown")
        line = books.line_of[unknown.pk]
        books.insert()
        first = closed(imported([line]))
        certificate = first.certificate
        books = Books(account_of(), _count=50)
        usual = books.line_of[books.add(at=NEXT.start + timedelta(hours=2)).pk]
        books.insert()
        succeed(unknown.pk, at=NEXT.start + timedelta(hours=1))
        second = imported([usual], period=NEXT)
        item = StatementItem.objects.get(statement=second, payment_id=unknown.pk)
        assert (item.finding, item.tab, item.elsewhere) == ("after_close", "late", first.pk)
        assert Statement.objects.get(pk=first.pk).certificate == certificate
        said = json.loads(closed(second).certificate)
    assert [one["payment"] for one in said["adjustments"]] == [unknown.pk]


def test_what_came_into_a_closed_period_unseen_needs_people_in_the_next(acme: Merchant) -> None:
    with acme.entered():
        first, _ = statement_with([], right_lines=2)
        closed(first)
        books = Books(account_of(), _count=50)
        slow = books.add(at=DAY + timedelta(hours=3))
        usual = books.line_of[books.add(at=NEXT.start + timedelta(hours=2)).pk]
        books.insert()
        second = imported([usual], period=NEXT)
        assert found_in(second)[slow.pk] == ["unseen_after_close"]
        with pytest.raises(StillOpen):
            close(statement_id=second.pk, livemode=False, actor="user:2 peter")
        closed(second)
        third = Period(NEXT.end, NEXT.end + timedelta(days=1))
        stray = Written(third.start + timedelta(hours=1), "1", "", "", Decimal(5))
        assert slow.pk not in found_in(imported([stray], period=third))


def succeed(payment_id: str, *, at: datetime) -> None:
    """The provider's late word, at that moment, as the engine would have written it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payments_ledgerentry (id, posting, livemode, provider, provider_account_id, account, amount,
                                                 currency, object_id, description, created_at)
               SELECT 'le_' || left(md5(p.id || l.account), 26), p.id || ':succeeded', p.livemode, p.provider,
                      t.account_id, l.account, l.sign * p.amount, p.currency, p.id, '', %s
                 FROM payments_payment p JOIN payments_transaction t ON t.payment_id = p.id
                CROSS JOIN (VALUES ('provider_balance', 1), ('collected', -1)) AS l (account, sign)
                WHERE p.id = %s""",
            [at, payment_id],
        )
        cursor.execute(
            """UPDATE payments_payment SET status = 'succeeded', version = version + 1, completed_at = %s
                WHERE id = %s""",
            [at, payment_id],
        )


@pytest.mark.parametrize("reference", ["SETTLE-1", ""])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_settlement_that_stands_in_two_statements_is_booked_from_one(
    acme: Merchant, reference: str, order: tuple[int, int]
) -> None:
    line = Written(
        at=DAY + timedelta(hours=5), provider_reference=reference, our_reference="BANK-7", phone="",
        amount=Decimal("-500.00"), fee=Decimal(0), type="Settlement",
    )  # fmt: skip
    periods = (Period(DAY - timedelta(days=1), DAY), PERIOD)
    with acme.entered():
        for number in order:
            stranger = line.but(type="Collection", provider_reference=f"X{number}", amount=Decimal("5.00"))
            at = line.at - timedelta(days=1 - number) if reference else line.at
            statement = imported([line.but(at=at), stranger], period=periods[number])
            for item in StatementItem.objects.filter(statement=statement, line__kind="settlement"):
                with suppress(InvalidState):
                    settle(item)
        assert LedgerEntry.objects.filter(account="settled").count() == 1

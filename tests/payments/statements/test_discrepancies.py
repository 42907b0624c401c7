"""Bar R16: every kind of discrepancy is found and called by its name, and nothing else is."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from payments.models import LedgerEntry, Statement, StatementItem
from payments.statements.importing import Period
from payments.statements.matching import rematch
from tests.payments.statements.books import DAY, PERIOD, Books, account_of, imported
from tests.payments.statements.planting import PLANTS, Field
from tests.world import Merchant

FIELDS = ("key", "line_id", "payment_id", "link", "finding", "theirs", "ours", "difference", "is_open", "elsewhere")


def statement_with(plants: list[str], *, right_lines: int, seed: int = 1) -> tuple[Statement, dict[str, list[str]]]:
    """The books and the statement of a day with these discrepancies. Returns also what must be found."""
    books, other_mode = Books(account_of()), Books(account_of(livemode=True))
    ground = Field(books, other_mode)
    kinds = ("collection", "collection", "collection", "payout")
    right = [books.line_of[books.add(kind=kinds[number % 4]).pk] for number in range(right_lines)]
    expected: dict[str, list[str]] = defaultdict(list)
    lines = list(right)
    for name in plants:
        planted = PLANTS[name](ground)
        lines += planted.lines
        for key, findings in planted.expected.items():
            expected[key] += findings
    books.insert()
    other_mode.insert()
    random.Random(seed).shuffle(lines)
    if ground.earlier:
        imported(ground.earlier, period=Period(DAY - timedelta(days=1), DAY))
    return imported(lines), expected


def found_in(statement: Statement) -> dict[str, list[str]]:
    """Line by the provider's reference, or payment by its id → findings, the quiet ones left out."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = StatementItem.objects.filter(statement=statement).order_by("position")
    for reference, payment, finding in rows.values_list("line__provider_reference", "payment_id", "finding"):
        found[reference or payment].append(finding)
    return found


def wrong(statement: Statement, expected: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """What was found otherwise than planted, either way."""
    found = found_in(statement)
    quiet = {key: findings for key, findings in found.items() if findings != ["agrees"] or key in expected}
    keys = quiet.keys() | expected.keys()
    return {
        key: (sorted(quiet.get(key, [])), sorted(expected.get(key, [])))
        for key in keys
        if sorted(quiet.get(key, [])) != sorted(expected.get(key, []))
    }


def assert_equation(statement: Statement) -> None:
    """Their sum is that of the file, ours is that of the ledger, and each line's difference adds up to the rest."""
    sums = StatementItem.objects.filter(statement=statement).aggregate(
        theirs=Sum("theirs"), ours=Sum("ours"), difference=Sum("difference")
    )
    moved = statement.lines.filter(outcome="moved", currency=statement.currency)
    in_file = moved.aggregate(amount=Sum("amount"), fee=Sum("fee"))
    in_ledger = LedgerEntry.objects.filter(
        account="provider_balance", provider_account_id=statement.provider_account_id, currency=statement.currency,
        created_at__gte=PERIOD.start, created_at__lt=PERIOD.end,
    ).aggregate(total=Sum("amount", default=Decimal(0)))  # fmt: skip
    assert sums["theirs"] == in_file["amount"] - in_file["fee"]
    assert sums["ours"] == in_ledger["total"]
    assert sums["difference"] == sums["theirs"] - sums["ours"]


@pytest.mark.parametrize("name", PLANTS)
def test_each_kind_is_called_by_its_name(acme: Merchant, name: str) -> None:
    with acme.entered():
        statement, expected = statement_with([name], right_lines=8)
        assert wrong(statement, expected) == {}
        assert_equation(statement)


def test_a_right_statement_has_nothing_to_say(acme: Merchant) -> None:
    with acme.entered():
        statement, _ = statement_with([], right_lines=50)
        assert {finding for findings in found_in(statement).values() for finding in findings} == {"agrees"}
        assert_equation(statement)


def test_a_finding_that_nobody_planted_would_show(acme: Merchant) -> None:
    with acme.entered():
        statement, expected = statement_with(["the_fee_is_another"], right_lines=3)
        assert wrong(statement, {}) == {key: (findings, []) for key, findings in expected.items()}
        assert wrong(statement, expected | {"9999999": ["missing_here"]}) == {"9999999": ([], ["missing_here"])}


def test_all_kinds_at_once_in_two_thousand_lines(acme: Merchant) -> None:
    assert len(PLANTS) >= 20
    with acme.entered():
        statement, expected = statement_with(list(PLANTS), right_lines=2_000)
        assert wrong(statement, expected) == {}
        assert_equation(statement)


def test_ten_thousand_lines(acme: Merchant) -> None:
    """The bar itself. Comparing again changes nothing, and no query is asked per line."""
    with acme.entered():
        statement, expected = statement_with(list(PLANTS), right_lines=10_000, seed=7)
        assert wrong(statement, expected) == {}
        assert_equation(statement)
        before = list(StatementItem.objects.filter(statement=statement).order_by("key").values(*FIELDS))
        with CaptureQueriesContext(connection) as queries:
            rematch(statement_id=statement.pk, livemode=False)
        after = list(StatementItem.objects.filter(statement=statement).order_by("key").values(*FIELDS))
    assert before == after
    assert len(queries) < 40

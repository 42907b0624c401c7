"""A payment's status is changed by payments/transitions.py alone, along the edges of one table.

The rule for code: outside that file nothing assigns to an attribute `status`, by statement or setattr, unless the
object is a response, a request or `self` in a class that is no model; nothing passes `status=` to an update; no SQL
string sets it. Making a row (`Payment(status=…)`, INSERT) is no change and is allowed.
"""

import ast
import re
from collections.abc import Iterator
from itertools import product as pairs
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from payments.ledger import post_success
from payments.models import Payment, Transaction
from payments.states import FINAL, TRANSITIONS, IllegalTransition, Status, check_transition
from tests.architecture.sources import called_name, nodes, place, product, strings, within
from tests.world import Merchant

WRITER = "payments/transitions.py"
# Makes up rows of the past and inserts them in their last state; it updates none.
MAKES_UP_ROWS = "payments/demo/history.py"
NO_PAYMENT = {"self", "response", "request", "answer", "reply"}
WRITING_CALLS = {"update", "update_or_create", "bulk_update"}
SQL_WRITE = re.compile(r"(?is)\bSET\b(?:(?!\bWHERE\b|\bFROM\b).)*?(?<![\w.])status\s*=")


def assigned(node: ast.AST) -> Iterator[ast.Attribute]:
    """Attributes that a statement assigns to, also inside `a.x, b.y = …`."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        yield from (
            part for part in ast.walk(target) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)
        )


def writes_status(node: ast.AST) -> bool:
    if any(target.attr == "status" and called_name(target.value) not in NO_PAYMENT for target in assigned(node)):
        return True
    if not isinstance(node, ast.Call):
        return False
    if called_name(node) == "setattr":
        return any(isinstance(argument, ast.Constant) and argument.value == "status" for argument in node.args)
    return called_name(node) in WRITING_CALLS and any(keyword.arg == "status" for keyword in node.keywords)


def writers() -> list[tuple[Path, ast.AST]]:
    # What providers call a status is the provider's own, and they cannot import ours.
    ours = [file for file in product() if within(file) != "providers"]
    by_code = [(file, node) for file in ours for node in nodes(file) if writes_status(node)]
    return by_code + [(file, text) for file in ours for text in strings(file) if SQL_WRITE.search(str(text.value))]


def test_only_one_file_changes_a_status() -> None:
    found = [(file, node) for file, node in writers() if place(file) != MAKES_UP_ROWS]
    assert WRITER in {place(file) for file, _ in found}, "the rule no longer sees the one who may"
    assert [place(file, node) for file, node in found if place(file) != WRITER] == []


@pytest.mark.parametrize(
    "line",
    [
        "payment.status = x",
        "a, row.status = 1, x",
        "payments[0].status = x",
        "setattr(payment, 'status', x)",
        "Payment.objects.filter(pk=1).update(status=x)",
    ],
)
def test_the_rule_sees_every_way_to_write_it(line: str) -> None:
    assert any(writes_status(node) for node in ast.walk(ast.parse(line)))


@pytest.mark.parametrize(
    "sql", ["UPDATE p SET status = 'failed'", "update p set version = 2,\n status='failed' where 1"]
)
def test_the_rule_sees_sql_that_writes_it(sql: str) -> None:
    assert SQL_WRITE.search(sql)


@pytest.mark.parametrize("line", ["response.status = 1", "x = payment.status", "Payment(status=x)", "f(status=x)"])
def test_the_rule_lets_everything_else_be(line: str) -> None:
    assert not any(writes_status(node) for node in ast.walk(ast.parse(line)))


class TestTable:
    def test_every_status_can_be_reached(self) -> None:
        reached = {Status.PENDING}
        while further := {after for before, after in TRANSITIONS if before in reached} - reached:
            reached |= further
        assert reached == set(Status)

    def test_what_is_final_stays_so_but_for_money_that_came_late(self) -> None:
        assert [edge for edge in TRANSITIONS if edge[0] in FINAL] == [(Status.FAILED, Status.SUCCEEDED)]

    def test_from_everything_that_is_not_final_there_is_a_way_to_an_end(self) -> None:
        for status in set(Status) - FINAL:
            assert {after for before, after in TRANSITIONS if before == status} & FINAL

    def test_every_edge_has_a_reason_and_leads_elsewhere(self) -> None:
        assert all(reason.endswith(".") and len(reason) > 20 for reason in TRANSITIONS.values())
        assert all(before != after for before, after in TRANSITIONS)

    def test_money_that_moved_stays_moved(self) -> None:
        assert not any(before == Status.SUCCEEDED for before, _ in TRANSITIONS)

    def test_an_edge_that_is_not_there_is_refused_by_name(self) -> None:
        with pytest.raises(IllegalTransition, match="from succeeded to failed"):
            check_transition(Status.SUCCEEDED, Status.FAILED)


@pytest.mark.parametrize(("before", "after"), list(pairs(Status, Status)))
def test_the_databases_guard_has_exactly_the_edges_of_the_table(acme: Merchant, before: Status, after: Status) -> None:
    with acme.entered():
        payment = existing(before)
        allowed = update_succeeds(payment, after)
        assert Payment.objects.get(pk=payment.pk).status == (after if allowed else before)
    assert allowed == (before == after or (before, after) in TRANSITIONS)


def existing(status: Status) -> Payment:
    now = timezone.now()
    payment = Payment.objects.create(
        livemode=False, amount=1, currency="ZMW", provider="mtn", created_by="test", status=status,
        phone="260966000123",
        failure_code="unspecified" if status == Status.FAILED else "",
        completed_at=now if status in FINAL else None, created_at=now, updated_at=now,
    )  # fmt: skip
    Transaction.objects.create(payment=payment, number=1, provider="mtn", account_id="pa_1", reference=payment.id)
    return payment


def update_succeeds(payment: Payment, after: Status) -> bool:
    """A raw UPDATE that is right in everything else, so that only the edge can be what is refused."""
    refused = f"a payment cannot go from {payment.status} to {after}"
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(
                    """UPDATE payments_payment SET status = %s, version = version + 1, failure_code = %s,
                              completed_at = CASE WHEN %s THEN now() END WHERE id = %s""",
                    [after, "unspecified" if after == Status.FAILED else "", after in FINAL, payment.pk],
                )
                if after == Status.SUCCEEDED and payment.status != after:
                    post_success(
                        payment, payment.transactions.get()
                    )  # or the commit would be refused, for another reason
        except IntegrityError as error:
            if refused not in str(error):
                raise
            return False
    return True

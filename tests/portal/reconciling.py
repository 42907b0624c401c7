"""Reconcile as people do it: a file goes in through the pages, lines are proposed about and decided."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from payments.models import StatementException, StatementItem
from payments.statements.layout import UNPROVEN_MTN
from portal.mapping_form import mapping_of
from tests.payments.statements.books import DAY, Books, Written, account_of, csv_of
from tests.payments.statements.planting import PLANTS, Field
from tests.portal.pages import path
from tests.world import Merchant

EMPTY = (DAY + timedelta(hours=3), "777", "x", "260966000001", Decimal("5.00"))
DAYS = {"first_day": "2026-03-10", "last_day": "2026-03-10"}


def lines_with(merchant: Merchant, *plants: str, right: int = 4) -> list[Written]:
    """The books of a day and the lines of its statement, with these discrepancies."""
    with merchant.entered():
        books = Books(account_of())
        ground = Field(books, Books(account_of(livemode=True)))
        lines = [books.line_of[books.add().pk] for _ in range(right)]
        lines += [line for name in plants for line in PLANTS[name](ground).lines]
        books.insert()
    return lines


def upload(
    merchant: Merchant, content: bytes, *, role: str = "operator", name: str = "march.csv", mode: str = "test"
) -> Any:
    with merchant.entered():
        account = account_of().pk
    form = {"account": account, "file": SimpleUploadedFile(name, content)}
    return merchant.browser(role).post(path(merchant, "reconcile/new/", mode=mode), form)


def mapped(merchant: Merchant, statement_id: str, *, do: str = "import", **changes: str) -> Any:
    form = {**mapping_of(UNPROVEN_MTN.layout, name=UNPROVEN_MTN.name), **DAYS, "do": do, **changes}
    return merchant.browser("operator").post(path(merchant, f"reconcile/{statement_id}/map/"), form)


def imported(merchant: Merchant, *plants: str, right: int = 4) -> str:
    """The id of a statement with these discrepancies, brought in through the pages."""
    response = upload(merchant, csv_of(lines_with(merchant, *plants, right=right)))
    statement_id = re.search(r"st_\w+", response["Location"])
    assert statement_id
    assert mapped(merchant, statement_id[0])["Location"] == path(merchant, f"reconcile/{statement_id[0]}/")
    return statement_id[0]


def page(merchant: Merchant, rest: str, *, role: str = "viewer", **headers: str) -> Any:
    return merchant.browser(role).get(path(merchant, f"reconcile/{rest}"), headers=headers)


def act(merchant: Merchant, rest: str, *, role: str = "operator", **form: str) -> Any:
    return merchant.browser(role).post(path(merchant, f"reconcile/{rest}"), form, follow=True)


def item_of(merchant: Merchant, statement_id: str, finding: str) -> StatementItem:
    with merchant.entered():
        return StatementItem.objects.select_related("line", "payment").get(statement=statement_id, finding=finding)


def explain(merchant: Merchant, statement_id: str) -> None:
    """Whatever is open is proposed by an operator and approved by the owner."""
    with merchant.entered():
        still_open = list(
            StatementItem.objects.filter(statement=statement_id, is_open=True).values_list("pk", flat=True)
        )
    for item in still_open:
        act(merchant, f"lines/{item}/propose/", action="accept", reason="Known to the provider, ticket 42.")
    owner = page(merchant, f"{statement_id}/?tab=exceptions", role="owner").content.decode()
    for proposal in set(re.findall(r"proposals/(sx_\w+)/decide", owner)):
        act(merchant, f"proposals/{proposal}/decide/", role="owner", do="approve", note="Checked.")


def proposed(merchant: Merchant, item: StatementItem, *, role: str = "operator", **form: str) -> str:
    """The id of a proposal about the line, made through its page."""
    act(merchant, f"lines/{item.pk}/propose/", role=role, **{"action": "accept", "reason": "Ticket 42.", **form})
    return proposal_about(merchant, item)


def proposal_about(merchant: Merchant, item: StatementItem) -> str:
    with merchant.entered():
        return str(StatementException.objects.get(statement_id=item.statement_id, key=item.key).pk)

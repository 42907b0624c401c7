"""Statements of another merchant and of the other mode are not there, whatever is asked of them; uploads race."""

from typing import Any

import pytest

from payments.models import AuditEntry, Statement, StatementException, StatementItem, StatementLink
from tests.api.conftest import together
from tests.payments.statements.books import csv_of
from tests.portal.pages import path
from tests.portal.reconciling import act, imported, item_of, lines_with, proposed, upload
from tests.world import Merchant

READ = [
    "{statement}/", "{statement}/close/", "{statement}/discard/", "{statement}/?tab=exceptions", "{uploaded}/map/",
    "lines/{item}/", "proposals/{proposal}/together/",
]  # fmt: skip
WRITE: dict[str, dict[str, Any]] = {
    "{uploaded}/map/": {"do": "import"},
    "{uploaded}/discard/": {},
    "{statement}/compare/": {},
    "{statement}/close/": {},
    "lines/{item}/link/": {"do": "none"},
    "lines/{item}/unlink/": {},
    "lines/{item}/ask/": {},
    "lines/{item}/propose/": {"action": "accept", "reason": "Mine now."},
    "lines/{settlement}/settle/": {"reason": "Mine now."},
    "proposals/{proposal}/decide/": {"do": "approve"},
    "proposals/{proposal}/together/": {"do": "confirm", "token": "a" * 32},
}


@pytest.fixture
def known(acme: Merchant) -> dict[str, str]:
    """The ids of Acme's test mode: an open statement, its lines, a proposal, and a file that is not mapped yet."""
    statement = imported(acme, "a_line_of_nobody", "money_went_to_the_bank", "we_hold_it_as_unknown")
    item = item_of(acme, statement, "missing_here")
    uploaded = upload(acme, b"Date,Amount,Reference\n2026-03-12,5.00,1\n")["Location"].split("/")[-3]
    return {
        "statement": statement, "item": item.pk, "proposal": proposed(acme, item), "uploaded": uploaded,
        "settlement": item_of(acme, statement, "settlement").pk,
    }  # fmt: skip


def rows(merchant: Merchant) -> list[Any]:
    """Everything that could have been changed."""
    with merchant.entered():
        return [
            list(Statement.objects.order_by("pk").values("pk", "state", "matched_at")),
            list(StatementException.objects.order_by("pk").values("pk", "state")),
            list(StatementItem.objects.order_by("pk").values("pk", "finding", "is_open")),
            StatementLink.objects.count(),
            AuditEntry.objects.count(),
        ]


@pytest.mark.parametrize("rest", READ)
def test_what_is_not_yours_is_not_there_to_read(
    acme: Merchant, globex: Merchant, known: dict[str, str], rest: str
) -> None:
    address = f"reconcile/{rest.format(**known)}"
    assert acme.browser().get(path(acme, address)).status_code == 200
    assert acme.browser().get(path(acme, address, mode="live")).status_code == 404
    for mode in ("test", "live"):
        assert globex.browser().get(path(globex, address, mode=mode)).status_code == 404
        assert globex.browser().get(path(acme, address, mode=mode)).status_code == 404


@pytest.mark.parametrize("rest", WRITE)
def test_what_is_not_yours_is_not_there_to_change(
    acme: Merchant, globex: Merchant, known: dict[str, str], rest: str
) -> None:
    form = WRITE[rest] | ({"proposals": [known["proposal"]]} if "together" in rest else {})
    address, before = f"reconcile/{rest.format(**known)}", rows(acme)
    assert acme.browser().post(path(acme, address, mode="live"), form).status_code == 404
    for mode in ("test", "live"):
        assert globex.browser().post(path(globex, address, mode=mode), form).status_code == 404
        assert globex.browser().post(path(acme, address, mode=mode), form).status_code == 404
    assert rows(acme) == before


def test_a_proposal_of_another_statement_is_not_approved_along_with_yours(
    acme: Merchant, globex: Merchant, known: dict[str, str]
) -> None:
    own = proposed(globex, item_of(globex, imported(globex, "a_line_of_nobody"), "missing_here"))
    form = {"do": "confirm", "token": "b" * 32, "proposals": [own, known["proposal"]]}
    mixed = globex.browser("admin").post(path(globex, f"reconcile/proposals/{own}/together/"), form)
    assert mixed.status_code == 404
    for merchant in (acme, globex):
        with merchant.entered():
            assert StatementException.objects.get().state == "proposed"


def test_the_certificate_of_another_merchant_or_mode_is_not_there(acme: Merchant, globex: Merchant) -> None:
    statement = imported(acme)
    act(acme, f"{statement}/close/", role="owner")
    for rest in (f"reconcile/{statement}/certificate/", f"reconcile/{statement}/certificate.json"):
        assert acme.browser("viewer").get(path(acme, rest)).status_code == 200
        assert acme.browser().get(path(acme, rest, mode="live")).status_code == 404
        assert globex.browser().get(path(globex, rest)).status_code == 404
        assert globex.browser().get(path(acme, rest)).status_code == 404


def test_a_payment_of_the_other_mode_cannot_be_linked(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_line_of_nobody"), "missing_here")
    live = acme.pay(key=acme.live_key).json()["id"]
    refused = acme.browser("operator").post(path(acme, f"reconcile/lines/{item.pk}/link/"), {"payment": live})
    assert refused.status_code == 422
    with acme.entered():
        assert not StatementLink.objects.exists()


def test_a_file_goes_to_an_account_of_this_mode_only(acme: Merchant) -> None:
    content = csv_of(lines_with(acme))
    assert upload(acme, content, mode="live").status_code == 422
    with acme.entered():
        assert not Statement.objects.exists()


def test_the_same_file_uploaded_many_times_at_once_is_kept_once(committed: Merchant) -> None:
    content = csv_of(lines_with(committed))
    answers = together(6, lambda number: upload(committed, content, name=f"{number}.csv"))
    assert sorted(answer.status_code for answer in answers) == [302] + [409] * 5
    with committed.entered():
        kept = Statement.objects.get()
        assert AuditEntry.objects.filter(action="statement.uploaded").count() == 1
    assert all(kept.pk in answer.content.decode() for answer in answers if answer.status_code == 409)

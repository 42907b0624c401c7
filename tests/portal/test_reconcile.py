"""Reconcile in the browser's terms: a file goes in, people work on it, a certificate comes out."""

import hashlib
import json
import re

import pytest
from django.test import override_settings

from payments.models import AuditEntry, Statement, StatementItem, StatementLine
from payments.statements.findings import FINDINGS
from payments.statements.layout import UNPROVEN_MTN
from payments.statements.reading import DELIMITERS, LARGEST_BYTES, find_delimiter
from tenants.models import Job
from tests.payments.statements.books import Written, csv_of
from tests.payments.statements.planting import PLANTS
from tests.portal.pages import HTMX, path, text_of
from tests.portal.reconciling import EMPTY, act, explain, imported, item_of, lines_with, mapped, page, upload
from tests.world import Merchant


def test_nothing_yet_says_what_to_do(acme: Merchant) -> None:
    assert "No statements yet" in text_of(page(acme, ""))
    assert "reconcile/new/" not in page(acme, "").content.decode()
    assert "reconcile/new/" in page(acme, "", role="operator").content.decode()


def test_a_statement_that_is_right_closes_without_a_word(acme: Merchant) -> None:
    statement = imported(acme)
    words = text_of(page(acme, f"{statement}/"))
    assert "Difference K 0.00" in words
    assert "Every line is explained." in words
    done = act(acme, f"{statement}/close/", role="owner")
    assert "Certificate for 10 Mar 2026" in text_of(done)


def test_the_equation_stands_on_top_and_the_work_comes_first(acme: Merchant) -> None:
    words = text_of(page(acme, f"{imported(acme, 'the_amount_is_higher')}/"))
    assert "Difference +K 10.00" in words
    assert "Still open +K 10.00" in words
    assert "1 line needs a person." in words
    assert "Same reference, other amount." in words


def test_the_same_file_twice_leads_to_the_first_import(acme: Merchant) -> None:
    content = csv_of(lines_with(acme))
    first = re.search(r"st_\w+", upload(acme, content)["Location"])
    assert first
    second = upload(acme, content, name="again.csv")
    assert second.status_code == 409
    assert "This very file was uploaded before." in text_of(second)
    assert f"reconcile/{first[0]}/" in second.content.decode()
    with acme.entered():
        assert Statement.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04rest", "Save it as CSV"),
        (b"one column\n1\n2\n", "single column"),
        (b"a,b\n", "no lines below a heading"),
        (b'a,b\n"1,2\n', "Line 2"),
        (b"a,b\n\0,2\n", "no text"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_in_words(acme: Merchant, content: bytes, words: str) -> None:
    response = upload(acme, content)
    assert response.status_code == 422
    assert words in text_of(response)


def test_a_file_that_is_too_large_is_not_even_kept(acme: Merchant) -> None:
    response = upload(acme, b"a,b\n" + b"1,2\n" * (LARGEST_BYTES // 4 + 1))
    assert response.status_code == 422
    assert "larger than 8 MB" in text_of(response)


def test_bad_lines_are_named_and_nothing_is_half_imported(acme: Merchant) -> None:
    lines = lines_with(acme)
    content = csv_of([*lines, lines[0].but(type="Mystery"), lines[1].but(status="MAYBE")])
    statement = re.search(r"st_\w+", upload(acme, content)["Location"])
    assert statement
    response = mapped(acme, statement[0])
    assert response.status_code == 422
    assert "2 lines cannot be read" in text_of(response)
    assert "Line 6 “Mystery” is no type that the mapping knows." in text_of(response)
    assert "Line 7 “MAYBE” is no status that the mapping knows." in text_of(response)
    with acme.entered():
        assert not StatementLine.objects.exists()


def test_the_preview_shows_the_first_lines_and_proposes_the_period(acme: Merchant) -> None:
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines_with(acme)))["Location"])
    assert statement
    shown = page(acme, f"{statement[0]}/map/", role="operator")
    assert "Unproven layout." in text_of(shown)
    assert "The first lines of 4" in text_of(shown)
    assert shown.content.decode().count('value="2026-03-10"') == 2
    with acme.entered():
        assert not StatementLine.objects.exists()


def test_a_mapping_without_a_reference_is_refused(acme: Merchant) -> None:
    statement = re.search(r"st_\w+", upload(acme, csv_of(lines_with(acme)))["Location"])
    assert statement
    response = mapped(acme, statement[0], provider_reference="", our_reference="")
    assert response.status_code == 422
    assert "without any nothing can be matched" in text_of(response)


def test_a_mapping_is_offered_with_the_next_file(acme: Merchant) -> None:
    first = re.search(r"st_\w+", upload(acme, csv_of(lines_with(acme)))["Location"])
    assert first
    mapped(acme, first[0], layout_name="Our bank's export", phone="")
    second = re.search(r"st_\w+", upload(acme, csv_of([Written(*EMPTY)]))["Location"])
    assert second
    assert "Our bank's export" in text_of(page(acme, f"{second[0]}/map/", role="operator"))


def test_periods_of_one_account_do_not_overlap(acme: Merchant) -> None:
    imported(acme)
    second = re.search(r"st_\w+", upload(acme, csv_of([Written(*EMPTY)]))["Location"])
    assert second
    response = mapped(acme, second[0])
    assert response.status_code == 422
    assert "The period overlaps that of another statement" in text_of(response)


def test_a_suggestion_is_linked_only_by_a_person(acme: Merchant) -> None:
    statement = imported(acme, "no_reference_but_amount_phone_and_time")
    item = item_of(acme, statement, "suggested")
    shown = page(acme, f"lines/{item.pk}/", role="operator")
    assert "Nothing is linked unless you say so." in text_of(shown)
    act(acme, f"lines/{item.pk}/link/", payment=str(item.payment_id))
    with acme.entered():
        now = StatementItem.objects.get(pk=item.pk)
        assert (now.finding, now.link, now.is_open) == ("linked_by_hand", "manual", True)
        assert AuditEntry.objects.filter(action="statement.linked", actor__contains="operator").exists()
    act(acme, f"lines/{item.pk}/unlink/")
    with acme.entered():
        assert StatementItem.objects.get(pk=item.pk).finding == "suggested"


def test_a_suggestion_can_be_refused(acme: Merchant) -> None:
    statement = imported(acme, "no_reference_but_amount_phone_and_time")
    item = item_of(acme, statement, "suggested")
    act(acme, f"lines/{item.pk}/link/", do="none")
    assert item_of(acme, statement, "missing_here").pk == item.pk
    assert item_of(acme, statement, "missing_there").payment_id == item.payment_id


def test_a_link_to_nothing_says_so(acme: Merchant) -> None:
    item = item_of(acme, imported(acme, "a_line_of_nobody"), "missing_here")
    response = acme.browser("operator").post(path(acme, f"reconcile/lines/{item.pk}/link/"), {"payment": "pay_0nope"})
    assert response.status_code == 422
    assert "is called “pay_0nope”" in text_of(response)


def test_nobody_approves_what_he_proposed(acme: Merchant) -> None:
    statement = imported(acme, "a_line_of_nobody")
    item = item_of(acme, statement, "missing_here")
    act(acme, f"lines/{item.pk}/propose/", role="owner", action="write_off", reason="Lost.")
    owner = page(acme, f"{statement}/?tab=exceptions", role="owner")
    proposal = re.search(r"sx_\w+", owner.content.decode())
    assert proposal
    assert "somebody else has to approve it" in text_of(owner)
    refused = act(acme, f"proposals/{proposal[0]}/decide/", role="owner", do="approve")
    assert "somebody else has to approve it" in text_of(refused)
    assert item_of(acme, statement, "missing_here").is_open
    act(acme, f"proposals/{proposal[0]}/decide/", role="admin", do="approve")
    assert not item_of(acme, statement, "missing_here").is_open


def test_a_period_with_open_lines_does_not_close(acme: Merchant) -> None:
    statement = imported(acme, "the_fee_is_another")
    assert "1 line still open" in text_of(page(acme, f"{statement}/close/", role="owner"))
    assert "1 lines are still open" in text_of(act(acme, f"{statement}/close/", role="owner"))
    assert page(acme, f"{statement}/certificate/").status_code == 404


def test_the_certificate_is_what_was_hashed_and_names_everybody(acme: Merchant) -> None:
    statement = imported(acme, "the_fee_is_another", "a_line_of_nobody", "booked_the_day_before")
    explain(acme, statement)
    shown = act(acme, f"{statement}/close/", role="owner")
    assert "Certificate for 10 Mar 2026" in text_of(shown)
    assert UNPROVEN_MTN.name in text_of(shown)
    file = page(acme, f"{statement}/certificate.json")
    assert hashlib.sha256(file.content).hexdigest() in shown.content.decode()
    said = json.loads(file.content)
    assert json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == file.content
    assert said["equation"]["unexplained"] == "0.00"
    assert said["layout"]["proven"] is False
    assert {one["finding"] for one in said["exceptions"]} == {"fee_differs", "missing_here"}
    assert all("operator@" in one["proposed_by"] and "owner@" in one["approved_by"] for one in said["exceptions"])
    assert said["ledger"]["head_position"] > 0
    assert "attachment" in file["Content-Disposition"]


def test_after_the_close_every_action_is_refused(acme: Merchant) -> None:
    statement = imported(acme)
    act(acme, f"{statement}/close/", role="owner")
    for rest in (f"{statement}/compare/", f"{statement}/close/", f"{statement}/discard/"):
        assert "closed" in text_of(act(acme, rest, role="owner"))
    with acme.entered():
        assert Statement.objects.get(pk=statement).state == "closed"


@pytest.mark.parametrize("plant", ["we_hold_it_as_unknown", "we_hold_it_as_failed"])
def test_what_the_statement_calls_paid_is_asked_about_and_not_believed(acme: Merchant, plant: str) -> None:
    statement = imported(acme, plant)
    finding = {"we_hold_it_as_unknown": "open_here", "we_hold_it_as_failed": "failed_here"}[plant]
    item = item_of(acme, statement, finding)
    assert item.payment
    before = item.payment.status
    with override_settings(SETTLE_SECONDS=0):
        assert "Asked the provider" in text_of(act(acme, f"lines/{item.pk}/ask/"))
    assert acme.payment(item.payment.pk).status == before
    assert Job.objects.filter(kind="poll", subject=item.payment.pk).exists()


def test_tabs_page_and_swap_like_full_loads(acme: Merchant) -> None:
    statement = imported(acme, right=60)
    first, rest = page(acme, f"{statement}/?tab=matched"), page(acme, f"{statement}/?tab=matched&cursor=25", **HTMX)
    shown = re.findall(r'id="pair-(\w+)"', first.content.decode()) + re.findall(
        r'id="pair-(\w+)"', rest.content.decode()
    )
    assert len(set(shown)) == 50
    full = page(acme, f"{statement}/?tab=matched&cursor=25").content.decode()
    assert rest.content.decode().strip() in full


def test_every_finding_has_a_page_that_says_what_it_means(acme: Merchant) -> None:
    statement = imported(acme, *PLANTS)
    with acme.entered():
        items = dict(StatementItem.objects.filter(statement=statement).values_list("finding", "pk"))
    assert len(items) > 20
    for finding, item in items.items():
        shown = page(acme, f"lines/{item}/", role="operator")
        assert shown.status_code == 200, finding
        assert FINDINGS[finding].meaning in text_of(shown)


def test_a_viewer_reads_and_does_nothing(acme: Merchant) -> None:
    statement = imported(acme, "the_fee_is_another")
    item = item_of(acme, statement, "fee_differs")
    assert "Accept or write off" not in text_of(page(acme, f"lines/{item.pk}/"))
    assert "Close the period" not in text_of(page(acme, f"{statement}/"))
    refused = acme.browser("viewer").post(path(acme, f"reconcile/lines/{item.pk}/propose/"), {"action": "accept"})
    assert refused.status_code == 403
    with acme.entered():
        assert AuditEntry.objects.filter(action="reconciliation.work", result="denied").exists()


def test_the_demo_has_a_sample_to_try_with(acme: Merchant) -> None:
    assert "Download a sample statement" in text_of(page(acme, "new/", role="operator"))
    sample = page(acme, "sample/", role="operator")
    assert sample.content.startswith(b"Date,Financial Transaction Id")
    assert b"SAMPLE-0001" in sample.content
    with override_settings(DEMO=False):
        assert page(acme, "sample/", role="operator").status_code == 404
        assert "sample statement" not in text_of(page(acme, "new/", role="operator"))


def test_a_file_that_no_delimiter_splits_better_than_another_is_read_at_once() -> None:
    assert find_delimiter("\",'a;" * 8_000 + "\n" + "\",'a;" * 8_000) in DELIMITERS


@pytest.mark.parametrize("page", ["ledger/?until=9999-12-31", "audit/?until=9999-12-31",
                                  "developers/inbox/?until=9999-12-31", "payments/?created_to=9999-12-31"])  # fmt: skip
def test_the_last_day_of_all_time_is_a_day_like_any_other(acme: Merchant, page: str) -> None:
    assert acme.browser().get(path(acme, page)).status_code == 200

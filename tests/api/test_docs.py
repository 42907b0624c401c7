"""The documentation: every page there, signed out, under the strict policy, and nothing in it made up."""

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from api.docs.failure_catalogue import ADVICE, catalogue
from api.docs.guides import GUIDES
from api.docs.reference import operations
from api.docs.sandbox import refund_numbers, sandbox_numbers
from api.problems import CODES
from payments.failures import FAILURES
from payments.kinds import PaymentKind
from providers.base import Kind, Operation
from providers.mtn.reasons import REASONS_OF
from providers.mtn.wire import read_transaction
from tests.world import run_jobs

PAGES = [
    "/docs/",
    "/docs/reference",
    "/docs/errors",
    "/docs/failures/",
    *(f"/docs/guides/{guide.slug}" for guide in GUIDES),
    *(f"/docs/reference/{operation.slug}" for operation in operations()),
    *(f"/docs/errors/{code}" for code in CODES),
    *(f"/docs/failures/{code}/" for code in FAILURES),
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_for_everyone_and_links_only_to_what_exists(db, path):
    answer = Client().get(path)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    links = set(re.findall(r'href="(/docs[^"#]*)"', text))
    assert links <= set(PAGES)
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", text)


@pytest.mark.parametrize(
    "path",
    [
        "/docs/nothing",
        "/docs/errors/nothing",
        "/docs/guides/nothing",
        "/docs/reference/nothing",
        "/docs/failures/nothing/",
    ],
)
def test_other_pages_are_not_there(db, path):
    assert Client().get(path).status_code == 404


def test_a_problem_links_to_its_page(acme):
    url = acme.pay(amount="x").json()["type"]
    assert url == "http://127.0.0.1:8000/docs/errors/validation_failed"
    assert Client().get(url.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_the_page_of_an_error_says_what_to_do_about_it(db):
    text = Client().get("/docs/errors/rate_limited").content.decode()
    assert CODES["rate_limited"].title in text
    assert "Retry-After" in text


def test_commands_name_this_installation_and_only_it(db):
    for path in PAGES:
        text = Client().get(path).content.decode()
        assert set(re.findall(r"curl[^\n]*?(https?://[^/\s]+)", text)) <= {"http://127.0.0.1:8000"}


def test_every_field_of_a_new_payment_is_explained(db):
    text = Client().get("/docs/reference/create-payment").content.decode()
    for field in ("amount", "currency", "phone", "provider", "reference", "description", "metadata", "Idempotency-Key"):
        assert f"<code>{field}</code>" in text


def test_every_failure_code_is_in_the_catalogue_with_who_acts_and_what_leads_to_it(db):
    text = Client().get("/docs/failures/").content.decode()
    assert all(f"<code>{code}</code>" in text for code in FAILURES)
    assert ADVICE.keys() == FAILURES.keys()
    text = Client().get("/docs/failures/merchant_funds_insufficient/").content.decode()
    assert "<code>NOT_ENOUGH_FUNDS</code>" in text
    assert "Top up your wallet" in text


def test_an_address_of_the_catalogue_without_its_last_slash_leads_there(db):
    answer = Client().get("/docs/failures/payer_declined")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/docs/failures/payer_declined/")


@pytest.mark.parametrize("operation", Operation)
def test_the_catalogue_names_every_word_that_mtn_fails_with_under_the_code_it_gets(operation):
    kind = next(kind for kind in PaymentKind if kind.operation == operation)
    for word in REASONS_OF[operation]:
        outcome = read_transaction({"status": "FAILED", "reason": word}, operation)
        named = {
            entry.code
            for entry in catalogue()
            for cause in entry.causes
            if cause.word == word and kind.object_name in cause.objects
        }
        assert named == ({outcome.code} if outcome.kind == Kind.FAILED else set())


@pytest.mark.parametrize(("code", "is_likely"), [("provider_error", True), ("payer_declined", False)])
def test_what_is_only_likely_is_called_so(db, code, is_likely):
    text = Client().get(f"/docs/failures/{code}/").content.decode()
    assert ("<b>Likely</b>" in text) is is_likely


def test_a_catch_all_is_never_called_safe_to_retry():
    causes = [cause for entry in catalogue() for cause in entry.causes if cause.word == "INTERNAL_PROCESSING_ERROR"]
    assert causes
    assert all(cause.is_likely and not cause.retry_safe for cause in causes)


def test_commands_run_one_after_the_other_without_a_key_used_twice(db):
    pages = [html.unescape(Client().get(path).content.decode()) for path in PAGES]
    assert not any("uuidgen" in text for text in pages)
    commands = {
        found for text in pages for found in re.findall(r"<pre[^>]*><code>(curl -X POST.*?)</code>", text, re.S)
    }
    commands.add((settings.BASE_DIR / "README.md").read_text())
    keys = [key for command in commands for key in re.findall(r'Idempotency-Key: ([^"]+)"', command)]
    assert "order-1001" in keys
    assert len(keys) >= 6
    assert len(set(keys)) == len(keys)


def ending(numbers, status):
    return [number for number in numbers if number.status == status][:3]


@pytest.mark.parametrize("number", ending(sandbox_numbers("collection"), "failed"))
def test_payments_from_sandbox_numbers_end_as_the_guide_says(acme, mtn, number):
    payment_id = acme.pay(phone=number.ours).json()["id"]
    run_jobs(rounds=4)
    payment = acme.payment(payment_id)
    assert (payment.status, payment.failure_code) == (number.status, number.code)


@pytest.mark.parametrize("number", sandbox_numbers("transfer"))
def test_payouts_to_sandbox_numbers_end_as_the_guide_says(acme, mtn, number):
    payout_id = acme.pay_out(phone=number.ours).json()["id"]
    run_jobs(rounds=4)
    payout = acme.payment(payout_id)
    assert (payout.status, payout.failure_code) == (number.status, number.code)


@pytest.mark.parametrize("number", refund_numbers())
def test_refunds_to_sandbox_numbers_end_as_the_guide_says(acme, mtn, number):
    payment_id = acme.pay(phone=number.ours).json()["id"]
    run_jobs(rounds=3)
    refund_id = acme.refund(payment_id).json()["id"]
    run_jobs(rounds=4)
    refund = acme.payment(refund_id)
    assert (refund.status, refund.failure_code) == (number.status, number.code)


def test_every_icon_is_drawn(db):
    drawn = set(re.findall(r'id="([\w-]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    used = {icon for path in PAGES for icon in re.findall(r"icons\.svg#([\w-]+)", Client().get(path).content.decode())}
    assert used <= drawn

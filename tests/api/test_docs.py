"""The documentation: every page there, signed out, under the strict policy, and nothing in it made up."""

import ast
import html
import inspect
import re

import pytest
from django.conf import settings
from django.test import Client

from api.docs.failure_catalogue import ADVICE, catalogue
from api.docs.guides import GUIDES
from api.docs.reference import operations
from api.docs.sandbox import refund_numbers, sandbox_numbers
from api.problems import CODES
from payments.errors import Refusal
from payments.failures import FAILURES
from payments.kinds import PaymentKind
from providers.base import Kind, Operation, Provider
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
        simulator = {settings.PROVIDER_BASE_URLS["mtn"]} if path == "/docs/guides/outages" else set()
        assert set(re.findall(r"curl[^\n]*?(https?://[^/\s]+)", text)) <= {"http://127.0.0.1:8000", *simulator}


ADD_A_PROVIDER = "/docs/guides/add-a-provider"


def test_the_guide_for_a_new_provider_explains_every_member_of_the_port(db):
    text = Client().get(ADD_A_PROVIDER).content.decode()
    members = {*inspect.get_annotations(Provider)} | {
        name for name, member in vars(Provider).items() if inspect.isfunction(member) and not name.startswith("_")
    }
    assert {"send", "lookup", "settle_seconds"} <= members
    explained = "".join(re.findall(r"<dt>(.*?)</dt>", text, re.DOTALL))
    assert [name for name in sorted(members) if f"<code>{name}</code>" not in explained] == []


def test_the_guide_for_a_new_provider_names_only_files_that_exist(db):
    text = Client().get(ADD_A_PROVIDER).content.decode()
    files = set(re.findall(r"<code>([\w./-]+/[\w.-]+\.\w+)</code>", text))
    assert {"providers/registry.py", "payments/models/access.py"} <= files
    assert [name for name in sorted(files) if not (settings.BASE_DIR / name).is_file()] == []


def test_the_guide_for_engineers_is_not_offered_to_callers_on_the_first_page(db):
    main = Client().get("/docs/").content.decode().partition("<main")[2]
    assert "/docs/guides/testing" in main
    assert ADD_A_PROVIDER not in main


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
    commands = {found for text in pages for found in re.findall(r"<pre[^>]*><code>(.*?)</code>", text, re.S)}
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


# CONTRACT.md, sections 3 and 4: what was promised, written down once more.
PROMISED_ERRORS = {
    "invalid_api_key", "insufficient_scope", "ip_not_allowed", "merchant_suspended", "not_found",
    "idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused", "idempotency_in_progress",
    "validation_failed", "duplicate_reference", "invalid_state", "rate_limited", "provider_unavailable", "no_route",
    "internal",
}  # fmt: skip
PROMISED_FAILURES = {
    "payer_not_found", "payer_barred", "insufficient_funds", "limit_reached", "payer_declined", "payer_timeout",
    "wrong_pin", "amount_out_of_range", "currency_not_supported", "merchant_funds_insufficient",
    "credentials_rejected", "provider_rejected", "provider_error", "unspecified",
}  # fmt: skip


def codes_in(folder, *callers):
    """Every code that is written out in a call of these names (by its place, or as `code=`) in a folder's files."""
    found = set()
    for path in (settings.BASE_DIR / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in callers:
                values = [*node.args[:3], *(word.value for word in node.keywords if word.arg == "code")]
                found |= {value.value for value in values if isinstance(value, ast.Constant)}
    return {code for code in found if isinstance(code, str) and re.fullmatch("[a-z]+(_[a-z]+)*", code)}


def all_refusals(kind=Refusal):
    return {kind.code}.union(*(all_refusals(each) for each in kind.__subclasses__()))


def test_every_error_that_the_code_can_answer_is_in_the_catalogue():
    assert all_refusals() | codes_in("api", "Problem", "deny") <= CODES.keys()
    assert CODES.keys() >= PROMISED_ERRORS


def test_every_failure_that_the_code_can_give_is_in_the_catalogue():
    given = codes_in("payments", "FailureFacts", "Outcome") | codes_in(
        "providers", "Outcome", "failed", "refused", "misconfigured"
    )
    assert {"provider_error", "credentials_rejected", "payer_declined"} <= given
    assert given <= FAILURES.keys() == PROMISED_FAILURES


@pytest.mark.parametrize("path", [path for path in PAGES if re.match("/docs/(errors|failures)/.", path)])
def test_every_code_says_what_it_means_who_acts_and_whether_a_retry_is_safe(db, path):
    text = Client().get(path).content.decode()
    for term in ("What it means", "Who can act", "Safe to retry", "What to do"):
        assert re.search(rf"<dt>{term}</dt>\s*<dd>\s*(<code>)?\w", text), term


@pytest.mark.parametrize("code", [code for code, about in CODES.items() if about.retry == "waited"])
def test_an_error_that_asks_to_wait_comes_with_retry_after_wherever_it_is_described(db, code):
    described = [
        answer["headers"]
        for path in Client().get("/v1/openapi.json").json()["paths"].values()
        for call in path.values()
        for answer in call["responses"].values()
        if code in answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
    ]
    assert described
    assert all("Retry-After" in headers for headers in described)
    guide = Client().get("/docs/guides/rate-limits").content.decode()
    assert f"<code>{code}</code>" in guide


def test_a_conflict_that_waiting_does_not_solve_promises_no_retry_after(acme, paid):
    described = Client().get("/v1/openapi.json").json()["paths"]["/v1/payments/{payment_id}/cancel"]["post"]
    assert "Retry-After" not in described["responses"]["409"]["headers"]
    answer = acme.api("POST", f"/v1/payments/{paid['id']}/cancel")
    assert (answer.status_code, "Retry-After" in answer.headers) == (409, False)

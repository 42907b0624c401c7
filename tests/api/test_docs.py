"""The documentation: every page there, signed out, under the strict policy, and nothing in it made up."""

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from api.docs.guides import GUIDES
from api.docs.reference import operations
from api.docs.sandbox import sandbox_numbers
from api.problems import CODES
from payments.failures import FAILURES
from tests.world import run_jobs

PAGES = [
    "/docs/",
    "/docs/reference",
    "/docs/errors",
    *(f"/docs/guides/{guide.slug}" for guide in GUIDES),
    *(f"/docs/reference/{operation.slug}" for operation in operations()),
    *(f"/docs/errors/{code}" for code in CODES),
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
    "path", ["/docs/nothing", "/docs/errors/nothing", "/docs/guides/nothing", "/docs/reference/nothing"]
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


def test_every_failure_code_is_explained(db):
    text = Client().get("/docs/guides/statuses").content.decode()
    assert all(f"<code>{code}</code>" in text for code in FAILURES)


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


@pytest.mark.parametrize("number", [number for number in sandbox_numbers() if number.status == "failed"][:3])
def test_sandbox_numbers_end_as_the_guide_says(acme, mtn, number):
    payment_id = acme.pay(phone=number.ours).json()["id"]
    run_jobs(rounds=4)
    payment = acme.payment(payment_id)
    assert (payment.status, payment.failure_code) == (number.status, number.code)


def test_every_icon_is_drawn(db):
    drawn = set(re.findall(r'id="([\w-]+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
    used = {icon for path in PAGES for icon in re.findall(r"icons\.svg#([\w-]+)", Client().get(path).content.decode())}
    assert used <= drawn

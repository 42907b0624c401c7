"""Alice (acme) acts; Charlie (globex) tries everything with what is hers, gets 404 or 401, and learns nothing."""

import re

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.world import run_jobs

CANARY = "CANARY-7f3a"


@pytest.fixture
def secret_payment(acme, mtn):
    """A payment of Alice's whose every free text is a canary."""
    payment = acme.pay(reference=f"{CANARY}-ref", description=f"{CANARY} text", metadata={CANARY: CANARY}).json()
    run_jobs(rounds=3)
    return payment


def routes(patterns=None, prefix=""):
    """Every address of the product as `(name, pattern with <parameters>)`."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            yield entry.name or "", path


def filled(path, merchant, payment):
    """The address with Alice's slug and ids in place of its parameters."""
    values = {
        "slug": merchant.slug, "mode": "test", "merchant": merchant.tenant.public_id,
        "object_id": payment["id"], "payment_id": payment["id"],
    }  # fmt: skip
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: values.get(match[1], "x"), path).lstrip("^").rstrip("$")


def pages_of_a_merchant():
    return [path for _, path in routes() if path.startswith("m/<slug:slug>")]


def operations_on_a_payment():
    return ["", "/cancel", "/check", "/timeline"]


@pytest.mark.parametrize("path", pages_of_a_merchant())
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_of_another_merchant_is_not_found(acme, globex, secret_payment, path, method):
    answer = getattr(globex.browser(), method)(filled(path, acme, secret_payment))
    assert answer.status_code == 404
    assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("path", pages_of_a_merchant())
def test_every_page_sends_a_stranger_to_sign_in_and_says_nothing(acme, secret_payment, path):
    answer = Client().get(filled(path, acme, secret_payment))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("path", [path for path in pages_of_a_merchant() if "object_id" in path])
@pytest.mark.parametrize("method", ["get", "post"])
def test_alices_ids_under_charlies_own_address_are_not_found(acme, globex, secret_payment, path, method):
    own_address = filled(path, globex, secret_payment)
    answer = getattr(globex.browser(), method)(own_address)
    assert answer.status_code in {404, 405}
    assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("operation", operations_on_a_payment())
@pytest.mark.parametrize("key", ["test_key", "live_key"])
def test_alices_payment_is_not_found_with_charlies_keys(globex, secret_payment, operation, key):
    method = "POST" if operation in {"/cancel", "/check"} else "GET"
    answer = globex.api(method, f"/v1/payments/{secret_payment['id']}{operation}", key=getattr(globex, key))
    assert answer.status_code == 404
    assert CANARY not in answer.content.decode()


@pytest.mark.parametrize("operation", operations_on_a_payment())
def test_alices_test_payment_is_not_found_with_her_live_key(acme, secret_payment, operation):
    method = "POST" if operation in {"/cancel", "/check"} else "GET"
    answer = acme.api(method, f"/v1/payments/{secret_payment['id']}{operation}", key=acme.live_key)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "query", ["", f"?reference={CANARY}-ref", f"?metadata[{CANARY}]={CANARY}", "?phone=260966000123"]
)
def test_charlies_lists_never_show_alices_payments(globex, secret_payment, query):
    answer = globex.api("GET", f"/v1/payments{query}")
    assert answer.json()["data"] == []


def test_alices_key_with_charlies_merchant_id_in_it_is_refused(acme, globex):
    forged = acme.test_key.replace(acme.tenant.public_id, globex.tenant.public_id)
    assert acme.api("GET", "/v1/me", key=forged).status_code == 401


def test_the_same_idempotency_key_at_two_merchants_makes_two_payments(acme, globex, mtn):
    assert acme.pay(idempotency_key="one").json()["id"] != globex.pay(idempotency_key="one").json()["id"]

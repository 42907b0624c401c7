"""Callbacks: kept, answered at once, and nothing in them believed at the door."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from payments.callback_urls import callback_url
from payments.ids import transaction_id
from payments.models import Callback
from tenants.models import Job, Tenant
from tests.api.conftest import assert_problem

BODY = {"status": "SUCCESSFUL", "externalId": "x"}


def address(merchant, transaction=None):
    url = callback_url(provider="mtn", merchant=merchant.tenant.public_id, place=transaction or transaction_id())
    return "/hooks/" + url.split("/hooks/")[1]


def deliver(path, body=None, *, method="PUT", **headers):
    data = body if isinstance(body, bytes) else json.dumps(body or BODY).encode()
    return Client(enforce_csrf_checks=True).generic(
        method, path, data=data, content_type="application/json", headers=headers
    )


def kept(merchant):
    with merchant.entered():
        return list(Callback.objects.order_by("id"))


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_signed_message_is_kept_and_answered(acme, method):
    answer = deliver(address(acme), method=method)
    assert (answer.status_code, answer.content) == (200, b"{}")
    [callback] = kept(acme)
    assert (callback.is_signed, callback.verdict, callback.method) == (True, "received", method)
    assert Job.objects.filter(kind="callback", subject=callback.id).count() == 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_405(acme, method):
    assert deliver(address(acme), method=method).status_code == 405


def test_any_bytes_are_kept_as_they_came(acme):
    assert deliver(address(acme), b"\xff\x00 not json").status_code == 200
    assert bytes(kept(acme)[0].body) == b"\xff\x00 not json"


def test_a_message_without_our_signature_is_kept_as_rejected_and_answered_401(acme):
    path = address(acme)
    path = path[:-1] + ("0" if path[-1] != "0" else "1")
    assert_problem(deliver(path), 401, "invalid_callback_address")
    assert [callback.verdict for callback in kept(acme)] == ["rejected"]
    assert not Job.objects.filter(kind="callback").exists()


def test_the_signature_of_one_operation_does_not_open_another(acme):
    one, other = address(acme), address(acme)
    assert_problem(deliver(other.rpartition("/")[0] + "/" + one.rpartition("/")[2]), 401, "invalid_callback_address")


def test_the_signature_of_one_merchant_does_not_open_another(acme, globex):
    path = address(acme).replace(acme.tenant.public_id, globex.tenant.public_id)
    assert_problem(deliver(path), 401, "invalid_callback_address")
    assert kept(acme) == []


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/mtn/zzzzzzzz/txn_1/ab",
        "/hooks/mtn/x",
        "/hooks/mtn/%00/%00/%00",
        "/hooks/mtn/{id}",
        "/hooks/mtn/{id}/",
        "/hooks/mtn/{id}/txn_%00/aa",
        "/hooks/mtn/{id}/" + "x" * 3000,
        "/hooks/mtn/{id}/a/b/c/d",
        "/hooks/mtn/{id}/%ff/%fe",
        "/hooks/vodafone/{id}/txn_1/aa",
        "/hooks/MTN/{id}/a/b",
        "/hooks/mtn/../mtn/{id}",
    ],
)
def test_odd_addresses_are_401_and_never_500(acme, path):
    assert_problem(deliver(path.replace("{id}", acme.tenant.public_id)), 401, "invalid_callback_address")


def test_a_body_over_the_cap_is_413(acme):
    assert_problem(deliver(address(acme), b"x" * 65537), 413, "body_too_large")
    assert kept(acme) == []


def test_secrets_in_headers_are_not_kept(acme):
    deliver(address(acme), **{"Authorization": "Bearer abc", "Cookie": "a=b", "X-Api-Key": "abc", "X-Kept": "yes"})
    headers = kept(acme)[0].headers
    assert {headers["Authorization"], headers["Cookie"], headers["X-Api-Key"]} == {"[redacted]"}
    assert headers["X-Kept"] == "yes"


def test_odd_headers_are_no_500(acme):
    assert deliver(address(acme), **{"X-Odd": "\udcff\x00é" + "x" * 9000}).status_code == 200


def test_a_repeat_is_counted_and_not_kept_twice(acme):
    path = address(acme)
    deliver(path)
    deliver(path)
    assert [callback.duplicates for callback in kept(acme)] == [1]


def test_a_suspended_merchant_still_hears_what_became_of_its_money(acme):
    Tenant.objects.filter(pk=acme.tenant.pk).update(suspended_at=timezone.now())
    assert deliver(address(acme)).status_code == 200


def test_the_request_id_and_address_are_kept(acme):
    answer = deliver(address(acme))
    [callback] = kept(acme)
    assert (callback.request_id, callback.remote_ip) == (answer.headers["X-Request-ID"], "127.0.0.1")

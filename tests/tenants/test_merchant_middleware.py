"""The path decides merchant and mode, membership decides who gets in, and nothing of it outlives the request."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.urls import set_script_prefix

from tenants.models import Membership
from tenants.roles import Role
from tests.world import Merchant

NOT_THERE = "nobody"
CHANGING = re.compile(rb'(nonce=|value=|name="csrf[^>]*value=|req_)"?[\w-]+')


@pytest.fixture(autouse=True)
def addresses(db: None) -> Any:
    with override_settings(ROOT_URLCONF="tests.tenants.addresses"):
        yield
    set_script_prefix("/")


def without_what_changes(response: Any, slug: str) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Status, body and headers, without nonces, tokens, request ids and what the visitor typed."""
    body = CHANGING.sub(b"", response.content).replace(slug.encode(), b"<slug>")
    headers = [
        (name, "" if name == "X-Request-ID" else value.replace(slug, "<slug>")) for name, value in response.items()
    ]
    return response.status_code, body, sorted(headers)


@pytest.mark.parametrize("rest", ["", "test/", "live/", "live/payments/", "test/given/", "elsewhere/"])
def test_a_stranger_is_sent_to_sign_in_whether_or_not_the_merchant_exists(acme: Merchant, rest: str) -> None:
    there, not_there = (Client().get(f"/m/{slug}/{rest}") for slug in ("acme", NOT_THERE))
    assert there.headers["Location"] == f"/accounts/login/?next=/m/acme/{rest}"
    assert without_what_changes(there, "acme") == without_what_changes(not_there, NOT_THERE)


@pytest.mark.parametrize("rest", ["", "test/", "live/", "live/payments/", "test/given/", "test/explode/", "elsewhere/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_merchant_and_one_that_does_not_exist_give_the_same_404(
    acme: Merchant, globex: Merchant, rest: str, method: str
) -> None:
    for role in (Role.OWNER, Role.VIEWER):
        browser = acme.browser(role)
        foreign, not_there = (getattr(browser, method)(f"/m/{slug}/{rest}") for slug in ("globex", NOT_THERE))
        assert foreign.status_code == 404
        assert without_what_changes(foreign, "globex") == without_what_changes(not_there, NOT_THERE)


def test_a_foreign_merchants_answer_carries_nothing_of_it(acme: Merchant, globex: Merchant) -> None:
    answer = acme.browser().get("/m/globex/live/")
    assert b"globex" not in answer.content.lower()
    assert globex.tenant.public_id.encode() not in answer.content


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("mode", "livemode"), [("test", False), ("live", True)])
def test_a_member_is_given_merchant_role_and_mode(acme: Merchant, role: Role, mode: str, livemode: bool) -> None:
    answer = acme.browser(role).get(f"/m/acme/{mode}/given/").json()
    rows = [acme.tenant.public_id]
    assert answer == {"merchant": "acme", "role": role, "livemode": livemode, "rows": rows, "current": "acme"}


@pytest.mark.parametrize("path", ["/m/acme/given/", "/m/acme/lively/given/", "/m/acme/LIVE/given/"])
def test_only_the_word_live_is_live(acme: Merchant, path: str) -> None:
    assert acme.browser().get(path).json()["livemode"] is False


def test_a_person_with_two_merchants_has_each_ones_role_and_rows(acme: Merchant, globex: Merchant) -> None:
    Membership.objects.create(user=acme.users["owner"], tenant=globex.tenant, role=Role.VIEWER)
    browser = acme.browser(Role.OWNER)
    seen = [browser.get(f"/m/{slug}/test/given/").json() for slug in ("acme", "globex", "acme")]
    assert [(answer["role"], answer["rows"]) for answer in seen] == [
        ("owner", [acme.tenant.public_id]),
        ("viewer", [globex.tenant.public_id]),
        ("owner", [acme.tenant.public_id]),
    ]


def test_a_membership_that_ends_ends_at_once(acme: Merchant) -> None:
    browser = acme.browser(Role.VIEWER)
    assert browser.get("/m/acme/test/given/").status_code == 200
    Membership.objects.filter(user=acme.users["viewer"]).delete()
    assert browser.get("/m/acme/test/given/").status_code == 404


def test_somebody_who_is_switched_off_is_a_stranger(acme: Merchant) -> None:
    browser = acme.browser(Role.OWNER)
    type(acme.users["owner"]).objects.filter(pk=acme.users["owner"].pk).update(is_active=False)
    assert browser.get("/m/acme/test/given/").status_code == 302


def test_the_public_schema_is_back_after_a_request(acme: Merchant) -> None:
    acme.browser().get("/m/acme/test/given/")
    assert connection.schema_name == "public"  # type: ignore[attr-defined]


def test_the_public_schema_is_back_after_a_view_that_failed(acme: Merchant) -> None:
    browser = acme.browser()
    with pytest.raises(ZeroDivisionError):
        browser.get("/m/acme/test/explode/")
    assert connection.schema_name == "public"  # type: ignore[attr-defined]


def test_a_request_does_not_inherit_the_merchant_of_the_one_before(acme: Merchant) -> None:
    connection.set_tenant(acme.tenant)  # type: ignore[attr-defined]  # as a crashed request might have left it
    answer = Client().get("/outside/")
    assert answer.json() == {"has_merchant": False}
    assert connection.schema_name == "public"  # type: ignore[attr-defined]


def test_a_page_that_would_stream_outside_its_schema_is_refused(acme: Merchant) -> None:
    with pytest.raises(RuntimeError, match="must not stream"):
        acme.browser().get("/m/acme/test/stream/")


@pytest.mark.parametrize("path", ["/m/ACME/test/given/", "/m//test/given/", "/m/../m/globex/"])
def test_an_address_that_only_looks_like_a_merchants_opens_nothing(acme: Merchant, path: str) -> None:
    assert acme.browser().get(path).status_code in {301, 404}

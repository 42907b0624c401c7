"""Who gets in: anonymous people, members of another merchant, roles that lack a permission, each address."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern

from payments.models import AuditEntry
from portal.urls import merchant_patterns
from tenants.models import Membership
from tenants.roles import PERMISSIONS, Role
from tests.portal.pages import path, text_of
from tests.world import Merchant

PAGES = [pattern for pattern in merchant_patterns if isinstance(pattern, URLPattern)]
NAMES = [str(page.name) for page in PAGES]


def address(merchant: Merchant, page: URLPattern) -> str:
    return path(merchant, str(page.pattern).replace("<object_id:object_id>", "pay_1"))


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_asked_to_sign_in(acme: Merchant, page: URLPattern, method: str) -> None:
    response = getattr(Client(), method)(address(acme, page))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/m/acme/")


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_members_of_another_merchant_get_404(acme: Merchant, globex: Merchant, page: URLPattern, method: str) -> None:
    response = getattr(globex.browser(), method)(address(acme, page))
    assert response.status_code == 404
    assert "acme" not in response.content.decode().lower()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_page_names_the_permission_it_needs(page: URLPattern) -> None:
    assert page.callback.permission in PERMISSIONS  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_role_without_the_permission_is_told_which_and_it_is_recorded(acme: Merchant, page: URLPattern) -> None:
    permission: Any = page.callback.permission  # type: ignore[attr-defined]
    lacking = [role for role in Role if role not in PERMISSIONS[permission]]
    for role in lacking[:1]:
        response = acme.browser(role).post(address(acme, page))
        assert response.status_code == 403
        assert permission in text_of(response)
        with acme.entered():
            entry = AuditEntry.objects.filter(action=permission, result="denied").latest("position")
        assert entry.actor.endswith(f"{role}@acme.test")


def test_a_viewer_sees_no_links_to_what_is_closed(acme: Merchant) -> None:
    words = text_of(acme.browser("viewer").get(path(acme)))
    assert "API keys" not in words
    assert "Audit trail" not in words


def test_an_object_that_does_not_exist_is_a_404_in_the_merchants_frame(acme: Merchant) -> None:
    response = acme.browser().get(path(acme, "payments/pay_0nope/"))
    assert response.status_code == 404
    assert "Nothing here" in text_of(response)


def test_the_start_page_welcomes_strangers(db: None) -> None:
    words = text_of(Client().get("/"))
    assert "Sign in" in words
    assert "mobile money" in words


def test_a_person_with_one_merchant_goes_straight_in(acme: Merchant) -> None:
    assert acme.browser().get("/")["Location"] == "/m/acme/test/"


def test_a_person_with_several_merchants_chooses(acme: Merchant, globex: Merchant) -> None:
    Membership.objects.create(user=acme.users["owner"], tenant=globex.tenant, role="viewer")
    page = acme.browser().get("/")
    assert "Acme Owner" in text_of(page)
    assert "Globex Viewer" in text_of(page)
    assert 'href="/m/globex/test/"' in acme.browser().get(path(acme)).content.decode()


def test_a_person_without_merchants_is_told_what_to_do(acme: Merchant) -> None:
    client = acme.browser("viewer")
    Membership.objects.filter(user=acme.users["viewer"]).delete()
    assert "You belong to no merchant yet" in text_of(client.get("/"))


def test_an_address_without_a_mode_opens_test_mode(acme: Merchant) -> None:
    assert acme.browser().get("/m/acme/")["Location"] == "/m/acme/test/"


def test_both_modes_are_one_click_apart_on_the_same_page(acme: Merchant) -> None:
    page = acme.browser().get(path(acme, "developers/keys/")).content.decode()
    assert 'href="/m/acme/live/developers/keys/"' in page
    assert "Test mode. No real money moves." in page
    live = acme.browser().get(path(acme, "developers/keys/", mode="live")).content.decode()
    assert "live mode also talks to the simulator" in live

"""API keys: the list, a new one shown once, revoke."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments.keys import parse_key
from payments.models import ApiKey, AuditEntry
from tests.portal.pages import HTMX, path, text_of
from tests.world import Merchant

NEW = "developers/keys/new/"


def create(merchant: Merchant, role: str = "owner", **fields: Any) -> Any:
    data = {"name": "web shop", "scopes": ["payments:read"], **fields}
    return merchant.browser(role).post(path(merchant, NEW), data)


def key_of(merchant: Merchant, **fields: Any) -> ApiKey:
    with merchant.entered():
        return ApiKey.objects.get(livemode=False, **fields)


def test_no_key_yet_offers_to_make_one(acme: Merchant) -> None:
    with acme.entered():
        ApiKey.objects.all().delete()
    assert "No keys yet" in text_of(acme.browser().get(path(acme, "developers/keys/")))


def test_a_key_is_listed_by_its_ends_and_never_whole(acme: Merchant) -> None:
    page = acme.browser().get(path(acme, "developers/keys/"))
    assert f"ndl_test_…{acme.test_key[-4:]}" in text_of(page)
    assert acme.test_key not in page.content.decode()
    assert key_of(acme).sha256 not in page.content.decode()


def test_many_keys_are_sorted_into_working_and_ended(acme: Merchant) -> None:
    key = key_of(acme)
    with acme.entered():
        for number, ended in enumerate([{}, {"revoked_at": timezone.now()}, {"expires_at": timezone.now()}]):
            ApiKey.objects.create(
                livemode=False, name=f"key {number}", prefix=key.prefix, last4="abcd", sha256=str(number),
                scopes=["payments:read"], created_by="user:1 a@b.test", **ended,
            )  # fmt: skip
    words = text_of(acme.browser().get(path(acme, "developers/keys/")))
    assert "2 revoked or expired" in words
    assert words.index("key 0") < words.index("2 revoked") < words.index("key 1")


def test_a_new_key_is_shown_once_with_a_ready_command(acme: Merchant) -> None:
    page = create(acme, expires_in="30", allowed_ips="203.0.113.0/24\n198.51.100.7")
    text = page.content.decode().split('data-copy="ndl_test_')[1].split('"')[0]
    assert page.status_code == 201
    assert parse_key(f"ndl_test_{text}")
    assert f"Bearer ndl_test_{text}" in text_of(page)
    assert "no-store" in page["Cache-Control"]
    key = key_of(acme, name="web shop")
    assert key.scopes == ["payments:read"]
    assert key.allowed_ips == ["203.0.113.0/24", "198.51.100.7/32"]
    assert key.expires_at is not None
    assert key.expires_at > timezone.now() + timedelta(days=29)
    assert f"ndl_test_{text}" not in acme.browser().get(path(acme, "developers/keys/")).content.decode()


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": ""}, "This field is required."),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["everything"]}, "Select a valid choice"),
        ({"allowed_ips": "home"}, "Write an address or a range"),
    ],
)
def test_a_form_with_a_mistake_makes_no_key(acme: Merchant, fields: dict[str, Any], complaint: str) -> None:
    page = create(acme, **fields)
    assert page.status_code == 422
    assert complaint in text_of(page)
    with acme.entered():
        assert ApiKey.objects.filter(livemode=False).count() == 1


def test_revoking_needs_the_name(acme: Merchant) -> None:
    key = key_of(acme)
    client, address = acme.browser(), path(acme, f"developers/keys/{key.id}/revoke/")
    wrong = client.post(address, {"name": "till 4"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "not the key" in text_of(wrong)
    assert key_of(acme).revoked_at is None
    right = client.post(address, {"name": "till 3"}, headers=HTMX)
    assert right["HX-Redirect"] == path(acme, "developers/keys/")
    assert key_of(acme).revoked_at is not None
    with acme.entered():
        assert AuditEntry.objects.filter(action="key.revoked", target=key.id).exists()


def test_revoking_twice_says_so(acme: Merchant) -> None:
    key = key_of(acme)
    client, address = acme.browser(), path(acme, f"developers/keys/{key.id}/revoke/")
    client.post(address, {"name": "till 3"})
    assert "was revoked before" in text_of(client.post(address, {"name": "till 3"}, follow=True))


def test_a_key_of_the_other_mode_is_not_there(acme: Merchant) -> None:
    with acme.entered():
        live = ApiKey.objects.get(livemode=True)
    assert acme.browser().get(path(acme, f"developers/keys/{live.id}/revoke/")).status_code == 404

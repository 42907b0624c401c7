"""API keys: shape, checksum, what is stored, and what their makers may ask for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.errors import InvalidState, NotFound, Refusal
from payments.keys import issue_key, parse_key, revoke_key
from payments.models import ApiKey, AuditEntry


@pytest.fixture
def key(acme):
    with acme.entered():
        yield issue_key(livemode=False, name="till 3", actor="user:1 mary@acme.test")


def test_a_key_names_its_mode_and_merchant(acme, key):
    parsed = parse_key(key[1])
    assert parsed is not None
    assert (parsed.livemode, parsed.merchant) == (False, acme.tenant.public_id)


def test_a_key_with_any_one_character_changed_is_refused_without_a_query(key, django_assert_num_queries):
    text = key[1]
    with django_assert_num_queries(0):
        for position in range(len(text)):
            other = "b" if text[position] != "b" else "c"
            assert parse_key(text[:position] + other + text[position + 1 :]) is None


def test_only_the_hash_of_a_key_is_stored(key):
    stored = str(ApiKey.objects.filter(pk=key[0].pk).values().get())
    assert key[1] not in stored
    assert key[1][20:-4] not in stored


def test_making_and_ending_a_key_is_audited_without_the_key(key):
    revoke_key(key_id=key[0].id, livemode=False, actor="user:1 mary@acme.test")
    entries = list(AuditEntry.objects.filter(target=key[0].id).order_by("position"))
    assert [entry.action for entry in entries] == ["key.created", "key.revoked"]
    assert all(key[1][20:-4] not in str(vars(entry)) for entry in entries)


def test_a_key_is_revoked_once(key):
    revoke_key(key_id=key[0].id, livemode=False, actor="user:1")
    with pytest.raises(InvalidState):
        revoke_key(key_id=key[0].id, livemode=False, actor="user:1")


def test_a_key_of_the_other_mode_is_not_found(key):
    with pytest.raises(NotFound):
        revoke_key(key_id=key[0].id, livemode=True, actor="user:1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"allowed_ips": ["10.0.0.0/33"]},
        {"allowed_ips": ["10.0.0.1/8"]},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_what_a_key_cannot_have_is_refused_with_a_reason(acme, wrong):
    with acme.entered(), pytest.raises(Refusal) as refusal:
        issue_key(livemode=False, name="x", actor="user:1", **wrong)
    assert refusal.value.detail

"""connect_provider seals credentials into the merchant's account, and never says them again."""

from typing import Any

import pytest
from django.conf import settings

from payments.accounts import find_account, open_account
from payments.models import AuditEntry, ProviderAccount
from payments.sealing import Unsealable, unseal
from tests.commands.conftest import Manage, Said
from tests.world import Merchant, mtn_credentials

SECRETS = mtn_credentials("hunter2")


def connect(manage: Manage, *more: str, **changes: Any) -> Said:
    values = {**SECRETS, **changes}
    pairs = [f"{name}={value}" for name, value in values.items() if value is not None]
    arguments = ("--merchant", "acme", "--mode", "live", "--provider", "mtn", "--set", *pairs, *more)
    return manage("connect_provider", "--json", *arguments)


def test_the_object_is_what_was_promised(manage: Manage, acme: Merchant) -> None:
    said = connect(manage)
    assert (said.status, said.err) == (0, "")
    assert said.json.keys() == {"id", "callback_url"}
    assert said.json["callback_url"].startswith(f"{settings.PUBLIC_URL}/hooks/mtn/{acme.tenant.public_id}/")


def test_the_account_of_that_mode_opens_with_what_was_set(manage: Manage, acme: Merchant) -> None:
    connected = connect(manage, "--base-url", "https://mtn.example/").json
    with acme.entered():
        row = find_account(provider="mtn", livemode=True)
        assert row
        account = open_account(row)
    assert row.id == connected["id"]
    assert (dict(account.credentials), account.base_url) == (SECRETS, "https://mtn.example")


def test_the_other_mode_and_the_other_merchant_keep_theirs(manage: Manage, acme: Merchant, globex: Merchant) -> None:
    connect(manage)
    for merchant, livemode in ((acme, False), (globex, True)):
        with merchant.entered():
            row = find_account(provider="mtn", livemode=livemode)
            assert row
            assert dict(open_account(row).credentials) == mtn_credentials(merchant.slug)


def test_connecting_again_replaces_what_was_there(manage: Manage, acme: Merchant) -> None:
    first, second = connect(manage).json, connect(manage, api_key="another").json
    assert first["id"] == second["id"]
    with acme.entered():
        row = ProviderAccount.objects.get(livemode=True, retired_at=None)
        assert open_account(row).credentials["api_key"] == "another"


def test_another_account_at_the_provider_is_another_row_and_the_first_one_is_kept(
    manage: Manage, acme: Merchant
) -> None:
    first, second = connect(manage).json, connect(manage, api_user="somebody-else").json
    assert first["id"] != second["id"]
    with acme.entered():
        assert ProviderAccount.objects.get(pk=first["id"]).retired_at is not None


def test_adding_the_product_for_payouts_later_is_the_same_account_and_says_what_it_can_do(
    manage: Manage, acme: Merchant
) -> None:
    without = dict.fromkeys((name for name in SECRETS if name.startswith("disbursement_")), None)
    first = connect(manage, **without).json
    with acme.entered():
        assert ProviderAccount.objects.get(pk=first["id"]).operations == ["collect"]
    assert connect(manage).json["id"] == first["id"]
    with acme.entered():
        assert ProviderAccount.objects.get(pk=first["id"]).operations == ["collect", "refund", "transfer"]


def test_credentials_that_a_change_leaves_out_are_kept_for_what_was_sent_with_them(
    manage: Manage, acme: Merchant
) -> None:
    first = connect(manage).json
    without = dict.fromkeys((name for name in SECRETS if name.startswith("disbursement_")), None)
    assert connect(manage, **without, api_key="another").json["id"] == first["id"]
    with acme.entered():
        held = open_account(ProviderAccount.objects.get(pk=first["id"])).credentials
    assert held == {**SECRETS, "api_key": "another"}


def test_another_user_of_the_payout_product_is_another_account(manage: Manage, acme: Merchant) -> None:
    assert connect(manage).json["id"] != connect(manage, disbursement_api_user="somebody-else").json["id"]


def test_secrets_are_neither_printed_nor_stored_nor_audited_in_clear(manage: Manage, acme: Merchant) -> None:
    said = connect(manage)
    with acme.entered():
        row = ProviderAccount.objects.get(livemode=True, retired_at=None)
        trail = str(list(AuditEntry.objects.values()))
    assert "hunter2" not in f"{said.out}{said.err}{trail}"
    assert b"hunter2" not in bytes(row.sealed_credentials)
    assert "subscription_key" in trail


def test_sealed_credentials_that_were_moved_to_another_account_do_not_open(manage: Manage, acme: Merchant) -> None:
    connect(manage)
    with acme.entered():
        row = ProviderAccount.objects.get(livemode=True, retired_at=None)
        other = ProviderAccount.objects.get(livemode=False)
        other.sealed_credentials = row.sealed_credentials
        with pytest.raises(Unsealable):
            open_account(other)
    with pytest.raises(Unsealable):
        unseal(row.sealed_credentials, owner=f"m_00000000/{row.id}")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"api_key": None}, "mtn needs api_key as well."),
        ({"api_key": ""}, "mtn needs api_key as well."),
        ({"api_user": None, "api_key": None}, "mtn needs api_user, api_key as well."),
    ],
)
def test_what_is_missing_is_named(manage: Manage, acme: Merchant, change: dict[str, Any], reason: str) -> None:
    said = connect(manage, **change)
    assert (said.status, said.out) == (1, "")
    assert reason in said.err


def test_a_provider_that_is_not_supported_is_refused(manage: Manage, acme: Merchant) -> None:
    arguments = ("--merchant", "acme", "--mode", "live", "--provider", "mpesa", "--set", "a=b")
    said = manage("connect_provider", "--json", *arguments)
    assert (said.status, said.out) == (1, "")
    assert "mpesa is not supported; choose one of airtel, mtn, zamtel" in said.err


def test_a_pair_without_a_value_is_refused_without_repeating_others(manage: Manage, acme: Merchant) -> None:
    said = connect(manage, "--set", "api_key")
    assert (said.status, said.out) == (1, "")
    assert "api_key has no value" in said.err
    assert "hunter2" not in said.err


@pytest.mark.parametrize("arguments", [("--merchant", "acme"), ("--merchant", "a", "--mode", "x", "--provider", "mtn")])
def test_wrong_usage_is_status_2(manage: Manage, arguments: tuple[str, ...]) -> None:
    assert manage("connect_provider", "--json", *arguments).status == 2

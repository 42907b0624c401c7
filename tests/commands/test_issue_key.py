"""issue_key prints a working key, once; the database keeps its hash only."""

import hashlib

import pytest

from payments.keys import parse_key
from payments.models import ApiKey, AuditEntry
from tests.commands.conftest import Manage
from tests.world import Merchant


@pytest.mark.parametrize("mode", ["test", "live"])
def test_the_object_is_what_was_promised(manage: Manage, acme: Merchant, mode: str) -> None:
    said = manage("issue_key", "--json", "--merchant", "acme", "--mode", mode)
    assert (said.status, said.err) == (0, "")
    assert said.json.keys() == {"id", "key"}
    parsed = parse_key(said.json["key"])
    assert parsed
    assert (parsed.livemode, parsed.merchant) == (mode == "live", acme.tenant.public_id)


def test_the_key_is_its_merchants_only(manage: Manage, acme: Merchant, globex: Merchant) -> None:
    issued = manage("issue_key", "--json", "--merchant", "acme", "--mode", "test").json
    with acme.entered():
        assert ApiKey.objects.filter(pk=issued["id"]).exists()
    with globex.entered():
        assert not ApiKey.objects.filter(pk=issued["id"]).exists()


def test_only_its_hash_is_kept(manage: Manage, acme: Merchant) -> None:
    issued = manage("issue_key", "--json", "--merchant", "acme", "--mode", "test").json
    with acme.entered():
        row = ApiKey.objects.values().get(pk=issued["id"])
        trail = str(list(AuditEntry.objects.filter(target=issued["id"]).values()))
    assert row["sha256"] == hashlib.sha256(issued["key"].encode()).hexdigest()
    assert issued["key"] not in f"{row} {trail}"


def test_name_and_scopes_are_kept(manage: Manage, acme: Merchant) -> None:
    arguments = ("--merchant", "acme", "--mode", "live", "--name", "till 9", "--scopes", " payments:read, ")
    issued = manage("issue_key", "--json", *arguments).json
    with acme.entered():
        key = ApiKey.objects.get(pk=issued["id"])
    assert (key.name, key.scopes, key.livemode) == ("till 9", ["payments:read"], True)
    assert key.created_by.startswith("operator:")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--merchant", "nobody", "--mode", "test"), "There is no merchant nobody."),
        (("--merchant", "acme", "--mode", "test", "--scopes", "payments:steal"), "Choose scopes from payments:read"),
        (("--merchant", "acme", "--mode", "test", "--scopes", ","), "Choose scopes from payments:read"),
    ],
)
def test_a_refusal_names_the_reason_and_issues_nothing(
    manage: Manage, acme: Merchant, arguments: tuple[str, ...], reason: str
) -> None:
    with acme.entered():
        before = ApiKey.objects.count()
    said = manage("issue_key", "--json", *arguments)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"CommandError: {reason}")
    with acme.entered():
        assert ApiKey.objects.count() == before


@pytest.mark.parametrize("arguments", [("--merchant", "acme"), ("--mode", "test"), ("--merchant", "a", "--mode", "x")])
def test_wrong_usage_is_status_2(manage: Manage, arguments: tuple[str, ...]) -> None:
    assert manage("issue_key", "--json", *arguments).status == 2

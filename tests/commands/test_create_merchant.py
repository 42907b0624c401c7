"""create_merchant makes a merchant with an owner who can sign in, or says why not and leaves nothing."""

import pytest
from django_tenants.utils import tenant_context

from payments.models import AuditEntry
from tenants.models import Membership, Tenant, User
from tests.commands.conftest import Manage
from tests.world import Merchant

HOOLI = ("--slug", "hooli", "--name", "Hooli", "--owner-email", "Gavin@Hooli.test")


def test_the_object_is_what_was_promised(manage: Manage) -> None:
    said = manage("create_merchant", "--json", *HOOLI)
    owner = User.objects.get(email="gavin@hooli.test")
    tenant = Tenant.objects.get(slug="hooli")
    assert said.json.keys() == {"slug", "schema", "owner"}
    assert (said.json["slug"], said.json["schema"]) == ("hooli", tenant.schema_name)
    assert said.json["owner"].keys() == {"email", "password"}
    assert owner.check_password(said.json["owner"]["password"])
    assert len(said.json["owner"]["password"]) >= 20
    assert (said.status, said.err) == (0, "")


def test_a_given_password_is_the_owners(manage: Manage) -> None:
    said = manage("create_merchant", "--json", *HOOLI, "--owner-password", "correct horse battery")
    assert said.json["owner"] == {"email": "gavin@hooli.test", "password": "correct horse battery"}
    assert User.objects.get(email="gavin@hooli.test").check_password("correct horse battery")


def test_somebody_known_becomes_owner_and_keeps_the_password(manage: Manage, acme: Merchant) -> None:
    before = User.objects.count()
    arguments = ("--slug", "hooli", "--name", "Hooli", "--owner-email", "OWNER@acme.test")
    said = manage("create_merchant", "--json", *arguments)
    assert said.json["owner"] == {"email": "owner@acme.test"}
    assert User.objects.count() == before
    assert acme.users["owner"].memberships.count() == 2
    assert User.objects.get(email="owner@acme.test").check_password("correct horse battery")


def test_a_password_for_somebody_known_is_refused(manage: Manage, acme: Merchant) -> None:
    arguments = ("--slug", "hooli", "--name", "H", "--owner-email", "owner@acme.test", "--owner-password", "other one")
    said = manage("create_merchant", "--json", *arguments)
    assert (said.status, said.out) == (1, "")
    assert "owner@acme.test has an account already" in said.err
    assert not Tenant.objects.filter(slug="hooli").exists()


def test_the_merchants_trail_begins_with_its_creation(manage: Manage) -> None:
    manage("create_merchant", "--json", *HOOLI)
    with tenant_context(Tenant.objects.get(slug="hooli")):
        [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.target, entry.after) == ("merchant.created", "hooli", {"owner": "gavin@hooli.test"})
    assert entry.actor.startswith("operator:")


def test_without_json_it_is_for_people(manage: Manage) -> None:
    said = manage("create_merchant", *HOOLI)
    assert said.out.startswith("slug: hooli\n")
    assert "gavin@hooli.test" in said.out


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"--slug": "acme"}, "There is a merchant acme already."),
        ({"--slug": "Hooli Ltd"}, "Hooli Ltd cannot be a slug"),
        ({"--slug": "1hooli"}, "1hooli cannot be a slug"),
        ({"--owner-email": "gavin"}, "gavin is not an e-mail address."),
    ],
)
def test_a_refusal_names_the_reason_and_leaves_nothing(
    manage: Manage, acme: Merchant, changes: dict[str, str], reason: str
) -> None:
    before = (Tenant.objects.count(), User.objects.count(), Membership.objects.count())
    arguments = dict(zip(HOOLI[::2], HOOLI[1::2], strict=True)) | changes
    said = manage("create_merchant", "--json", *(word for pair in arguments.items() for word in pair))
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"CommandError: {reason}")
    assert (Tenant.objects.count(), User.objects.count(), Membership.objects.count()) == before


@pytest.mark.parametrize("arguments", [(), ("--slug", "hooli"), (*HOOLI, "--colour", "red")])
def test_wrong_usage_is_status_2(manage: Manage, arguments: tuple[str, ...]) -> None:
    said = manage("create_merchant", "--json", *arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("usage: manage.py create_merchant")

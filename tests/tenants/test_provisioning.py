"""A merchant is created whole or not at all, under names that nobody typed."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction
from django_tenants.utils import tenant_context

from payments.models import ApiKey, Payment
from tenants.models import Membership, Tenant, User
from tenants.provisioning import create_merchant
from tenants.roles import Role
from tests.world import Merchant

TOO_LONG_EMAIL = f"{'x' * 300}@late.test"  # fails at the very end, when row and schema are made already


@pytest.fixture
def new_merchants(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What a test creates and commits is removed."""
    with django_db_blocker.unblock():
        before = set(Tenant.objects.values_list("pk", flat=True))
        people = set(User.objects.values_list("pk", flat=True))
        yield
        for tenant in Tenant.objects.exclude(pk__in=before):
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{tenant.schema_name}" CASCADE')
            tenant.delete(force_drop=False)
        User.objects.exclude(pk__in=people).delete()


def everything() -> tuple[int, int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_namespace")
        schemas = cursor.fetchone()[0]
    return Tenant.objects.count(), User.objects.count(), Membership.objects.count(), schemas


def test_a_merchant_has_a_row_a_schema_and_an_owner(acme: Merchant) -> None:
    tenant, owner = create_merchant(slug="hooli", name="Hooli", owner_email="Gavin@Hooli.test", owner_password="x" * 12)
    assert re.fullmatch(r"m_[a-z0-9]{8}", tenant.schema_name)
    assert Membership.objects.get(tenant=tenant).role == Role.OWNER
    assert owner.email == "gavin@hooli.test"
    assert owner.check_password("x" * 12)
    with tenant_context(tenant):
        assert (ApiKey.objects.count(), Payment.objects.count()) == (0, 0)


def test_the_schemas_name_tells_nothing_that_a_person_typed(acme: Merchant) -> None:
    assert "acme" not in acme.tenant.schema_name
    assert acme.tenant.schema_name == f"m_{acme.tenant.public_id}"


def test_somebody_known_becomes_the_owner_in_whatever_case_the_address_is_typed(acme: Merchant) -> None:
    known = acme.users["viewer"]
    _, owner = create_merchant(slug="hooli", name="Hooli", owner_email="VIEWER@Acme.test", owner_password="ignored")
    assert owner == known
    assert known.check_password("correct horse battery")


def test_without_a_password_nobody_can_sign_in_yet(acme: Merchant) -> None:
    _, owner = create_merchant(slug="hooli", name="Hooli", owner_email="gavin@hooli.test")
    assert not owner.has_usable_password()


def test_a_failure_at_the_end_leaves_neither_row_nor_schema_nor_user(new_merchants: None) -> None:
    before = everything()
    with pytest.raises(DataError):
        create_merchant(slug="late", name="Late", owner_email=TOO_LONG_EMAIL)
    assert everything() == before
    create_merchant(slug="late", name="Late", owner_email="on-time@late.test")
    assert everything() == tuple(count + 1 for count in before)


def test_a_failure_inside_a_callers_transaction_undoes_only_the_merchant(acme: Merchant) -> None:
    before = everything()
    with pytest.raises(DataError):
        create_merchant(slug="late", name="Late", owner_email=TOO_LONG_EMAIL)
    assert everything() == before


def test_a_taken_slug_is_refused_and_leaves_no_schema(new_merchants: None) -> None:
    before = everything()
    with pytest.raises(IntegrityError):
        create_merchant(slug="acme", name="Acme again", owner_email="other@acme.test")
    assert everything() == before


def test_merchants_created_at_the_same_time_do_not_hinder_each_other(new_merchants: None) -> None:
    def create(number: int) -> str:
        try:
            return create_merchant(slug=f"twin-{number}", name="Twin", owner_email=f"{number}@twin.test")[0].slug
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(create, range(2))) == ["twin-0", "twin-1"]


def test_one_slug_asked_for_twice_at_the_same_time_is_one_merchant(new_merchants: None) -> None:
    def create(number: int) -> bool:
        try:
            create_merchant(slug="twin", name="Twin", owner_email=f"{number}@twin.test")
        except IntegrityError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, range(2))) == [False, True]


SHAPES = [
    *(("slug", value) for value in ("Acme", "1acme", "-acme", "a", "ac_me", "ac me", "äcme", "ac/me", "acme\n", "")),
    *(("public_id", value) for value in ("ABCDEFGH", "short", "with-hyp", "")),
    *(("schema_name", value) for value in ("public", "m_short", "M_abcdefgh", "x_abcdefgh", 'm_abc"def', "pg_temp")),
]


@pytest.mark.parametrize(("field", "value"), SHAPES)
def test_the_database_refuses_names_of_another_shape(acme: Merchant, field: str, value: str) -> None:
    good = {"slug": "hooli", "name": "Hooli", "public_id": "abcdefgh", "schema_name": "m_abcdefgh"}
    Tenant(**good).save_base()
    Tenant.objects.filter(slug="hooli").update(name="Good names are taken.")
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.filter(slug="hooli").update(**{field: value})


@pytest.mark.parametrize("slug", ["ab", "acme-2", "a" + "-" * 39])
def test_the_database_takes_slugs_of_the_right_shape(acme: Merchant, slug: str) -> None:
    assert Tenant.objects.filter(pk=acme.tenant.pk).update(slug=slug) == 1


def test_an_address_belongs_to_one_person_in_whatever_case(acme: Merchant) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="OWNER@acme.test")])


def test_a_person_has_one_role_at_a_merchant_and_it_is_a_known_one(acme: Merchant, globex: Merchant) -> None:
    owner = acme.users["owner"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=owner, tenant=acme.tenant, role=Role.VIEWER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=owner, tenant=globex.tenant, role="king")
    Membership.objects.create(user=owner, tenant=globex.tenant, role=Role.VIEWER)

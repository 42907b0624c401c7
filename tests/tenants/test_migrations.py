"""migrate_all brings the shared schema, the template and every merchant to the code's migrations, and stops there."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from django_tenants.utils import schema_exists

from tenants.provisioning import clone_template, create_merchant, is_migrated, migrate_all
from tests.tenants.test_schema_shape import CATALOG, catalog
from tests.world import Merchant


@pytest.fixture
def next_release() -> Iterator[None]:
    with override_settings(MIGRATION_MODULES={"payments": "tests.tenants.next_release"}):
        yield


def columns(schema: str) -> list[object]:
    return [row[2] for row in catalog("columns", schema) if row[0] == "payments_apikey"]


def test_a_second_run_changes_nothing(acme: Merchant) -> None:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        migrate_all()
    verbs = {query["sql"].split()[0] for query in captured}
    assert verbs <= {"SELECT", "SET", "SHOW"}


def test_every_schema_is_migrated(acme: Merchant, globex: Merchant) -> None:
    schemas = ["public", settings.TENANT_BASE_SCHEMA, acme.tenant.schema_name, globex.tenant.schema_name]
    assert [is_migrated(schema) for schema in schemas] == [True] * 4


def test_an_empty_schema_is_not_migrated(acme: Merchant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA m_empty000")
    assert not is_migrated("m_empty000")


def test_the_next_release_reaches_the_template_and_every_merchant(acme: Merchant, next_release: None) -> None:
    schemas = [settings.TENANT_BASE_SCHEMA, acme.tenant.schema_name]
    assert not any(is_migrated(schema) for schema in schemas)
    migrate_all()
    assert all(is_migrated(schema) for schema in schemas)
    assert all("note" in columns(schema) for schema in schemas)


def test_after_an_upgrade_old_and_new_merchants_are_alike(acme: Merchant, next_release: None) -> None:
    migrate_all()
    young, _ = create_merchant(slug="hooli", name="Hooli", owner_email="gavin@hooli.test")
    assert is_migrated(young.schema_name)
    for kind in CATALOG:
        assert catalog(kind, young.schema_name) == catalog(kind, acme.tenant.schema_name), kind


def test_upgrading_public_leaves_no_merchants_table_there(acme: Merchant, next_release: None) -> None:
    migrate_all()
    assert not [row for row in catalog("tables", "public") if str(row[0]).startswith("payments_")]


def test_a_lost_template_is_made_again(acme: Merchant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{settings.TENANT_BASE_SCHEMA}" CASCADE')
    migrate_all()
    assert schema_exists(settings.TENANT_BASE_SCHEMA)
    clone_template("m_clone000")
    assert catalog("columns", "m_clone000") == catalog("columns", acme.tenant.schema_name)


def test_it_works_from_inside_a_merchant_and_ends_outside(acme: Merchant) -> None:
    with acme.entered():
        migrate_all()
        assert connection.schema_name == "public"  # type: ignore[attr-defined]

"""Migrations go back and forth, side by side, and past a merchant that is broken."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from tenants.models import Tenant, User
from tenants.provisioning import create_merchant, is_migrated, migrate_all


def test_the_guards_can_be_taken_back_and_brought_again(acme):
    call_command(
        "migrate_schemas", "payments", "0001", schema_name=acme.tenant.schema_name, interactive=False, verbosity=0
    )
    migrate_all()
    assert is_migrated(acme.tenant.schema_name)


def test_a_merchant_that_cannot_be_migrated_does_not_hold_back_the_others(acme, globex):
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{acme.tenant.schema_name}" CASCADE')
    with override_settings(MIGRATION_MODULES={"payments": "tests.tenants.next_release"}):
        with suppress(Exception):
            migrate_all()
        assert is_migrated(globex.tenant.schema_name)


@pytest.fixture
def no_clone_function(django_db_setup, django_db_blocker):
    """As in an installation where no merchant was ever made; what the test makes is gone afterwards."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("DROP TYPE IF EXISTS public.cloneparms CASCADE")
            cursor.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname = 'clone_schema'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP FUNCTION {name} CASCADE")
        yield
        for tenant in Tenant.objects.filter(slug__startswith="first-"):
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA "{tenant.schema_name}" CASCADE')
            tenant.delete()
        User.objects.filter(email__endswith="@first.test").delete()


def test_the_first_two_merchants_can_be_made_at_the_same_time(no_clone_function):
    def create(number):
        try:
            create_merchant(slug=f"first-{number}", name="First", owner_email=f"{number}@first.test")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(create, range(2)))
    assert Tenant.objects.filter(slug__startswith="first-").count() == 2

"""Makes the schemas: the shared one, the template that merchants are cloned from, and each merchant's own."""

import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django_tenants.clone import CloneSchema
from django_tenants.utils import schema_context, schema_exists
from huey import PostgresHuey

from tenants.current import leave_merchant
from tenants.models import Membership, Tenant, User
from tenants.roles import Role

TEMPLATE_SCHEMA = settings.TENANT_BASE_SCHEMA
PROVISIONING_LOCK = 7_016_996_765_293_437_283  # any number, the same everywhere
log = structlog.get_logger("provisioning")

_ALPHABET = string.ascii_lowercase + string.digits


class MigrationFailed(Exception):
    """Some merchants' schemas could not be migrated; the others were."""

    def __init__(self, troubles: dict[str, str]) -> None:
        super().__init__("; ".join(f"{schema}: {why}" for schema, why in troubles.items()))
        self.troubles = troubles


def migrate_all() -> None:
    """Bring every schema to the code's migrations; does next to nothing when they already are.

    A merchant that cannot be migrated does not hold back the others. Raises MigrationFailed naming those at the end.
    """
    leave_merchant()
    with _one_at_a_time():
        if not is_migrated("public"):
            call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        if isinstance(settings.HUEY, PostgresHuey):
            settings.HUEY.storage.initialize_schema()
        if not schema_exists(TEMPLATE_SCHEMA):
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE SCHEMA "{TEMPLATE_SCHEMA}"')
        _migrate(TEMPLATE_SCHEMA)
        troubles = {}
        for schema in Tenant.objects.values_list("schema_name", flat=True):
            try:
                _migrate(schema)
            except Exception as error:
                log.exception("migration_failed", schema=schema)
                troubles[schema] = f"{error}"
    if troubles:
        raise MigrationFailed(troubles)


def is_migrated(schema: str) -> bool:
    """Whether the schema has every migration of the code."""
    with schema_context(schema):
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def create_merchant(
    *, slug: str, name: str, owner_email: str, owner_password: str | None = None, country: str = "ZM"
) -> tuple[Tenant, User]:
    """A new merchant with its own schema and an owner, in one transaction: all of it or nothing.

    Raises django.db.IntegrityError when the slug is taken.
    """
    with transaction.atomic():
        # The clone function is made anew by each call, which two at once would not survive.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PROVISIONING_LOCK])
        public_id = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        tenant = Tenant.objects.create(
            slug=slug, name=name, country=country, public_id=public_id, schema_name=f"m_{public_id}"
        )
        clone_template(tenant.schema_name)
        owner = User.objects.filter(email__iexact=owner_email).first()
        if owner is None:
            owner = User.objects.create_user(owner_email, owner_password)
        Membership.objects.create(user=owner, tenant=tenant, role=Role.OWNER)
    return tenant, owner


def _migrate(schema: str) -> None:
    if not is_migrated(schema):
        call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two releases starting at once must not both create the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SELECT pg_advisory_lock(%s)", [PROVISIONING_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s); RESET lock_timeout", [PROVISIONING_LOCK])


def clone_template(schema: str) -> None:
    """Copy the structure of the migrated template, and the record of its migrations, into a new schema."""
    CloneSchema().clone_schema(TEMPLATE_SCHEMA, schema, "NODATA")
    with connection.cursor() as cursor:
        cursor.execute(RESTORE_CONSTRAINT_NAMES, [TEMPLATE_SCHEMA, schema])
        for (rename,) in cursor.fetchall():
            cursor.execute(rename)
        cursor.execute(
            f"""INSERT INTO "{schema}".django_migrations (app, name, applied)
                SELECT app, name, applied FROM "{TEMPLATE_SCHEMA}".django_migrations ORDER BY id"""  # noqa: S608
        )


# The clone gives unique constraints new names; a later migration that drops one by its name would miss it.
RESTORE_CONSTRAINT_NAMES = """
SELECT format('ALTER TABLE %%I.%%I RENAME CONSTRAINT %%I TO %%I',
              ns.nspname, rel.relname, mine.conname, theirs.conname)
  FROM pg_constraint theirs
  JOIN pg_class base ON base.oid = theirs.conrelid
  JOIN pg_namespace base_ns ON base_ns.oid = base.relnamespace AND base_ns.nspname = %s
  JOIN pg_namespace ns ON ns.nspname = %s
  JOIN pg_class rel ON rel.relname = base.relname AND rel.relnamespace = ns.oid
  JOIN pg_constraint mine ON mine.conrelid = rel.oid AND mine.contype = theirs.contype
                         AND pg_get_constraintdef(mine.oid) = pg_get_constraintdef(theirs.oid)
 WHERE theirs.contype IN ('u', 'p') AND mine.conname <> theirs.conname
"""

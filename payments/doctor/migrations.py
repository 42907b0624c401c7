"""Whether every schema is there and has the migrations of the code that runs."""

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django_tenants.utils import schema_context, schema_exists

from payments.doctor.finding import Finding, fail, ok
from tenants.models import Tenant

NAMED_AT_MOST = 5


def check() -> Finding:
    """Merchants are compared with the template that they were cloned from: one small query each."""
    for schema in ("public", settings.TENANT_BASE_SCHEMA):
        if trouble := _trouble(schema):
            return _fail([f"{schema} {trouble}"])
    expected = _recorded(settings.TENANT_BASE_SCHEMA)
    tenants = list(Tenant.objects.all())
    behind = [f"{tenant.slug} {trouble}" for tenant in tenants if (trouble := _lag(tenant, expected))]
    if behind:
        return _fail(behind)
    return ok("migrations", f"The shared schema, the template and {len(tenants)} merchants are up to date.")


def _trouble(schema: str) -> str:
    if not schema_exists(schema):
        return "does not exist"
    with schema_context(schema):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"lacks {plan[0][0].app_label}.{plan[0][0].name}" if plan else ""


def _lag(tenant: Tenant, expected: set[tuple[str, str]]) -> str:
    if not schema_exists(tenant.schema_name):
        return f"has lost its schema {tenant.schema_name}"
    missing = sorted(expected - _recorded(tenant.schema_name))
    return f"lacks {missing[0][0]}.{missing[0][1]}" if missing else ""


def _recorded(schema: str) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')  # noqa: S608 (schema: ours)
        return {(app, name) for app, name in cursor.fetchall()}


def _fail(behind: list[str]) -> Finding:
    more = f" and {len(behind) - NAMED_AT_MOST} more" if len(behind) > NAMED_AT_MOST else ""
    sentence = f"{'; '.join(behind[:NAMED_AT_MOST])}{more}."
    return fail(
        "migrations",
        sentence[0].upper() + sentence[1:],
        do="Run `manage.py migrate_all`; restore a schema that is lost from the backup.",
    )

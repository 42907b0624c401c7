"""A merchant's schema is the template's to the letter, so that every later migration finds what it expects."""

import pytest
from django.conf import settings
from django.db import connection

from tests.world import Merchant

# Each query lists one kind of thing in a schema; where definitions name the schema, it is replaced.
CATALOG = {
    "tables": """
        SELECT relname, relkind, relpersistence, reloptions, relrowsecurity FROM pg_class
         WHERE relnamespace = %(schema)s::regnamespace AND relkind IN ('r', 'S', 'v', 'm', 'p') ORDER BY relname""",
    "columns": """
        SELECT relname, attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
               replace(pg_get_expr(adbin, adrelid), %(schema)s, ''), collname, attstorage
          FROM pg_attribute JOIN pg_class rel ON rel.oid = attrelid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
          LEFT JOIN pg_collation coll ON coll.oid = attcollation
         WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
         ORDER BY relname, attnum""",
    "constraints": """
        SELECT rel.relname, conname, contype, condeferrable, condeferred, convalidated,
               replace(pg_get_constraintdef(con.oid), %(schema)s || '.', ''), target.relnamespace = rel.relnamespace
          FROM pg_constraint con JOIN pg_class rel ON rel.oid = conrelid
          LEFT JOIN pg_class target ON target.oid = confrelid
         WHERE rel.relnamespace = %(schema)s::regnamespace ORDER BY rel.relname, conname""",
    "indexes": """
        SELECT tablename, indexname, replace(indexdef, %(schema)s || '.', '')
          FROM pg_indexes WHERE schemaname = %(schema)s ORDER BY tablename, indexname""",
    "triggers": """
        SELECT relname, tgname, tgenabled, replace(pg_get_triggerdef(trig.oid), %(schema)s || '.', '')
          FROM pg_trigger trig JOIN pg_class rel ON rel.oid = tgrelid
         WHERE relnamespace = %(schema)s::regnamespace AND NOT tgisinternal ORDER BY relname, tgname""",
    "sequences": """
        SELECT rel.relname, seqtypid::regtype::text, seqstart, seqincrement, seqmax, seqmin, seqcycle,
               deptype, owner.relname, refobjsubid
          FROM pg_sequence JOIN pg_class rel ON rel.oid = seqrelid
          LEFT JOIN pg_depend ON objid = rel.oid AND deptype IN ('a', 'i') AND refobjsubid > 0
          LEFT JOIN pg_class owner ON owner.oid = refobjid
         WHERE rel.relnamespace = %(schema)s::regnamespace ORDER BY rel.relname""",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = %(schema)s::regnamespace",
    "types": """
        SELECT typname, typtype FROM pg_type
         WHERE typnamespace = %(schema)s::regnamespace AND typtype NOT IN ('b', 'c') ORDER BY typname""",
    "owners": """
        SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class
         WHERE relnamespace = %(schema)s::regnamespace ORDER BY 1""",
}
# Empty in both, as long as functions and types are shared (public).
NONE_IN_A_MERCHANT = {"functions", "types"}


def catalog(kind: str, schema: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOG[kind], {"schema": schema})
        return list(cursor.fetchall())


@pytest.mark.parametrize("kind", CATALOG)
def test_a_merchant_has_what_the_template_has(acme: Merchant, kind: str) -> None:
    template = catalog(kind, settings.TENANT_BASE_SCHEMA)
    assert catalog(kind, acme.tenant.schema_name) == template
    assert bool(template) == (kind not in NONE_IN_A_MERCHANT)


def test_no_foreign_key_leaves_the_merchant(acme: Merchant) -> None:
    keys = [row for row in catalog("constraints", acme.tenant.schema_name) if row[2] == "f"]
    assert keys
    assert all(row[-1] for row in keys)


def test_a_merchant_numbers_its_own_rows(acme: Merchant, globex: Merchant) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relnamespace::regnamespace::text, refobjid::regclass::text FROM pg_depend
                 JOIN pg_class rel ON rel.oid = objid
                WHERE relkind = 'S' AND deptype IN ('a', 'i') AND relnamespace = %s::regnamespace""",
            [acme.tenant.schema_name],
        )
        owners = cursor.fetchall()
    assert owners
    assert all(table.startswith(f"{schema}.") for schema, table in owners)


def test_the_template_holds_no_rows_but_its_migrations(acme: Merchant) -> None:
    tables = [row[0] for row in catalog("tables", settings.TENANT_BASE_SCHEMA) if row[1] == "r"]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{settings.TENANT_BASE_SCHEMA}"."{table}")')
            assert cursor.fetchone() == (table == "django_migrations",), table


def test_a_merchant_remembers_the_templates_migrations(acme: Merchant) -> None:
    query = 'SELECT app, name FROM "{}".django_migrations ORDER BY id'
    with connection.cursor() as cursor:
        cursor.execute(query.format(settings.TENANT_BASE_SCHEMA))
        expected = cursor.fetchall()
        cursor.execute(query.format(acme.tenant.schema_name))
        assert cursor.fetchall() == expected

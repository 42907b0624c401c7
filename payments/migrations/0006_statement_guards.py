"""Puts the triggers of provider statements in place."""

from django.db import migrations

PARTS = ("line", "item", "exception")

TRIGGERS = "\n".join(
    [
        """
CREATE TRIGGER guard_statement BEFORE UPDATE OR DELETE ON payments_statement
  FOR EACH ROW EXECUTE FUNCTION public.guard_statement();
CREATE TRIGGER guard_statement_period BEFORE INSERT OR UPDATE OF period_start, period_end ON payments_statement
  FOR EACH ROW WHEN (NEW.period_start IS NOT NULL) EXECUTE FUNCTION public.guard_statement_period();
CREATE TRIGGER guard_statement_truncate BEFORE TRUNCATE ON payments_statement
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_statement_link BEFORE INSERT OR UPDATE OR DELETE ON payments_statementlink
  FOR EACH ROW EXECUTE FUNCTION public.guard_statement_part();
""",
        *(
            f"""
CREATE TRIGGER guard_statement_{part} BEFORE INSERT OR UPDATE OR DELETE ON payments_statement{part}
  FOR EACH ROW EXECUTE FUNCTION public.guard_statement_part();
CREATE TRIGGER guard_statement_{part}_truncate BEFORE TRUNCATE ON payments_statement{part}
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
"""
            for part in PARTS
        ),
    ]
)

DROP_TRIGGERS = "\n".join(
    [
        """
DROP TRIGGER guard_statement ON payments_statement;
DROP TRIGGER guard_statement_period ON payments_statement;
DROP TRIGGER guard_statement_truncate ON payments_statement;
DROP TRIGGER guard_statement_link ON payments_statementlink;
""",
        *(
            f"DROP TRIGGER guard_statement_{part} ON payments_statement{part};"
            f"DROP TRIGGER guard_statement_{part}_truncate ON payments_statement{part};"
            for part in PARTS
        ),
    ]
)


class Migration(migrations.Migration):
    dependencies = [("payments", "0005_statements"), ("tenants", "0005_statement_guards")]
    operations = [migrations.RunSQL(TRIGGERS, DROP_TRIGGERS)]

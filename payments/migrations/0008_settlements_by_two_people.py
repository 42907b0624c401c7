"""Lets a settlement be proposed and approved, many proposals be approved together, and refuses settlements without."""

from django.db import migrations, models
from django.db.models import Q

TRIGGERS = """
CREATE CONSTRAINT TRIGGER settlement_by_two_people AFTER INSERT ON payments_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.account = 'settled') EXECUTE FUNCTION public.check_settlement();
"""

DROP_TRIGGERS = "DROP TRIGGER settlement_by_two_people ON payments_ledgerentry;"


class Migration(migrations.Migration):
    dependencies = [("payments", "0007_provider_reference_indexes"), ("tenants", "0006_settlement_guards")]
    operations = [
        migrations.AddField(
            model_name="statementexception",
            name="decided_in",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.RemoveConstraint(model_name="statementexception", name="statement_exception_action"),
        migrations.AddConstraint(
            model_name="statementexception",
            constraint=models.CheckConstraint(
                condition=Q(action__in=["accept", "write_off"]) | Q(action="settle", finding="settlement"),
                name="statement_exception_action",
            ),
        ),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]

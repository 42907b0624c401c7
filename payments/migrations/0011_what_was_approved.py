"""Keeps which payment a proposal is about, whether a line states a fee, and a row for what only the ledger explains."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

# The last line: a table with deferred checks that wait could not be altered later in the same transaction.
# Only where nobody has linked the line since: otherwise nobody can say which payment was meant, and both people look
# again. The proposals of closed periods are frozen, and nothing is compared with them.
FILL = """
UPDATE payments_statementexception e SET payment_id = i.payment_id
  FROM payments_statementitem i, payments_statement s
 WHERE i.statement_id = e.statement_id AND i.key = e.key AND s.id = e.statement_id AND s.state <> 'closed'
   AND e.state IN ('proposed', 'approved') AND i.payment_id IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM payments_statementlink l WHERE l.line_id = i.line_id AND l.linked_at > e.proposed_at);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0010_provider_health")]
    operations = [
        migrations.AddField(
            model_name="statementexception",
            name="payment",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="payments.payment",
            ),
        ),
        migrations.AddField(
            model_name="statementline",
            name="is_fee_stated",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.RemoveConstraint(model_name="statementitem", name="statement_item_has_a_side"),
        migrations.AddConstraint(
            model_name="statementitem",
            constraint=models.CheckConstraint(
                condition=Q(line__isnull=False) | Q(payment__isnull=False) | Q(finding="ledger_rest"),
                name="statement_item_has_a_side",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]

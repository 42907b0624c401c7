"""Numbered plans of routing rules, the providers that may still be tried, and when "not found" was last counted."""

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.models import Q, Value

TRIGGERS = """
CREATE TRIGGER guard_routing_plan BEFORE UPDATE OR DELETE ON payments_routingplan
  FOR EACH ROW EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_routing_plan_truncate BEFORE TRUNCATE ON payments_routingplan
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_provider BEFORE UPDATE OF provider ON payments_payment
  FOR EACH ROW WHEN (NEW.provider IS DISTINCT FROM OLD.provider) EXECUTE FUNCTION public.guard_provider();
"""

DROP_TRIGGERS = """
DROP TRIGGER guard_provider ON payments_payment;
DROP TRIGGER guard_routing_plan ON payments_routingplan;
DROP TRIGGER guard_routing_plan_truncate ON payments_routingplan;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_settlements_by_two_people"), ("tenants", "0007_provider_guard")]
    operations = [
        migrations.CreateModel(
            name="RoutingPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("livemode", models.BooleanField()),
                ("version", models.PositiveIntegerField()),
                ("rules", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, default="", max_length=300)),
                ("reverts_to", models.PositiveIntegerField(null=True)),
                ("created_by", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("livemode", "version"), name="routing_plan_version_once"),
                    models.CheckConstraint(condition=Q(version__gte=1), name="routing_plan_version_positive"),
                ],
            },
        ),
        migrations.AddField(
            model_name="payment",
            name="alternatives",
            field=models.JSONField(default=list, db_default=Value([], models.JSONField())),
        ),
        migrations.AddField(
            model_name="transaction", name="not_found_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]

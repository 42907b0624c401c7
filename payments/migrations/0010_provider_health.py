"""Whether the provider did its job in a call, which no HTTP status tells, and the way to the newest sends.

The new column is no rewrite of the table: its default is a constant. Calls of before count as no trouble.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_routing")]
    operations = [
        migrations.AddField(
            model_name="exchange",
            name="is_trouble",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="exchange",
            index=models.Index(
                fields=["started_at"], condition=Q(source="answer") & ~Q(verdict=""), name="exchange_sends"
            ),
        ),
    ]

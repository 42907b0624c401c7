"""A migration as they will come: a new column, and a constraint dropped by its name."""

import pkgutil

from django.db import migrations, models

import payments.migrations

NEWEST = max(module.name for module in pkgutil.iter_modules(payments.migrations.__path__))


class Migration(migrations.Migration):
    dependencies = [("payments", NEWEST)]
    operations = [
        migrations.AddField("apikey", "note", models.CharField(max_length=20, default="")),
        migrations.RemoveConstraint("provideraccount", "provider_account_once"),
        migrations.RemoveConstraint("idempotencykey", "idempotency_key_once"),
    ]

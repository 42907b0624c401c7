"""A payment goes to another provider only when nothing can have moved at the ones before, whoever writes."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION public.guard_provider() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE may_have_moved boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.payments_transaction WHERE payment_id = $1 AND state <> ''dead'')',
                 TG_TABLE_SCHEMA) INTO may_have_moved USING NEW.id;
  IF may_have_moved THEN
    RAISE EXCEPTION 'money may have moved at %, so % cannot be tried', OLD.provider, NEW.provider
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_provider_settled';
  END IF;
  RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = "DROP FUNCTION public.guard_provider;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_settlement_guards")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]

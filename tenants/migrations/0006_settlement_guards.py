"""A trigger function that lets a settlement into the ledger only after two people said so."""

from django.db import migrations

# That the two are different people is a check on the exception itself.
FUNCTIONS = """
CREATE FUNCTION public.check_settlement() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_approved boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.payments_statementexception
                                  WHERE statement_id = $1 AND key = $2 AND action = ''settle'' AND state = ''approved'')',
                 TG_TABLE_SCHEMA)
    INTO is_approved USING NEW.object_id, split_part(NEW.posting, ':', 1);
  IF NOT is_approved THEN
    RAISE EXCEPTION 'nobody approved the settlement %', NEW.posting
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_by_two_people';
  END IF;
  RETURN NULL;
END $$;
"""

DROP_FUNCTIONS = "DROP FUNCTION public.check_settlement;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_statement_guards")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]

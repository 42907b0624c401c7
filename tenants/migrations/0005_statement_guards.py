"""Trigger functions for provider statements: periods stay apart, and what is closed stays as it was."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION public.guard_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'closed' THEN
    RAISE EXCEPTION 'a closed period never changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_closed_is_frozen';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('uploaded', 'open'), ('open', 'closed')) THEN
    RAISE EXCEPTION 'a statement cannot go from % to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.id, NEW.livemode, NEW.provider_account_id, NEW.sha256, NEW.file)
     IS DISTINCT FROM (OLD.id, OLD.livemode, OLD.provider_account_id, OLD.sha256, OLD.file) THEN
    RAISE EXCEPTION 'the file of a statement never changes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

-- Waits for whoever is closing the statement: FOR SHARE conflicts with the lock of the close.
CREATE FUNCTION public.guard_statement_part() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parent text; parent_state text;
BEGIN
  IF TG_TABLE_NAME = 'payments_statementlink' THEN
    EXECUTE format('SELECT statement_id FROM %I.payments_statementline WHERE id = $1', TG_TABLE_SCHEMA)
      INTO parent USING CASE WHEN TG_OP = 'DELETE' THEN OLD.line_id ELSE NEW.line_id END;
  ELSE
    parent := CASE WHEN TG_OP = 'DELETE' THEN OLD.statement_id ELSE NEW.statement_id END;
  END IF;
  EXECUTE format('SELECT state FROM %I.payments_statement WHERE id = $1 FOR SHARE', TG_TABLE_SCHEMA)
    INTO parent_state USING parent;
  IF parent_state = 'closed' THEN
    RAISE EXCEPTION 'a closed period never changes'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'statement_closed_is_frozen';
  END IF;
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'payments_statementline' THEN
    RAISE EXCEPTION 'what the provider wrote never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$;

-- In place of an exclusion constraint, which would need btree_gist. The lock makes two imports at once take turns; the
-- query after it sees what the first one committed.
CREATE FUNCTION public.guard_statement_period() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE other text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.provider_account_id || NEW.currency, 7016996765293437));
  EXECUTE format('SELECT id FROM %I.payments_statement
                   WHERE provider_account_id = $1 AND currency = $2 AND id <> $3
                     AND period_start < $5 AND period_end > $4 LIMIT 1', TG_TABLE_SCHEMA)
    INTO other USING NEW.provider_account_id, NEW.currency, NEW.id, NEW.period_start, NEW.period_end;
  IF other IS NOT NULL THEN
    RAISE EXCEPTION 'the period overlaps that of %', other
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'statement_periods_apart';
  END IF;
  RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = "DROP FUNCTION public.guard_statement, public.guard_statement_part, public.guard_statement_period;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_money_guards")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]

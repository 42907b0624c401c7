"""What models cannot say: trigger functions, Huey's own schema, and tables tuned for what they do."""

from django.db import migrations

# The edges of payments/states.py; tests/payments/test_guards.py proves that both say the same.
FUNCTIONS = """
CREATE FUNCTION public.guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'payments are never deleted' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status AND (OLD.status, NEW.status) NOT IN (
       ('pending', 'processing'), ('pending', 'canceled'), ('pending', 'failed'),
       ('processing', 'succeeded'), ('processing', 'failed'), ('processing', 'unknown'),
       ('unknown', 'processing'), ('unknown', 'succeeded'), ('unknown', 'failed'),
       ('failed', 'succeeded')) THEN
    RAISE EXCEPTION 'a payment cannot go from % to %', OLD.status, NEW.status USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status AND NEW.version <> OLD.version + 1 THEN
    RAISE EXCEPTION 'a change of status raises the version by one' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.id, NEW.kind, NEW.livemode, NEW.amount, NEW.currency, NEW.phone, NEW.reference, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.kind, OLD.livemode, OLD.amount, OLD.currency, OLD.phone, OLD.reference, OLD.created_at) THEN
    RAISE EXCEPTION 'what was asked for never changes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION public.guard_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'transactions are never deleted' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.id, NEW.payment_id, NEW.operation, NEW.provider, NEW.account_id, NEW.reference)
     IS DISTINCT FROM (OLD.id, OLD.payment_id, OLD.operation, OLD.provider, OLD.account_id, OLD.reference) THEN
    RAISE EXCEPTION 'the reference we gave a provider never changes' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'succeeded' AND NEW.state <> 'succeeded' THEN
    RAISE EXCEPTION 'money that moved stays moved' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION public.guard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

-- Events and audit entries change once in their life: when the sealer numbers them.
CREATE FUNCTION public.guard_sealed_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sealed text[] := ARRAY['sequence', 'prev_hash', 'hash'];
BEGIN
  IF OLD.sequence IS NOT NULL OR NEW.sequence IS NULL
     OR to_jsonb(NEW) - sealed IS DISTINCT FROM to_jsonb(OLD) - sealed THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION public.guard_payment, public.guard_transaction, public.guard_append_only, public.guard_sealed_once;
"""

TUNING = """
CREATE SCHEMA IF NOT EXISTS huey;
ALTER TABLE tenants_ratewindow SET UNLOGGED;
ALTER TABLE tenants_job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE UNLOGGED TABLE cache (
  cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX cache_expires ON cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(TUNING, "DROP TABLE cache; DROP SCHEMA huey CASCADE;"),
    ]

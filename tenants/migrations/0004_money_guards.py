"""Trigger functions for refunds and the ledger: what must be true about money, whoever writes."""

from django.db import migrations

# A refund's money is reserved on its collection when it is asked for, counted as refunded when it succeeded, and set
# free when it failed or was canceled. The check on the collection then refuses one refund too many, whatever races:
# the UPDATE waits for the row's lock and adds to what it finds.
FUNCTIONS = """
CREATE FUNCTION public.account_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  reserved numeric := 0;
  refunded numeric := 0;
  is_late boolean := false;
  found record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    EXECUTE format('SELECT status, livemode, currency, kind FROM %I.payments_payment WHERE id = $1 FOR UPDATE',
                   TG_TABLE_SCHEMA) INTO found USING NEW.original_id;
    IF found.kind <> 'collection' OR found.status <> 'succeeded'
       OR found.livemode <> NEW.livemode OR found.currency <> NEW.currency THEN
      RAISE EXCEPTION 'only a succeeded collection of the same mode and currency can be refunded'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_refund_of_success';
    END IF;
    IF NEW.status = 'succeeded' THEN refunded := NEW.amount;
    ELSIF NEW.status NOT IN ('failed', 'canceled') THEN reserved := NEW.amount;
    END IF;
  ELSE
    IF OLD.status NOT IN ('succeeded', 'failed', 'canceled') AND NEW.status IN ('succeeded', 'failed', 'canceled') THEN
      reserved := -NEW.amount;
    END IF;
    IF NEW.status = 'succeeded' THEN refunded := NEW.amount; END IF;
    -- Its reservation is gone and may have been used: the provider's word is booked all the same, as an excess.
    is_late := NEW.status = 'succeeded' AND OLD.status = 'failed';
  END IF;
  IF reserved <> 0 OR refunded <> 0 THEN
    -- The excess is what is really too much: it goes down again when a reservation is set free, or the next refund
    -- would find room that is not there.
    EXECUTE format('UPDATE %I.payments_payment
                       SET amount_reserved = amount_reserved + $2, amount_refunded = amount_refunded + $3,
                           refund_excess = least(
                             CASE WHEN $4 THEN ''Infinity''::numeric ELSE refund_excess END,
                             greatest(0, amount_refunded + $3 + amount_reserved + $2 - amount)),
                           updated_at = greatest(updated_at, $5)
                     WHERE id = $1', TG_TABLE_SCHEMA)
      USING NEW.original_id, reserved, refunded, is_late, NEW.updated_at;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION public.check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total numeric; books bigint;
BEGIN
  EXECUTE format('SELECT sum(amount), count(DISTINCT (livemode, currency, provider_account_id))
                    FROM %I.payments_ledgerentry WHERE posting = $1', TG_TABLE_SCHEMA)
    INTO total, books USING NEW.posting;
  IF total <> 0 OR books <> 1 THEN
    RAISE EXCEPTION 'the lines of posting % do not balance', NEW.posting
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_sums_to_zero';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION public.check_posted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE is_posted boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.payments_ledgerentry
                                  WHERE posting = $1 AND account = ''provider_balance'')', TG_TABLE_SCHEMA)
    INTO is_posted USING NEW.id || ':succeeded';
  IF NOT is_posted THEN
    RAISE EXCEPTION '% succeeded but is not in the ledger', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_success_is_posted';
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION public.guard_payment() RETURNS trigger LANGUAGE plpgsql AS $$
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
  IF (NEW.id, NEW.kind, NEW.livemode, NEW.amount, NEW.currency, NEW.phone, NEW.reference, NEW.original_id,
      NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.kind, OLD.livemode, OLD.amount, OLD.currency, OLD.phone, OLD.reference, OLD.original_id,
      OLD.created_at) THEN
    RAISE EXCEPTION 'what was asked for never changes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
"""

DROP_FUNCTIONS = "DROP FUNCTION public.account_refund, public.check_posting, public.check_posted;"


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_circuits_and_lanes")]
    operations = [migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]

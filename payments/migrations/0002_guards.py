"""Triggers that keep what must be true, whoever writes: legal status changes, append-only records."""

from django.db import migrations

TRIGGERS = """
CREATE TRIGGER guard_payment BEFORE UPDATE OR DELETE ON payments_payment
  FOR EACH ROW EXECUTE FUNCTION public.guard_payment();
CREATE TRIGGER guard_transaction BEFORE UPDATE OR DELETE ON payments_transaction
  FOR EACH ROW EXECUTE FUNCTION public.guard_transaction();
CREATE TRIGGER guard_exchange BEFORE UPDATE OR DELETE ON payments_exchange
  FOR EACH ROW EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_event_sealed_once BEFORE UPDATE ON payments_event
  FOR EACH ROW EXECUTE FUNCTION public.guard_sealed_once();
CREATE TRIGGER guard_event_kept BEFORE DELETE ON payments_event
  FOR EACH ROW EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_audit_sealed_once BEFORE UPDATE ON payments_auditentry
  FOR EACH ROW EXECUTE FUNCTION public.guard_sealed_once();
CREATE TRIGGER guard_audit_kept BEFORE DELETE ON payments_auditentry
  FOR EACH ROW EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_payment_truncate BEFORE TRUNCATE ON payments_payment
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_event_truncate BEFORE TRUNCATE ON payments_event
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_audit_truncate BEFORE TRUNCATE ON payments_auditentry
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
"""

DROP_TRIGGERS = """
DROP TRIGGER guard_payment ON payments_payment;
DROP TRIGGER guard_payment_truncate ON payments_payment;
DROP TRIGGER guard_transaction ON payments_transaction;
DROP TRIGGER guard_exchange ON payments_exchange;
DROP TRIGGER guard_event_sealed_once ON payments_event;
DROP TRIGGER guard_event_kept ON payments_event;
DROP TRIGGER guard_event_truncate ON payments_event;
DROP TRIGGER guard_audit_sealed_once ON payments_auditentry;
DROP TRIGGER guard_audit_kept ON payments_auditentry;
DROP TRIGGER guard_audit_truncate ON payments_auditentry;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial"), ("tenants", "0002_guards_and_tuning")]
    operations = [migrations.RunSQL(TRIGGERS, DROP_TRIGGERS)]

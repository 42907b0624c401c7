"""Books what succeeded before there was a ledger, says what each account can do, and puts the triggers in place."""

from django.db import migrations

# One posting for every payment that had succeeded, with the account that it was made with.
POST_EARLIER_SUCCESSES = """
INSERT INTO payments_ledgerentry
  (id, posting, livemode, provider, provider_account_id, account, amount, currency, object_id, description, created_at)
SELECT 'le_' || left(md5(p.id || line.account), 26), p.id || ':succeeded', p.livemode, p.provider, t.account_id,
       line.account, line.sign * p.amount, p.currency, p.id, 'Booked when the ledger was introduced.', p.completed_at
  FROM payments_payment p
  JOIN payments_transaction t ON t.payment_id = p.id AND t.state = 'succeeded'
 CROSS JOIN (VALUES ('provider_balance', 1), ('collected', -1)) AS line (account, sign)
 WHERE p.status = 'succeeded'
 ORDER BY p.completed_at
"""

# Disbursement credentials could be stored before, but not used: connecting the account again adds what they allow.
KNOWN_OPERATIONS = """UPDATE payments_provideraccount SET operations = '["collect"]'"""

TRIGGERS = """
CREATE TRIGGER account_refund_asked AFTER INSERT ON payments_payment
  FOR EACH ROW WHEN (NEW.kind = 'refund') EXECUTE FUNCTION public.account_refund();
CREATE TRIGGER account_refund_moved AFTER UPDATE OF status ON payments_payment
  FOR EACH ROW WHEN (NEW.kind = 'refund' AND NEW.status IS DISTINCT FROM OLD.status)
  EXECUTE FUNCTION public.account_refund();
CREATE CONSTRAINT TRIGGER payment_success_is_posted AFTER UPDATE OF status ON payments_payment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.status = 'succeeded' AND NEW.status IS DISTINCT FROM OLD.status) EXECUTE FUNCTION public.check_posted();
CREATE CONSTRAINT TRIGGER ledger_sums_to_zero AFTER INSERT ON payments_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.check_posting();
CREATE TRIGGER guard_ledger BEFORE UPDATE OR DELETE ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION public.guard_append_only();
CREATE TRIGGER guard_ledger_truncate BEFORE TRUNCATE ON payments_ledgerentry
  FOR EACH STATEMENT EXECUTE FUNCTION public.guard_append_only();
"""

DROP_TRIGGERS = """
DROP TRIGGER account_refund_asked ON payments_payment;
DROP TRIGGER account_refund_moved ON payments_payment;
DROP TRIGGER payment_success_is_posted ON payments_payment;
DROP TRIGGER ledger_sums_to_zero ON payments_ledgerentry;
DROP TRIGGER guard_ledger ON payments_ledgerentry;
DROP TRIGGER guard_ledger_truncate ON payments_ledgerentry;
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_money_out_and_back"), ("tenants", "0004_money_guards")]
    operations = [
        migrations.RunSQL(POST_EARLIER_SUCCESSES, migrations.RunSQL.noop),
        migrations.RunSQL(KNOWN_OPERATIONS, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
    ]

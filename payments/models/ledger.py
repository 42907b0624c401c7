"""Double entry: what a provider holds for the merchant, and where it came from or went."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments import ids


class LedgerEntry(models.Model):
    """One line. The lines of a posting sum to zero, which a deferred constraint checks; none ever changes.

    `amount` is signed. The account `provider_balance` grows with what comes in; every other account takes the
    opposite sign, so that all lines of a merchant, mode and currency sum to zero at any instant.
    """

    PROVIDER_BALANCE = "provider_balance"
    COLLECTED, REFUNDED, PAID_OUT, FEES, SETTLED = "collected", "refunded", "paid_out", "fees", "settled"
    ACCOUNTS = (PROVIDER_BALANCE, COLLECTED, REFUNDED, PAID_OUT, FEES, SETTLED)

    position = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=ids.ledger_entry_id, db_collation="C")
    # Names what happened, once for ever: "pay_01k…:succeeded".
    posting = models.CharField(max_length=80, db_collation="C")
    livemode = models.BooleanField()
    provider = models.CharField(max_length=12)
    provider_account_id = models.CharField(max_length=40)
    account = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    object_id = models.CharField(max_length=40, db_collation="C")  # the payment, payout, refund or statement
    description = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(fields=["posting", "account"], name="ledger_posted_once"),
            models.CheckConstraint(
                condition=Q(account__in=["provider_balance", "collected", "refunded", "paid_out", "fees", "settled"]),
                name="ledger_account_known",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_amount_not_zero"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="ledger_currency_shape"),
        ]
        indexes = [
            models.Index(fields=["livemode", "-position"], name="ledger_newest"),
            models.Index(fields=["object_id"], name="ledger_by_object"),
            # Balances are read from this index alone.
            models.Index(
                fields=["livemode", "currency", "provider_account_id", "account"], include=["amount"],
                name="ledger_balances",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.posting} {self.account} {self.amount} {self.currency}"


class FeeRule(models.Model):
    """What an operation costs the merchant from `valid_from` on: a percentage of the amount plus a fixed part."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.fee_rule_id, db_collation="C")
    livemode = models.BooleanField()
    provider = models.CharField(max_length=12)
    operation = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    percentage = models.DecimalField(max_digits=7, decimal_places=4)  # 2.5000 means 2.5 % of the amount
    fixed = models.DecimalField(max_digits=18, decimal_places=2)
    valid_from = models.DateTimeField(db_default=Now())
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["livemode", "provider", "operation", "currency", "valid_from"], name="fee_rule_once"
            ),
            models.CheckConstraint(
                condition=Q(percentage__gte=0, percentage__lte=100, fixed__gte=0), name="fee_rule_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(operation__in=["collect", "transfer", "refund"]), name="fee_rule_operation_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.operation}: {self.percentage} % + {self.fixed} {self.currency}"

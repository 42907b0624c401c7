"""Money in, out and back (one table for the three), and every operation made at a provider for it."""

from decimal import Decimal

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from payments import ids
from payments.kinds import PaymentKind
from payments.states import FINAL, Status
from providers.base import Operation

FINAL_VALUES = sorted(status.value for status in FINAL)
STATUS_CHOICES = [(status.value, status.value) for status in Status]


class Payment(models.Model):
    """A movement of money that the merchant wants. Only payments/transitions.py writes `status`; a trigger guards it.

    A collection brings money in from `phone`; a payout sends money to it; a refund sends back money of `original`.
    """

    id = models.CharField(primary_key=True, max_length=40, default=ids.payment_id, db_collation="C")
    kind = models.CharField(max_length=12, default=PaymentKind.COLLECTION)
    livemode = models.BooleanField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    original = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="refunds", db_index=False)
    # Of a collection; kept by a trigger on its refunds. Reserved: by refunds that have not ended.
    amount_refunded = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    amount_reserved = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    # What the provider paid back beyond the amount, by refunds that it had called failed before.
    refund_excess = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12, choices=STATUS_CHOICES, default=Status.PENDING)
    phone = models.CharField(max_length=15)
    provider = models.CharField(max_length=12)
    # Who may be tried after it, in this order, when nothing can have moved there (payments/routing/switching.py).
    alternatives = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    reference = models.CharField(max_length=64, null=True)  # noqa: DJ001 (NULL: the merchant gave none)
    description = models.CharField(max_length=255, blank=True, default="")
    metadata = models.JSONField(default=dict)
    failure_code = models.CharField(max_length=40, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    failure_provider_code = models.CharField(max_length=120, blank=True, default="")
    failure_retry_safe = models.BooleanField(default=False)
    provider_reference = models.CharField(max_length=64, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_by = models.CharField(max_length=200)
    # Since when it waits for a provider that is down, before anything was sent.
    held_at = models.DateTimeField(null=True)
    # When the next poll is planned (shown to people), and since when a person should look at it.
    next_check_at = models.DateTimeField(null=True)
    attention_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["livemode", "kind", "reference"],
                condition=Q(reference__isnull=False),
                name="payment_reference_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(
                condition=Q(amount_refunded__gte=0, amount_reserved__gte=0, refund_excess__gte=0)
                & Q(amount__gte=models.F("amount_refunded") + models.F("amount_reserved") - models.F("refund_excess")),
                name="payment_refunds_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in PaymentKind]), name="payment_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind=PaymentKind.REFUND.value) ^ Q(original__isnull=True),
                name="payment_only_refunds_have_original",
            ),
            models.CheckConstraint(condition=Q(status__in=[s.value for s in Status]), name="payment_status_known"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="payment_currency_shape"),
            models.CheckConstraint(condition=Q(phone__regex=r"^[0-9]{9,15}$"), name="payment_phone_shape"),
            models.CheckConstraint(
                condition=Q(status__in=FINAL_VALUES, completed_at__isnull=False)
                | (~Q(status__in=FINAL_VALUES) & Q(completed_at__isnull=True)),
                name="payment_completed_when_final",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.FAILED.value) ^ Q(failure_code=""), name="payment_failure_only_when_failed"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="payment_version_positive"),
        ]
        indexes = [
            models.Index(fields=["livemode", "kind", "-id"], name="payment_newest"),
            models.Index(fields=["livemode", "kind", "status", "-id"], name="payment_by_status"),
            models.Index(fields=["livemode", "phone", "-id"], name="payment_by_phone"),
            # Partial: a collection, which is nearly every row, pays nothing for it.
            models.Index(fields=["original"], condition=Q(original__isnull=False), name="payment_by_original"),
            models.Index(
                fields=["provider_reference"],
                condition=~Q(provider_reference=""),
                name="payment_by_provider_ref",
            ),
            models.Index(
                fields=["attention_at"], condition=Q(attention_at__isnull=False), name="payment_needs_attention"
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def is_held(self) -> bool:
        """It waits for a provider that is down; nothing was sent."""
        return self.status == Status.PENDING and self.held_at is not None

    @property
    def amount_refundable(self) -> Decimal:
        """What can still be paid back of a collection that succeeded."""
        left = self.amount - self.amount_refunded - self.amount_reserved
        return max(left, Decimal(0)) if self.status == Status.SUCCEEDED else Decimal(0)


class Transaction(models.Model):
    """One operation at one provider. `reference` is ours, committed before the call, and never changes."""

    OPEN, SUCCEEDED, DEAD = "open", "succeeded", "dead"

    id = models.CharField(primary_key=True, max_length=40, default=ids.transaction_id, db_collation="C")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="transactions")
    number = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=12, default=Operation.COLLECT)
    provider = models.CharField(max_length=12)
    account_id = models.CharField(max_length=40)
    # A status is readable only on the platform that processed it (PROVIDERS.md 1.1), so the address stays with the row.
    base_url = models.CharField(max_length=200)
    reference = models.CharField(max_length=64, unique=True)
    # open: may still move money. dead: provably did not and never will.
    state = models.CharField(max_length=12, default=OPEN)
    # Every send is counted before it happens. As long as each was refused, nothing can have arrived.
    sends = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    # Set only when sending again under the same reference is proven safe; cleared by the send.
    may_resend = models.BooleanField(default=False)
    # A failure that rests on a word MTN sometimes revises, or on its not knowing us, is looked at again after the end.
    follow_ups_left = models.PositiveSmallIntegerField(default=0)
    polls = models.PositiveIntegerField(default=0)
    # How often in a row, and when last counted, the provider says it does not know our reference.
    not_found_count = models.PositiveSmallIntegerField(default=0)
    not_found_at = models.DateTimeField(null=True)
    last_sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    provider_code = models.CharField(max_length=120, blank=True, default="")
    provider_reference = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment", "number"], name="transaction_number_once"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state__in=["open", "succeeded"]),
                name="transaction_only_one_may_move_money",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "succeeded", "dead"]), name="transaction_state_known"
            ),
            models.CheckConstraint(
                condition=Q(operation__in=[operation.value for operation in Operation]),
                name="transaction_operation_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider_reference"],
                condition=~Q(provider_reference=""),
                name="transaction_by_provider_ref",
            ),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def may_have_arrived(self) -> bool:
        """Whether any send may have reached the provider: false only if each one was refused for certain."""
        return self.sends > self.refusals


class Exchange(models.Model):
    """One HTTP call to a provider as it happened, redacted before it got here. Append-only."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="exchanges")
    transaction_id = models.CharField(max_length=40)
    source = models.CharField(max_length=12)  # answer, poll, callback, check
    operation = models.CharField(max_length=20)
    method = models.CharField(max_length=8)
    url = models.CharField(max_length=500)
    request_headers = models.JSONField(default=dict)
    request_body = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True, default="")
    error = models.CharField(max_length=300, blank=True, default="")
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    # What the adapter made of the last exchange of a call; empty for the ones that led to it (tokens).
    verdict = models.CharField(max_length=12, blank=True, default="")
    # And whether the provider did not do its job (providers.base.Outcome.trouble), which no HTTP status tells.
    is_trouble = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # Of all calls only the sends, each once: for payments/health/measuring.py.
            models.Index(fields=["started_at"], condition=Q(source="answer") & ~Q(verdict=""), name="exchange_sends"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

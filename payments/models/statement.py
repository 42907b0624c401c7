"""What a provider says it did in a period, line by line, and how that agrees with our books."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from payments import ids
from payments.money import CURRENCIES


class SavedLayout(models.Model):
    """How the statements of one provider account are laid out, offered again with the next file."""

    provider_account_id = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    layout = models.JSONField()  # payments/statements/layout.py
    is_proven = models.BooleanField(default=False)
    saved_by = models.CharField(max_length=200)
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider_account_id", "name"], name="saved_layout_once")]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """A file of a provider about one account, currency and period. Frozen by triggers once it is closed.

    Periods of one account and currency never overlap, which a trigger sees to (an exclusion constraint would need the
    extension btree_gist, which not every managed database has).
    """

    UPLOADED, OPEN, CLOSED = "uploaded", "open", "closed"

    id = models.CharField(primary_key=True, max_length=40, default=ids.statement_id, db_collation="C")
    livemode = models.BooleanField()
    provider = models.CharField(max_length=12)
    provider_account_id = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default=UPLOADED)
    file_name = models.CharField(max_length=200)
    file = models.BinaryField()  # as it came, byte for byte: the certificate names its hash
    sha256 = models.CharField(max_length=64)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    # Set by the import:
    currency = models.CharField(max_length=3, blank=True, default="")
    layout = models.JSONField(default=dict)
    layout_name = models.CharField(max_length=80, blank=True, default="")
    is_layout_proven = models.BooleanField(default=False)
    period_start = models.DateTimeField(null=True)
    period_end = models.DateTimeField(null=True)  # the first moment after it
    line_count = models.PositiveIntegerField(default=0)
    uploaded_by = models.CharField(max_length=200)
    uploaded_at = models.DateTimeField(db_default=Now())
    imported_by = models.CharField(max_length=200, blank=True, default="")
    imported_at = models.DateTimeField(null=True)
    matched_at = models.DateTimeField(null=True)
    # Set by closing it: the certificate is kept as the very text that was hashed.
    closed_by = models.CharField(max_length=200, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    certificate = models.TextField(blank=True, default="")
    certificate_sha256 = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider_account_id", "sha256"], name="statement_file_once"),
            models.CheckConstraint(condition=Q(state__in=["uploaded", "open", "closed"]), name="statement_state_known"),
            models.CheckConstraint(
                condition=Q(state="uploaded")
                | Q(period_start__isnull=False, period_end__gt=F("period_start"), currency__in=sorted(CURRENCIES)),
                name="statement_has_period",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, certificate_sha256__regex=r"^[0-9a-f]{64}$")
                | (~Q(state="closed") & Q(closed_at__isnull=True, certificate_sha256="")),
                name="statement_closed_with_certificate",
            ),
        ]
        indexes = [models.Index(fields=["livemode", "-id"], name="statement_newest")]

    def __str__(self) -> str:
        return f"{self.provider} {self.file_name}"


class StatementLine(models.Model):
    """One line as the provider wrote it, read through the layout. Never changes."""

    IN, OUT, REFUND, FEE, SETTLEMENT = "in", "out", "refund", "fee", "settlement"
    KINDS = (IN, OUT, REFUND, FEE, SETTLEMENT)
    MOVED, FAILED, PENDING = "moved", "failed", "pending"

    id = models.CharField(primary_key=True, max_length=40, default=ids.statement_line_id, db_collation="C")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()  # of the line in the file, as an editor counts
    occurred_at = models.DateTimeField()
    provider_reference = models.CharField(max_length=64, blank=True, default="")
    our_reference = models.CharField(max_length=64, blank=True, default="")
    phone = models.CharField(max_length=15, blank=True, default="")
    kind = models.CharField(max_length=12)
    # Signed: what came to the account is positive. The fee is what was taken off, and is not in the amount.
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    fee = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    # No empty cell. Lines of before this was kept count as stated wherever there was a column.
    is_fee_stated = models.BooleanField(default=True, db_default=True)
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=12, default=MOVED)
    status_word = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="statement_line_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["in", "out", "refund", "fee", "settlement"]), name="statement_line_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["moved", "failed", "pending"]), name="statement_line_outcome_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider_reference"], condition=~Q(provider_reference=""), name="statement_line_by_reference"
            )
        ]

    def __str__(self) -> str:
        return f"line {self.number} of {self.statement_id}"


class StatementLink(models.Model):
    """A person's word on which payment a line is about; `payment` NULL: none of ours, whatever we suggested."""

    line = models.OneToOneField(StatementLine, on_delete=models.CASCADE, related_name="link")
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    linked_by = models.CharField(max_length=200)
    linked_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.line_id} is {self.payment_id}"


class StatementItem(models.Model):
    """One row of the comparison: a line, a payment of ours, or both side by side. Recomputed until the close.

    The items of a statement add up: sum(theirs) - sum(ours) = sum(difference). sum(ours) is what the ledger moved: what
    lines and payments leave of that is a row of its own, the only one without a side.
    """

    EXACT, SUGGESTED, MANUAL = "exact", "suggested", "manual"

    id = models.CharField(primary_key=True, max_length=40, default=ids.statement_item_id, db_collation="C")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="items")
    # The row's name through every new comparison: the line's id, for what only we have the payment's, for the ledger's
    # rest the statement's.
    key = models.CharField(max_length=40, db_collation="C")
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, null=True, related_name="+")
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, null=True, related_name="+")
    link = models.CharField(max_length=12, blank=True, default="")
    finding = models.CharField(max_length=24)  # payments/statements/findings.py
    tab = models.CharField(max_length=16)
    is_open = models.BooleanField()  # it needs a person before the period can be closed
    theirs = models.DecimalField(max_digits=18, decimal_places=2)
    ours = models.DecimalField(max_digits=18, decimal_places=2)
    difference = models.GeneratedField(
        expression=F("theirs") - F("ours"),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )
    elsewhere = models.CharField(max_length=40, blank=True, default="")  # the other statement that it is about
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "key"], name="statement_item_once"),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | Q(payment__isnull=False) | Q(finding="ledger_rest"),
                name="statement_item_has_a_side",
            ),
            models.CheckConstraint(
                condition=Q(link__in=["", "exact", "suggested", "manual"]), name="statement_item_link_known"
            ),
        ]
        indexes = [models.Index(fields=["statement", "tab", "position"], name="statement_item_by_tab")]

    def __str__(self) -> str:
        return f"{self.finding} {self.key}"


class StatementException(models.Model):
    """What people say about an open line: one proposes with a reason, another one approves."""

    # SETTLE books the line in the ledger; the others explain its difference.
    ACCEPT, WRITE_OFF, SETTLE = "accept", "write_off", "settle"
    PROPOSED, APPROVED, REJECTED, WITHDRAWN = "proposed", "approved", "rejected", "withdrawn"
    # The comparison came out differently before anybody decided, or after.
    OVERTAKEN = "overtaken"

    id = models.CharField(primary_key=True, max_length=40, default=ids.statement_exception_id, db_collation="C")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="exceptions")
    key = models.CharField(max_length=40, db_collation="C")  # of the item; with what was seen there:
    finding = models.CharField(max_length=24)
    difference = models.DecimalField(max_digits=18, decimal_places=2)
    payment = models.ForeignKey(
        "payments.Payment", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=12, default=PROPOSED)
    proposed_by = models.CharField(max_length=200)
    proposed_by_user = models.BigIntegerField()
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_by_user = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True, default="")
    # The one decision that took many together, by its form's token:
    decided_in = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "key"],
                condition=Q(state__in=["proposed", "approved"]),
                name="statement_exception_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(action__in=["accept", "write_off"]) | Q(action="settle", finding="settlement"),
                name="statement_exception_action",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "rejected", "withdrawn", "overtaken"]),
                name="statement_exception_state_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="statement_exception_has_reason"),
            # Four eyes: nobody approves what he proposed.
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by_user__isnull=False) & ~Q(decided_by_user=F("proposed_by_user"))),
                name="statement_exception_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.key} ({self.state})"

    @property
    def likeness(self) -> tuple[str, str, str]:
        """What proposals have in common that may be approved together."""
        return self.finding, self.action, self.reason

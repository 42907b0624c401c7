"""What happened, in rows that are only ever added: events, callbacks as received, and the audit trail."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments import ids


class Event(models.Model):
    """A change of state. `sequence` is gapless per mode; the sealer assigns it a moment after the commit."""

    position = models.BigAutoField(primary_key=True)
    id = models.CharField(max_length=40, unique=True, default=ids.event_id, db_collation="C")
    sequence = models.BigIntegerField(null=True)
    livemode = models.BooleanField()
    type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40, db_collation="C")
    object_version = models.PositiveIntegerField()
    status = models.CharField(max_length=12)
    reason = models.CharField(max_length=300, blank=True, default="")
    actor = models.CharField(max_length=200)
    request_id = models.CharField(max_length=128, blank=True, default="")
    data = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["livemode", "sequence"], name="event_sequence_once"),
            models.UniqueConstraint(fields=["object_id", "object_version"], name="event_version_once"),
        ]
        indexes = [
            models.Index(fields=["position"], condition=Q(sequence__isnull=True), name="event_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object_id}"


class Callback(models.Model):
    """A provider's message exactly as it came, what we made of it, and why."""

    RECEIVED, APPLIED, UNCONFIRMED = "received", "applied", "unconfirmed"
    NO_CHANGE, REJECTED, UNMATCHED = "no_change", "rejected", "unmatched"
    VERDICTS = (RECEIVED, APPLIED, UNCONFIRMED, NO_CHANGE, REJECTED, UNMATCHED)

    id = models.CharField(primary_key=True, max_length=40, default=ids.callback_id, db_collation="C")
    provider = models.CharField(max_length=12)
    # Whether the address carried our signature. Even then nothing is believed before it is read back.
    is_signed = models.BooleanField()
    transaction_id = models.CharField(max_length=40, blank=True, default="")
    payment_id = models.CharField(max_length=40, blank=True, default="")
    method = models.CharField(max_length=8)
    headers = models.JSONField()
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    remote_ip = models.CharField(max_length=45, blank=True, default="")
    request_id = models.CharField(max_length=128, blank=True, default="")
    claims = models.CharField(max_length=12, blank=True, default="")  # what the message says happened
    verdict = models.CharField(max_length=12, default=RECEIVED)
    reason = models.CharField(max_length=300, blank=True, default="")
    duplicates = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(db_default=Now())
    last_received_at = models.DateTimeField(db_default=Now())
    processed_at = models.DateTimeField(null=True)
    # The person who said which payment an unmatched message belongs to.
    linked_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    linked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "is_signed", "transaction_id", "body_sha256"], name="callback_once"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["received", "applied", "unconfirmed", "no_change", "rejected", "unmatched"]),
                name="callback_verdict_known",
            ),
        ]
        indexes = [
            models.Index(fields=["payment_id"], name="callback_by_payment"),
            models.Index(fields=["verdict", "-received_at"], name="callback_by_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.verdict} {self.id}"


class AuditEntry(models.Model):
    """Who did what, when, from where, with what result. The sealer chains it by hash a moment after the commit."""

    OK, DENIED, FAILED = "ok", "denied", "failed"

    position = models.BigAutoField(primary_key=True)
    sequence = models.BigIntegerField(null=True, unique=True)
    livemode = models.BooleanField(null=True)
    actor = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, blank=True, default="")
    result = models.CharField(max_length=8, default=OK)
    reason = models.CharField(max_length=500, blank=True, default="")
    ip = models.CharField(max_length=45, blank=True, default="")
    request_id = models.CharField(max_length=128, blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    prev_hash = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(condition=Q(result__in=["ok", "denied", "failed"]), name="audit_result_known"),
            models.CheckConstraint(
                condition=Q(sequence__isnull=True, hash="") | Q(sequence__isnull=False, hash__regex=r"^[0-9a-f]{64}$"),
                name="audit_sealed_with_hash",
            ),
        ]
        indexes = [
            models.Index(fields=["position"], condition=Q(sequence__isnull=True), name="audit_unsealed"),
            models.Index(fields=["target"], name="audit_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"

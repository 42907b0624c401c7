"""How a merchant's servers get in (API keys), and how we get in at providers (accounts)."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from payments import ids


class ApiKey(models.Model):
    """A key as we know it: its hash. The key itself was shown once."""

    id = models.CharField(primary_key=True, max_length=40, default=ids.key_id, db_collation="C")
    livemode = models.BooleanField()
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=24)
    last4 = models.CharField(max_length=4)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    allowed_ips = models.JSONField(default=list)  # CIDR ranges; empty: from anywhere
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=200, blank=True, default="")
    last_used_at = models.DateTimeField(null=True)
    last_used_ip = models.CharField(max_length=45, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["livemode", "-id"], name="api_key_newest")]

    def __str__(self) -> str:
        return f"{self.prefix}…{self.last4}"


class ProviderAccount(models.Model):
    """The merchant's account at a provider, one in use per mode. Credentials are sealed; see payments/sealing.py.

    A row stays the same account for ever: what was sent with it is looked up with it, also after it is retired.
    """

    id = models.CharField(primary_key=True, max_length=40, default=ids.provider_account_id, db_collation="C")
    livemode = models.BooleanField()
    provider = models.CharField(max_length=12)
    base_url = models.CharField(max_length=200)
    sealed_credentials = models.BinaryField()
    # What these credentials can be used for, readable without opening them: see providers.base.Operation.
    operations = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["livemode", "provider"], condition=Q(retired_at__isnull=True), name="provider_account_once"
            ),
            models.CheckConstraint(condition=Q(provider__in=["mtn", "airtel", "zamtel"]), name="provider_known"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} ({'live' if self.livemode else 'test'})"


class IdempotencyKey(models.Model):
    """What a money-moving POST was answered, so that a repeat of it is answered the same and moves nothing."""

    livemode = models.BooleanField()
    route = models.CharField(max_length=40)
    key = models.CharField(max_length=255)
    request = models.JSONField()  # the body as received, to name the fields that differ in a reuse
    response_status = models.PositiveSmallIntegerField()
    response_body = models.TextField()
    object_id = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["livemode", "route", "key"], name="idempotency_key_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return self.key

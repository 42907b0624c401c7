"""Work to be done for any merchant, the signs of life of those who do it, and the request counters."""

from django.db import models
from django.db.models import Q

from tenants.models.tenant import Tenant


class Job(models.Model):
    """One piece of work, written in the same transaction as the change that needs it.

    `due_at` is when it may be claimed: its run time or, once claimed, the end of the lease. A finished job is deleted.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=40)
    # The provider that it calls, if any: workers keep threads free of each (see tenants/lanes.py).
    lane = models.CharField(max_length=12, default="", db_default="")
    # One waiting job per key: a second request for the same work only pulls the first one forward.
    dedupe_key = models.CharField(max_length=90, null=True)  # noqa: DJ001 (NULL means: never a duplicate)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claim_token = models.UUIDField(null=True)
    last_error = models.CharField(max_length=500, blank=True, default="")
    parked_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=128, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dedupe_key"], condition=Q(claim_token__isnull=True), name="job_waiting_once"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(parked_at__isnull=True), name="job_due"),
            models.Index(fields=["subject"], name="job_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Heartbeat(models.Model):
    """When each kind of process last proved that it works; /readyz reads it."""

    name = models.CharField(max_length=40, primary_key=True)
    beaten_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class RateWindow(models.Model):
    """Requests used in the current window of a merchant and mode. The table is UNLOGGED: a crash resets it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    livemode = models.BooleanField()
    started_at = models.DateTimeField()
    used = models.IntegerField()
    granted = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "livemode"], name="rate_window_once")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {'live' if self.livemode else 'test'}: {self.used}"

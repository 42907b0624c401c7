"""Whether a merchant's account at a provider can be used for an operation now, known to every process."""

from django.db import models
from django.db.models import Q

from tenants.models.tenant import Tenant


class Circuit(models.Model):
    """A circuit breaker; no row means closed. Only payments/circuits.py writes it.

    closed: calls go through. open: none does. half-open: none but the probe that is under way.
    """

    CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="circuits")
    livemode = models.BooleanField()
    provider = models.CharField(max_length=12)
    account_id = models.CharField(max_length=40)
    operation = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default=CLOSED)
    # In a row, of orders and of look-ups: one that works says nothing about the other.
    failures = models.PositiveIntegerField(default=0)
    lookup_failures = models.PositiveIntegerField(default=0)
    # How often it opened since the last good order: the pause before the next probe doubles each time.
    relapses = models.PositiveIntegerField(default=0)
    last_trouble = models.CharField(max_length=300, blank=True, default="")
    opened_at = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)
    changes = models.PositiveIntegerField(default=0)  # how often it opened or closed: the version of its events
    # A person's word goes over the breaker's own: "open" stops everything, "closed" lets everything through.
    forced = models.CharField(max_length=12, blank=True, default="")
    forced_by = models.CharField(max_length=200, blank=True, default="")
    forced_reason = models.CharField(max_length=300, blank=True, default="")
    forced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "operation", "tenant"], name="circuit_once"),
            models.CheckConstraint(condition=Q(state__in=["closed", "open", "half-open"]), name="circuit_state_known"),
            models.CheckConstraint(condition=Q(forced__in=["", "open", "closed"]), name="circuit_forced_known"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.operation} {self.account_id}: {self.state}"

    @property
    def is_blocked(self) -> bool:
        """Whether ordinary calls are kept back."""
        return (self.forced or self.state) != self.CLOSED

"""How the merchant wants its money routed, as numbered plans: each save is a new one, and none is ever changed."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class RoutingPlan(models.Model):
    """The whole list of rules at one time (payments/routing/rules.py). The newest of a mode is the one that holds."""

    livemode = models.BooleanField()
    version = models.PositiveIntegerField()
    rules = models.JSONField(default=list)
    note = models.CharField(max_length=300, blank=True, default="")
    reverts_to = models.PositiveIntegerField(null=True)  # the version whose rules these are again
    created_by = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["livemode", "version"], name="routing_plan_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="routing_plan_version_positive"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

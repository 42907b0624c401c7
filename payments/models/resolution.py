"""An unknown outcome that people settle, when no word of the provider's can be had."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payments import ids


class Resolution(models.Model):
    """One person's proposal of how a payment ended, with evidence; it takes effect when a second person approves."""

    PROPOSED, APPROVED, REJECTED, WITHDRAWN = "proposed", "approved", "rejected", "withdrawn"
    # The provider spoke before anybody decided.
    OVERTAKEN = "overtaken"

    id = models.CharField(primary_key=True, max_length=40, default=ids.resolution_id, db_collation="C")
    payment = models.ForeignKey("payments.Payment", on_delete=models.PROTECT, related_name="resolutions")
    outcome = models.CharField(max_length=12)  # succeeded or failed
    reason = models.CharField(max_length=300)
    evidence = models.TextField()
    provider_reference = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=12, default=PROPOSED)
    proposed_by = models.CharField(max_length=200)
    proposed_by_user = models.BigIntegerField()
    proposed_at = models.DateTimeField(db_default=Now())
    decided_by = models.CharField(max_length=200, blank=True, default="")
    decided_by_user = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payment"], condition=Q(state="proposed"), name="resolution_one_open"),
            models.CheckConstraint(condition=Q(outcome__in=["succeeded", "failed"]), name="resolution_outcome_known"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "rejected", "withdrawn", "overtaken"]),
                name="resolution_state_known",
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(evidence=""), name="resolution_has_evidence"),
            # Four eyes: nobody approves what he proposed.
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by_user__isnull=False) & ~Q(decided_by_user=models.F("proposed_by_user"))),
                name="resolution_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} {self.outcome} ({self.state})"

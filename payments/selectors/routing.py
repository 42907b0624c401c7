"""The versions of a merchant's routing rules, each with what it changed."""

from dataclasses import dataclass

from payments.models import RoutingPlan
from payments.routing.plans import Difference, difference, plan_history


@dataclass(frozen=True, slots=True)
class Version:
    """One saved plan. `is_same`: its rules are the ones that hold now, so going back to it would change nothing."""

    plan: RoutingPlan
    changed: Difference
    is_same: bool


def list_versions(*, livemode: bool, limit: int) -> list[Version]:
    """Newest first; the first one holds now."""
    plans = plan_history(livemode=livemode, limit=limit + 1)
    before: list[RoutingPlan | None] = [*plans[1:], None]
    versions = [
        Version(plan, difference(old, plan), plan.rules == plans[0].rules)
        for plan, old in zip(plans, before, strict=False)
    ]
    return versions[:limit]


def get_plan(*, livemode: bool, version: int) -> RoutingPlan | None:
    return RoutingPlan.objects.filter(livemode=livemode, version=version).first()

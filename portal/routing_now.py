"""The routing rules that hold in the mode of a request, and what becomes of an edit while somebody else saves."""

from dataclasses import dataclass

from payments.accounts import routes_of
from payments.models import RoutingPlan
from payments.routing.choosing import Route
from payments.routing.plans import Difference, current_plan, difference, stored_rules
from payments.routing.rules import Rule
from payments.selectors.routing import get_plan
from portal.access import MerchantRequest


@dataclass(frozen=True, slots=True)
class Now:
    """plan: None while no rule was ever saved. routes: what the accounts in use can do."""

    plan: RoutingPlan | None
    rules: tuple[Rule, ...]
    routes: frozenset[Route]

    @property
    def version(self) -> int:
        return self.plan.version if self.plan else 0

    @property
    def skipped(self) -> int:
        """How many stored rules this release does not understand, and does not follow."""
        return len(self.plan.rules) - len(self.rules) if self.plan else 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """The version that was saved while somebody edited an older one, and what it changed since."""

    plan: RoutingPlan
    changed: Difference


def routing_now(request: MerchantRequest) -> Now:
    plan = current_plan(livemode=request.livemode)
    return Now(plan, stored_rules(plan.rules) if plan else (), routes_of(livemode=request.livemode))


def conflict_with(now: Now, *, based_on: int) -> Conflict | None:
    """None: what the editor saw still holds."""
    if now.plan is None or now.version == based_on:
        return None
    seen = get_plan(livemode=now.plan.livemode, version=based_on)
    return Conflict(now.plan, difference(seen, now.plan))

"""Saving a merchant's routing rules as a new version, going back to an old one, and telling two versions apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, transaction

from payments import audit
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import RoutingPlan
from payments.routing.rules import InvalidRules, Rule, read_rules

log = structlog.get_logger("routing")


@dataclass(frozen=True, slots=True)
class Difference:
    """What a version took out of the one before it, and what it put in."""

    removed: tuple[Rule, ...]
    added: tuple[Rule, ...]


def current_plan(*, livemode: bool) -> RoutingPlan | None:
    """None: no rule was ever saved, and each network serves its own numbers."""
    return RoutingPlan.objects.filter(livemode=livemode).order_by("-version").first()


def plan_history(*, livemode: bool, limit: int = 100) -> list[RoutingPlan]:
    return list(RoutingPlan.objects.filter(livemode=livemode).order_by("-version")[:limit])


def stored_rules(stored: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """What was saved, without the rules that this release no longer understands: the others still hold."""
    rules = list[Rule]()
    for row in stored:
        try:
            rules += read_rules([row])
        except InvalidRules as mistake:
            log.error("rule_skipped", rule=dict(row), why=str(mistake))
    return tuple(rules)


def save_plan(
    *,
    livemode: bool,
    rules: Iterable[Mapping[str, Any]],
    based_on: int,
    actor: str,
    note: str = "",
    reverts_to: int | None = None,
    ip: str = "",
    request_id: str = "",
) -> RoutingPlan:
    """Make these rules hold from now on. Payments that were accepted before keep the way they were given.

    based_on: the version that the editor saw, 0 for none. Raises InvalidState when somebody saved meanwhile, Refusal
    when the rules are not valid.
    """
    try:
        checked = read_rules(rules)
    except InvalidRules as mistake:
        raise Refusal(str(mistake)) from mistake
    with transaction.atomic():
        _lock_plans()
        before = current_plan(livemode=livemode)
        version = before.version if before else 0
        if version != based_on:
            raise InvalidState(f"Version {version} was saved meanwhile; look at it first, then save again.")
        made = RoutingPlan.objects.create(
            livemode=livemode, version=version + 1, rules=[rule.as_json() for rule in checked], note=note[:300],
            reverts_to=reverts_to, created_by=actor,
        )  # fmt: skip
        audit.record(
            actor=actor, action="routing.changed", target=f"version {made.version}", livemode=livemode, reason=note,
            ip=ip, request_id=request_id, before={"rules": before.rules if before else []},
            after={"rules": made.rules, "reverts_to": reverts_to},
        )  # fmt: skip
    return made


def revert_plan(
    *, livemode: bool, to: int, based_on: int, actor: str, ip: str = "", request_id: str = ""
) -> RoutingPlan:
    """Save the rules of an earlier version as a new one. Raises NotFound, InvalidState, Refusal."""
    old = RoutingPlan.objects.filter(livemode=livemode, version=to).first()
    if old is None:
        raise NotFound(f"There is no version {to} in this mode.")
    return save_plan(
        livemode=livemode, rules=old.rules, based_on=based_on, actor=actor, note=f"Back to version {to}.",
        reverts_to=to, ip=ip, request_id=request_id,
    )  # fmt: skip


def difference(before: RoutingPlan | None, after: RoutingPlan) -> Difference:
    old, new = stored_rules(before.rules) if before else (), stored_rules(after.rules)
    return Difference(
        removed=tuple(rule for rule in old if rule not in new), added=tuple(rule for rule in new if rule not in old)
    )


def _lock_plans() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('routing:' || current_schema()))")

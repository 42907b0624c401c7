"""Numbered plans of routing rules: saved as a whole, never changed, told apart, and gone back to."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from payments.errors import InvalidState, NotFound, Refusal
from payments.models import AuditEntry, RoutingPlan
from payments.routing.plans import current_plan, difference, plan_history, revert_plan, save_plan, stored_rules
from payments.routing.rules import Rule
from payments.selectors.routing import get_plan, list_versions
from providers.base import Operation
from tests.world import Merchant

FIRST = Rule("mtn", Operation.COLLECT, "mtn")
SECOND = Rule("mtn", Operation.TRANSFER, "mtn", share=40)


@pytest.fixture(autouse=True)
def inside(acme: Merchant) -> Iterator[Merchant]:
    with acme.entered():
        yield acme


def save(*rules: Rule, based_on: int, livemode: bool = False, **fields: Any) -> RoutingPlan:
    stored = [rule.as_json() for rule in rules]
    return save_plan(livemode=livemode, rules=stored, based_on=based_on, actor="user:1 owner@acme.test", **fields)


def test_before_the_first_save_there_is_no_plan() -> None:
    assert current_plan(livemode=False) is None
    assert list_versions(livemode=False, limit=10) == []


def test_each_save_is_a_version_and_the_newest_holds() -> None:
    save(FIRST, based_on=0)
    save(FIRST, SECOND, based_on=1, note="Payouts, too.")
    plan = current_plan(livemode=False)
    assert plan is not None
    assert (plan.version, plan.note, stored_rules(plan.rules)) == (2, "Payouts, too.", (FIRST, SECOND))
    assert [each.version for each in plan_history(livemode=False)] == [2, 1]


def test_who_has_not_seen_the_newest_version_cannot_replace_it() -> None:
    save(FIRST, based_on=0)
    with pytest.raises(InvalidState, match="Version 1 was saved meanwhile"):
        save(SECOND, based_on=0)
    assert RoutingPlan.objects.count() == 1


def test_rules_that_are_not_valid_are_refused_as_a_whole() -> None:
    with pytest.raises(Refusal, match="Rule 2 is for the same"):
        save(FIRST, FIRST, based_on=0)
    assert not RoutingPlan.objects.exists()
    assert not AuditEntry.objects.filter(action="routing.changed").exists()


def test_a_save_is_on_record_with_both_lists_and_the_reason() -> None:
    save(FIRST, based_on=0)
    save(SECOND, based_on=1, note="A try.", ip="203.0.113.9")
    entry = AuditEntry.objects.filter(action="routing.changed").latest("position")
    assert (entry.target, entry.reason, entry.ip) == ("version 2", "A try.", "203.0.113.9")
    assert (entry.before, entry.after) == (
        {"rules": [FIRST.as_json()]},
        {"rules": [SECOND.as_json()], "reverts_to": None},
    )


def test_a_version_is_never_changed_or_deleted() -> None:
    plan = save(FIRST, based_on=0)
    for change in (lambda: RoutingPlan.objects.update(note="x"), plan.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_going_back_is_a_new_version_with_the_old_rules() -> None:
    save(FIRST, based_on=0)
    save(SECOND, based_on=1)
    made = revert_plan(livemode=False, to=1, based_on=2, actor="test")
    assert (made.version, made.reverts_to, made.note) == (3, 1, "Back to version 1.")
    assert stored_rules(made.rules) == (FIRST,)


def test_nobody_goes_back_to_what_is_not_there_or_from_what_he_has_not_seen() -> None:
    save(FIRST, based_on=0)
    save(SECOND, based_on=1)
    with pytest.raises(NotFound, match="no version 7"):
        revert_plan(livemode=False, to=7, based_on=2, actor="test")
    with pytest.raises(InvalidState):
        revert_plan(livemode=False, to=1, based_on=1, actor="test")


def test_modes_and_merchants_have_versions_of_their_own(globex: Merchant) -> None:
    save(FIRST, based_on=0)
    save(SECOND, based_on=0, livemode=True)
    with globex.entered():
        assert current_plan(livemode=False) is None
        assert get_plan(livemode=False, version=1) is None
    live, test = current_plan(livemode=True), current_plan(livemode=False)
    assert live is not None
    assert test is not None
    assert (stored_rules(live.rules), stored_rules(test.rules)) == ((SECOND,), (FIRST,))


def test_a_difference_names_what_went_and_what_came() -> None:
    first, second = save(FIRST, based_on=0), save(SECOND, based_on=1)
    change = difference(first, second)
    assert (change.removed, change.added) == ((FIRST,), (SECOND,))
    assert difference(None, first).added == (FIRST,)


def test_the_history_knows_what_each_version_changed_also_at_its_cut() -> None:
    save(FIRST, based_on=0)
    save(FIRST, SECOND, based_on=1)
    save(FIRST, based_on=2)
    newest, middle = list_versions(livemode=False, limit=2)
    assert (newest.changed.removed, newest.is_same) == ((SECOND,), True)
    assert (middle.changed.added, middle.is_same) == ((SECOND,), False)
    assert list_versions(livemode=False, limit=3)[-1].is_same


def test_a_stored_rule_that_this_release_does_not_understand_is_left_out(caplog: Any) -> None:
    foreign = FIRST.as_json() | {"provider": "vodafone"}
    assert stored_rules([foreign, SECOND.as_json()]) == (SECOND,)

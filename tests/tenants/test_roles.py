"""The permission table knows every role, and knows every permission that the code asks for."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from portal.words import ACTIONS
from tenants.roles import DESCRIPTIONS, PERMISSIONS, Role, allows

ROOT = Path(__file__).resolve().parents[2]
AREAS = {permission.split(".")[0] for permission in PERMISSIONS}


def asked_for() -> set[tuple[str, str]]:
    """Every string in the doors that looks like a permission, with where it is. What was done has words alike."""
    found = set()
    for file in [*ROOT.glob("portal/**/*.py"), *ROOT.glob("api/**/*.py"), *ROOT.glob("deploy/*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and looks_like_one(node.value):
                found.add((node.value, f"{file.relative_to(ROOT)}:{node.lineno}"))
    return found


def looks_like_one(text: str) -> bool:
    area, dot, verb = text.partition(".")
    return bool(dot) and area in AREAS and verb.isidentifier() and text not in ACTIONS and not is_module(text)


def is_module(text: str) -> bool:
    try:
        return find_spec(text) is not None
    except ModuleNotFoundError:
        return False


def test_every_permission_that_a_door_asks_for_is_in_the_table() -> None:
    asked = asked_for()
    assert "payments.view" in {permission for permission, _ in asked}
    assert [(permission, place) for permission, place in asked if permission not in PERMISSIONS] == []


def test_the_owner_may_do_everything() -> None:
    assert [permission for permission in PERMISSIONS if not allows(Role.OWNER, permission)] == []


def test_every_role_in_the_table_is_known_and_every_known_role_is_in_it() -> None:
    assert {role for roles in PERMISSIONS.values() for role in roles} == set(Role)


def test_every_permission_is_described_in_words() -> None:
    assert PERMISSIONS.keys() == DESCRIPTIONS.keys()


def test_a_permission_that_nobody_defined_is_an_error_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        allows(Role.OWNER, "payments.steal")


@pytest.mark.parametrize("role", ["", "king", "OWNER", "own"])
def test_a_role_that_nobody_defined_may_do_nothing(role: str) -> None:
    assert not any(allows(role, permission) for permission in PERMISSIONS)


def test_who_only_looks_changes_nothing() -> None:
    changing = {"payments.cancel", "payments.check", "phones.reveal", "keys.manage", "providers.manage"}
    assert [permission for permission in changing if allows(Role.VIEWER, permission)] == []


def test_whoever_changes_something_may_also_see_it() -> None:
    for area in ("keys", "providers"):
        assert PERMISSIONS[f"{area}.manage"] <= PERMISSIONS[f"{area}.view"]

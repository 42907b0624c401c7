"""Imports go one way, and the few libraries that must stay in one place do."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, called_name, nodes, place, product, within

# A library, and the files or folders that may import it.
ONLY_IN = {
    "requests": ("providers/",),
    "urllib3": ("providers/",),
    "huey": ("tenants/", "deploy/"),
    "cryptography": ("payments/sealing.py", "deploy/", "providers/airtel/encryption.py", "providers/simulator/"),
    "ninja": ("api/",),
    "allauth": ("portal/", "tenants/sign_in.py", "deploy/"),
    "django_htmx": ("portal/",),
}
TASK_DECORATORS = {"task", "periodic_task", "db_task", "db_periodic_task", "lock_task", "on_commit_task"}


def imports(file: Path) -> Iterator[tuple[str, ast.AST]]:
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).split(".")[0], node


def test_the_import_contracts_hold() -> None:
    """In a process of its own: the linter's set-up switches off every logger that exists."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_only_imported_where_it_belongs(library: str) -> None:
    used = [(file, node) for file in product() for name, node in imports(file) if name == library]
    assert used
    assert [place(file, node) for file, node in used if not place(file).startswith(ONLY_IN[library])] == []


def test_tests_are_imported_by_nobody_but_tests() -> None:
    assert [place(file, node) for file in product() for name, node in imports(file) if name == "tests"] == []


def test_providers_do_not_read_the_settings_of_the_rest() -> None:
    ours = [(file, node) for file in product() if within(file) == "providers" for name, node in imports(file)
            if name in {"django", "payments", "tenants", "deploy"}]  # fmt: skip
    assert [place(file, node) for file, node in ours] == []


def test_huey_tasks_are_made_in_one_file() -> None:
    decorated = [
        place(file)
        for file in product()
        for node in nodes(file)
        if isinstance(node, ast.FunctionDef)
        and any(called_name(decorator) in TASK_DECORATORS for decorator in node.decorator_list)
    ]
    assert set(decorated) == {"tenants/tasks.py"}


def test_nobody_makes_a_signal_for_our_own_flow() -> None:
    made = [node for file in product() for node in nodes(file) if called_name(node) in {"receiver", "Signal"}]
    assert made == []

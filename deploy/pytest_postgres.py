"""A plugin (`pytest -p deploy.pytest_postgres`): a throw-away PostgreSQL unless DATABASE_URL names one."""

import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.embedded import throwaway

_running = ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """A wrapper, to come before pytest-django, which reads the settings. Workers of xdist inherit the URL."""
    if not os.environ.get("DATABASE_URL"):
        folder = Path(__file__).resolve().parent.parent / "var" / "tests"
        os.environ["DATABASE_URL"] = _running.enter_context(throwaway(folder))
        _running.callback(os.environ.pop, "DATABASE_URL", None)
    return (yield)


def pytest_unconfigure() -> None:
    _running.close()

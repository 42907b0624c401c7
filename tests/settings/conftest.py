"""Starts Ndalama's settings in processes of their own, each with an environment of its own."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.processes import ROOT

# A production installation as deploy/env.example describes one.
GOOD = {
    "SECRET_KEY": "a-secret-of-more-than-thirty-two-characters",
    "WEBHOOK_SECRET": "another-secret-of-more-than-thirty-two-characters",
    "ENCRYPTION_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgresql://ndalama:hunter2@db.example.zm:5433/pay",
    "PUBLIC_URL": "https://pay.example.zm",
}


@dataclass(frozen=True)
class Ended:
    """How a process ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.status == 0, self.err
        return json.loads(self.out)


Start = Callable[..., Ended]


@pytest.fixture(scope="session")
def starter() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.settings.starter"]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def start(starter: "subprocess.Popen[str]") -> Start:
    """start(code, NAME="value", OTHER=None): GOOD with these changes; None leaves a name out."""

    def run(code: str = "import deploy.settings", **changes: str | None) -> Ended:
        environment = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
        assert starter.stdin
        assert starter.stdout
        starter.stdin.write(json.dumps({"environment": environment, "code": code}) + "\n")
        starter.stdin.flush()
        return Ended(**json.loads(starter.stdout.readline()))

    return run


@pytest.fixture
def settings_with(start: Start) -> Callable[..., dict[str, Any]]:
    """settings_with("A", "B", NAME="value") → {"A": …, "B": …} as the settings then are."""

    def read(*names: str, **changes: str | None) -> dict[str, Any]:
        shown = "{" + ", ".join(f"'{name}': settings.{name}" for name in names) + "}"
        code = (
            f"import json\nfrom deploy import settings\nprint(json.dumps({shown}, default=lambda x: type(x).__name__))"
        )
        found: dict[str, Any] = start(code, **changes).json
        return found

    return read

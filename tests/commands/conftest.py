"""Runs commands as `manage.py` does, and an installation of its own whose PostgreSQL can be stopped."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.db import connections

from deploy import embedded
from deploy.postgres_cluster import Cluster
from tests.processes import ROOT


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object on standard output. Fails when there is anything else."""
        assert self.out.count("\n") == 1, self.out
        return json.loads(self.out)


Manage = Callable[..., Said]


@pytest.fixture
def manage(db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Manage:
    """manage("issue_key", "--json", …), inside the test's transaction."""
    # A command closes its connections at the end; here they belong to the test.
    monkeypatch.setattr(connections, "close_all", lambda: None)

    def run(name: str, *arguments: str) -> Said:
        capsys.readouterr()
        status = 0
        try:
            load_command_class(get_commands()[name], name).run_from_argv(["manage.py", name, *arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        out, err = capsys.readouterr()
        return Said(status, out, err)

    return run


class SamePort(Cluster):
    """A server that comes back where it was, as one does after a restart."""

    chosen = 0

    def prepare(self) -> None:
        super().prepare()
        self.port = SamePort.chosen = SamePort.chosen or self.port


class OwnInstallation:
    """A durable PostgreSQL of this session's own, migrated by the command, and processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._cluster = folder, SamePort(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return self._cluster.url

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            "DATABASE_URL": self.url,
            "SECRET_KEY": settings.SECRET_KEY,
            "WEBHOOK_SECRET": settings.WEBHOOK_SECRET,
            "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
            "PUBLIC_URL": "https://pay.example.zm",
            "DATA_DIR": str(self.folder),
        }

    def start(self) -> None:
        self._cluster = SamePort(self.folder)
        self._process = embedded.start_once(self._cluster)

    def stop(self) -> None:
        if self._process is not None:
            embedded.stop(self._cluster, self._process)
            self._process = None

    def manage(self, *arguments: str, **environment: str) -> Said:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env={**self.environment, **environment}, capture_output=True, text=True, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def query(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnInstallation]:
    made = OwnInstallation(tmp_path_factory.mktemp("own") / "postgres")
    try:
        said = made.manage("migrate_all")
        assert (said.status, said.out) == (0, ""), said.err
        yield made
    finally:
        made.stop()


@pytest.fixture
def own(migrated: OwnInstallation) -> Iterator[OwnInstallation]:
    """The installation, running, whatever the test before did to it."""
    yield migrated
    if not migrated.is_running:
        migrated.start()

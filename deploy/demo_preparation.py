"""Collects static files, migrates and seeds before the demo serves; skipped when nothing has changed since."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.demo_state import write_private
from deploy.supervisor import Child, Program, Supervisor

SOURCES = ("deploy", "tenants", "providers", "payments", "api", "portal", "static", "requirements.lock")
COLLECT_STATIC = ("collectstatic", "--no-input", "--clear", "--verbosity=0")


class PreparationError(Exception):
    """A command failed; the message names it and its log."""


class Preparation:
    """`record` lies beside the embedded database and shares its fate. None: a database whose past we do not know."""

    def __init__(self, root: Path, *, record: Path | None, static_root: Path) -> None:
        self._root, self._record, self._static_root = root, record, static_root
        self._fingerprint = fingerprint(root)

    def people_if_current(self) -> Mapping[str, Any] | None:
        """The sign-ins and keys of the last preparation, if it was made by this very code."""
        if self._record is None or not self._record.exists() or not self._static_root.is_dir():
            return None
        last = json.loads(self._record.read_text())
        return last["people"] if last["fingerprint"] == self._fingerprint else None

    def run(self, supervisor: Supervisor) -> Mapping[str, Any]:
        static = supervisor.start(command("static", *COLLECT_STATIC))  # meanwhile, on another core
        self._finish(supervisor, supervisor.start(command("migrations", "migrate_all")))
        self._finish(supervisor, supervisor.start(command("seed", "seed_demo", "--json")))
        self._finish(supervisor, static)
        seed_log = supervisor.log_of("seed")
        people: dict[str, Any] = json.loads(seed_log.read_text().splitlines()[-1])
        seed_log.unlink()  # it holds passwords
        if self._record is not None:
            write_private(self._record, {"fingerprint": self._fingerprint, "people": people})
        return people

    def _finish(self, supervisor: Supervisor, child: Child) -> None:
        log = supervisor.log_of(child.program.name)
        if supervisor.finish(child) != 0:
            raise PreparationError(f"{child.program.name} failed; the end of {log}:\n{tail(log)}")


def command(name: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "manage.py", *arguments), is_kept=False)


def fingerprint(root: Path) -> str:
    """Of names, sizes and times: reading every file would take longer than the commands that it saves."""
    files = [path for name in SOURCES for path in sorted([root / name, *(root / name).rglob("*")]) if path.is_file()]
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.suffix != ".pyc"]
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

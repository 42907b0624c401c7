"""Commands that only look make nothing, and say in one sentence what to do where there is nothing to look at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.conftest import OwnInstallation, Said
from tests.processes import ROOT

LOOKERS = ("doctor", "verify_audit")


def manage_bare(*arguments: str, **environment: str) -> Said:
    """As somebody types it whose shell knows nothing of an installation."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env={**kept, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", LOOKERS)
def test_where_there_is_no_installation_none_is_made(command: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "demo"
    said = manage_bare(command, "--json", DATA_DIR=str(nowhere))
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"There is no installation in {nowhere}: run `make demo` once")
    assert said.err.count("\n") == 1
    assert not nowhere.exists()


@pytest.mark.parametrize("command", LOOKERS)
def test_a_database_without_the_secrets_of_its_installation_is_none(command: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "demo"
    said = manage_bare(command, DATA_DIR=str(nowhere), DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert said.status == 1
    assert "There is no installation" in said.err
    assert not nowhere.exists()


@pytest.mark.parametrize("arguments", [("help",), ("check",)])
def test_commands_about_code_alone_leave_nothing_behind(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = manage_bare(*arguments, DATA_DIR=str(tmp_path / "demo"))
    assert said.status == 0, said.err
    assert not (tmp_path / "demo").exists()


@pytest.mark.processes
@pytest.mark.parametrize("command", ["verify_audit", "issue_key --merchant acme --mode test"])
def test_a_database_that_is_away_is_one_sentence(own: OwnInstallation, command: str) -> None:
    nowhere = own.url.replace(f":{own.url.rpartition(':')[2].partition('/')[0]}/", ":1/")
    said = own.manage(*command.split(), "--json", DATABASE_URL=nowhere)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("CommandError: The database cannot be used: connection failed: ")
    assert said.err.endswith("Start it, or correct DATABASE_URL.\n")
    assert said.err.count("\n") == 1


@pytest.mark.processes
def test_a_database_without_our_tables_says_to_migrate(own: OwnInstallation) -> None:
    own.query("CREATE DATABASE bare")
    said = own.manage("verify_audit", "--json", DATABASE_URL=own.url.rpartition("/")[0] + "/bare")
    own.query("DROP DATABASE bare WITH (FORCE)")
    assert (said.status, said.out) == (1, "")
    assert said.err == "CommandError: The database lacks tables of ours: run `manage.py migrate_all` first.\n"

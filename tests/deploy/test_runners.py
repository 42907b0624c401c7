"""What `make check` and `make test` do before and around the tools that they run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import check_runner, chromium
from deploy.check_runner import Step
from deploy.guard import stop_groups


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder with programs, so far without any."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "PLAYWRIGHT_BROWSERS", tmp_path / "browsers")
    return tmp_path


def add(folder: Path, name: str, *, status: int = 0) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\nexit {status}\n")
    program.chmod(0o755)
    return str(program)


def test_an_installed_chromium_is_used_if_it_starts(path: Path) -> None:
    add(path, "chromium", status=127)  # its libraries are missing
    working = add(path, "google-chrome")
    assert chromium.find_chromium() == working


def test_a_named_chromium_is_taken_or_refused_but_never_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, "chromium")
    monkeypatch.setenv("CHROMIUM", add(path, "mine"))
    assert chromium.find_chromium() == str(path / "mine")
    monkeypatch.setenv("CHROMIUM", "/no/such/browser")
    with pytest.raises(chromium.NoChromiumError, match="/no/such/browser, which does not run"):
        chromium.find_chromium()


def test_the_newest_download_of_playwright_is_used(path: Path) -> None:
    for version in ("1100", "1200"):
        add(path / "browsers" / f"chromium-{version}" / "chrome-linux64", "chrome")
    assert "chromium-1200" in chromium.find_chromium()


def test_check_runs_every_step_and_names_the_failed_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = (
        Step("good", (sys.executable, "-c", "")),
        Step("bad", (sys.executable, "-c", "import sys; print('the reason'); sys.exit(1)")),
        Step("later", (sys.executable, "-c", "")),
        Step("not yet", ("/no/such/program",), needs="no such folder"),
    )
    monkeypatch.setattr(check_runner, "STEPS", steps)
    with pytest.raises(SystemExit, match=r"^Failed: bad\.$"):
        check_runner.main()
    printed = capsys.readouterr().out
    assert {line.split()[1] for line in printed.splitlines() if line.endswith(" s")} == {"good", "bad", "later"}
    assert "the reason" in printed


def test_the_guard_kills_who_does_not_listen() -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", code], stdout=subprocess.PIPE, start_new_session=True
    ) as stubborn:
        assert stubborn.stdout
        stubborn.stdout.readline()
        stop_groups({stubborn.pid: 15, os.getpid() + 10**6: 15})  # and one that is gone already
        assert stubborn.wait(timeout=5) == -9

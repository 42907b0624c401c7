"""The way from a bare machine to .venv: which Python is chosen, and when nothing is left to do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make") or "make"
FAILING_SHIM = "#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n"
OLD_PYTHON = "#!/bin/sh\nexit 1\n"  # what the version check of an old interpreter ends with


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The real Makefile with a bootstrap.py that only says who runs it, and a PATH that holds nothing else."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "bootstrap.py").write_text("import sys; print(sys.argv[1], sys.executable)")
    (tmp_path / "path").mkdir()
    return tmp_path


def make(checkout: Path, target: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": str(checkout / "path"), "HOME": str(checkout), **environment}
    return subprocess.run([MAKE, target], cwd=checkout, env=surroundings, capture_output=True, text=True, check=False)


def add(checkout: Path, name: str, script: str | None = None) -> Path:
    """A candidate on the PATH: the Python of these tests, or a script."""
    path = checkout / "path" / name
    path.write_text(script or f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return path


def test_a_shim_that_fails_and_an_old_python_are_passed_over(checkout: Path) -> None:
    add(checkout, "python3.13", FAILING_SHIM)
    add(checkout, "python3.14", OLD_PYTHON)
    add(checkout, "python3")
    assert make(checkout, "runtime").stdout == f"runtime {sys.executable}\n"


def test_pythons_of_pyenv_are_found_when_the_path_has_none(checkout: Path) -> None:
    programs = checkout / ".pyenv" / "versions" / "3.12.1" / "bin"
    programs.mkdir(parents=True)
    add(checkout, "python3").rename(programs / "python3")
    assert make(checkout, "dev").stdout == f"dev {sys.executable}\n"


def test_without_any_python_there_is_one_plain_sentence(checkout: Path) -> None:
    result = make(checkout, "runtime")
    assert result.returncode != 0
    assert result.stderr.startswith("Ndalama needs Python 3.12 or newer: install one")


def test_a_named_python_is_taken_or_refused_but_never_replaced(checkout: Path) -> None:
    add(checkout, "python3")
    named = add(checkout, "mine")
    assert make(checkout, "runtime", PYTHON=str(named)).returncode == 0
    refused = make(checkout, "runtime", PYTHON="/no such/python")
    assert "PYTHON=/no such/python is none" in refused.stderr


def test_help_names_every_command(checkout: Path) -> None:
    listed = subprocess.run([MAKE], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {name} " in listed for name in ("demo", "test", "check", "bench", "lock", "clean"))


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    locks = {"runtime": tmp_path / "requirements.lock", "dev": tmp_path / "requirements-dev.lock"}
    for lock in locks.values():
        lock.write_text("uv==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nwheel==2.0\n")
    monkeypatch.setattr(bootstrap, "LOCKS", locks)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed")
    return locks


@pytest.mark.parametrize(
    ("there", "asked", "enough"),
    [("runtime", "runtime", True), ("dev", "runtime", True), ("dev", "dev", True), ("runtime", "dev", False)],
)
def test_what_is_installed_is_not_installed_again(locks: dict[str, Path], there: str, asked: str, enough: bool) -> None:
    bootstrap.STAMP.write_text(bootstrap.stamp(there))
    assert bootstrap.is_installed(asked) is enough


def test_a_changed_lock_is_noticed(locks: dict[str, Path]) -> None:
    bootstrap.STAMP.write_text(bootstrap.stamp("dev"))
    locks["runtime"].write_text("another==1.0")
    assert not bootstrap.is_installed("runtime")


def test_uv_is_taken_from_the_lock_with_its_hashes(locks: dict[str, Path]) -> None:
    written = bootstrap.write_uv_lock().read_text()
    assert written == "uv==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"


def test_a_second_run_does_nothing(locks: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", bootstrap.VENV)
    bootstrap.STAMP.write_text(bootstrap.stamp("dev"))
    before = sorted(bootstrap.VENV.iterdir())
    bootstrap.main("runtime")
    assert sorted(bootstrap.VENV.iterdir()) == before

"""Puts the locked packages into .venv, needing nothing but Python; a second run notices that all is there.

Used by the Makefile as `python -I bootstrap.py runtime|dev`; only the standard library is available here. It
writes to .venv/ and var/ of this checkout; pip's and uv's own settings (indexes, certificates, caches) hold.
"""

# ruff: noqa: S603, T201 (the commands are ours, and this is one itself)

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}


def main(level: str) -> None:
    if is_installed(level):
        return
    with only_one_at_a_time():
        if is_installed(level):  # the other one did our work while we waited
            return
        started = time.monotonic()
        level = "dev" if installed_level() == "dev" else level  # a running demo must not lose packages
        say(f"Installing the {level} packages into .venv (Python {python_version()}) …")
        install(level)
        say(f"Installed in {time.monotonic() - started:.0f} s.")


def is_installed(level: str) -> bool:
    return read_stamp() in {stamp(level), stamp("dev")} and VENV_PYTHON.exists()


def installed_level() -> str:
    return (read_stamp().split() or [""])[0]


def read_stamp() -> str:
    return STAMP.read_text() if STAMP.exists() else ""


def stamp(level: str) -> str:
    """Both locks count, so that moving between the levels never leaves a package of an older lock."""
    digest = hashlib.sha256(b"".join(lock.read_bytes() for lock in LOCKS.values())).hexdigest()
    return f"{level} {python_version()} {digest}"


def python_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def install(level: str) -> None:
    # Root's database runs as another account (deploy/postgres_account.py), which must be able to read it.
    os.umask(0o022)
    create_venv()
    STAMP.unlink(missing_ok=True)
    uv_lock = write_uv_lock()
    uv = install_uv(uv_lock)
    sync: list[Path | str] = [
        "pip",
        "sync",
        "--quiet",
        "--python",
        VENV_PYTHON,
        "--require-hashes",
        LOCKS[level],
        uv_lock,
    ]
    if not (uv and run(uv, *sync)):
        say("Without uv, then: pip reads its own settings and takes longer …")
        if not run(*(pip() or no_pip()), "install", "--quiet", "--require-hashes", "-r", LOCKS[level]):
            sys.exit("The packages could not be installed; the lines above say why. Mend that and run make again.")
    STAMP.write_text(stamp(level))


def create_venv() -> None:
    if VENV_PYTHON.exists() and run(
        VENV_PYTHON, "-c", f"import sys; sys.exit({sys.version_info[:2]} != sys.version_info[:2])"
    ):
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        import venv  # noqa: PLC0415 (a minimal Python of a distribution comes without it)
    except ImportError:
        sys.exit(f"{sys.executable} cannot make virtual environments (Debian, Ubuntu: apt install python3-venv).")
    # pip itself is not put in: uv does the work, and unpacking pip takes longer than everything uv does.
    venv.EnvBuilder(symlinks=True, with_pip=False).create(VENV)


def write_uv_lock() -> Path:
    """The entry of uv in the development lock as a lock of its own, so that its hashes are checked too."""
    lines = iter(LOCKS["dev"].read_text().splitlines())
    entry = [next(line for line in lines if line.startswith("uv=="))]
    while entry[-1].endswith("\\"):
        entry.append(next(lines))
    path = VENV / "uv.lock"
    path.write_text("\n".join(entry) + "\n")
    return path


def install_uv(uv_lock: Path) -> Path | str | None:
    """The pinned uv if there is any pip to fetch it with, else one that the machine has."""
    uv, command = VENV / "bin" / "uv", pip()
    if uv.exists() or (command and run(*command, "install", "--quiet", "--require-hashes", "-r", uv_lock)):
        return uv
    return shutil.which("uv") or (None if command else no_pip())


def pip() -> list[Path | str] | None:
    """A pip that installs into .venv: Python's own wheel of it, run where it lies, or the interpreter's."""
    try:
        import ensurepip  # noqa: PLC0415 (Debian has it in a package of its own)

        folders = [
            Path(ensurepip.__file__).parent / "_bundled",
            Path(getattr(ensurepip, "_WHEEL_PKG_DIR", None) or "."),
        ]
        if wheels := [wheel for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]:
            return [VENV_PYTHON, wheels[-1] / "pip"]
    except ImportError:
        pass
    base = getattr(sys, "_base_executable", sys.executable)
    if subprocess.run([base, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        return [base, "-m", "pip", "--python", VENV_PYTHON]
    return None


def no_pip() -> NoReturn:
    sys.exit(
        f"{sys.executable} has neither pip nor ensurepip, and there is no uv on this machine."
        " Install one of them (Debian and Ubuntu: apt install python3-venv) and run make again."
    )


def run(*command: Path | str) -> bool:
    try:
        return subprocess.run(command, check=False, cwd=ROOT).returncode == 0
    except OSError as error:  # a program for another machine or C library: the caller knows another way
        say(str(error))
        return False


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is installing into .venv; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)

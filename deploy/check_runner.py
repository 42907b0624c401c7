"""`make check`: all quick checks, two at a time; every one runs, and the failed ones are named at the end."""

# ruff: noqa: S603, T201 (the commands are ours, and this is one itself)
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PROGRAMS = Path(PYTHON).parent


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    command: tuple[str | Path, ...]
    needs: str = "."  # skipped while this folder is missing


# The slowest first, so that the other ones fit beside it.
STEPS = (
    Step("types", (PYTHON, "-m", "mypy", ".")),
    Step("format", (PYTHON, "-m", "ruff", "format", "--check", "--quiet", ".")),
    Step("lint", (PYTHON, "-m", "ruff", "check", "--quiet", ".")),
    Step("import contracts", (PROGRAMS / "lint-imports",)),
    Step("template format", (PYTHON, "-m", "djlint", "--check", "--quiet", "templates"), needs="templates"),
    Step("template lint", (PYTHON, "-m", "djlint", "--lint", "--quiet", "templates"), needs="templates"),
    Step("migrations", (PYTHON, "manage.py", "makemigrations", "--check", "--dry-run")),
    Step("settings", (PYTHON, "manage.py", "check")),
)


@dataclass(frozen=True, slots=True)
class Result:
    step: Step
    passed: bool
    seconds: float
    output: str


def main() -> None:
    # The checks look at code, not at data: the settings of the tests, and an address that nobody listens on.
    defaults = {
        "DJANGO_SETTINGS_MODULE": "deploy.settings_test",
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
    }
    environment = defaults | os.environ
    steps = [step for step in STEPS if (ROOT / step.needs).is_dir()]
    failed: list[str] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for finished in as_completed([pool.submit(run, step, environment) for step in steps]):
            result = finished.result()
            print(
                f"{'ok  ' if result.passed else 'FAIL'}  {result.step.name:<17} {result.seconds:5.1f} s",
                flush=True,
            )
            if not result.passed:
                print(result.output, flush=True)
                failed.append(result.step.name)
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")


def run(step: Step, environment: dict[str, str]) -> Result:
    started = time.monotonic()
    done = subprocess.run(
        step.command, cwd=ROOT, env=environment, text=True, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Result(step, done.returncode == 0, time.monotonic() - started, done.stdout)


if __name__ == "__main__":
    main()

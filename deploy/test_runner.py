"""`make test`: all tests with a Chromium and a database of their own, and how much of the code they reach."""

# ruff: noqa: S603 (the commands are ours)
import os
import subprocess
import sys
from pathlib import Path

from deploy.chromium import NoChromiumError, find_chromium

ROOT = Path(__file__).resolve().parent.parent
PYTEST = ("-m", "pytest", "-p", "deploy.pytest_postgres")
COVERAGE = (sys.executable, "-m", "coverage")


def main(arguments: list[str]) -> None:
    try:
        environment = os.environ | {"CHROMIUM_PATH": find_chromium()}
    except NoChromiumError as error:
        sys.exit(str(error))
    if arguments:  # some tests: how much of all the code they reach says nothing
        sys.exit(run(sys.executable, *PYTEST, *arguments, environment=environment))
    run(*COVERAGE, "erase", environment=environment)
    # Coverage starts before pytest, so that what plugins import is counted as well.
    failed = run(*COVERAGE, "run", *PYTEST, environment=environment)
    run(*COVERAGE, "combine", "--quiet", environment=environment)
    sys.exit(failed or run(*COVERAGE, "report", environment=environment))


def run(*command: str, environment: dict[str, str]) -> int:
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    main(sys.argv[1:])

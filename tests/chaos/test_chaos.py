"""The short chaos run: real processes under traffic, kill -9 every two seconds, two fifths of the exchanges faulty."""

import os
import subprocess
import sys

import pytest

from tests.processes import ROOT

pytestmark = pytest.mark.processes


def test_nothing_is_charged_twice_lost_or_contradicted_while_everything_is_killed() -> None:
    limits = {"N": "1500", "SECONDS": "40", "KILL_EVERY": "2", "FAULTS": "0.4", "SEED": "1"}
    # A database of its own, which is killed as well, and settings of its own.
    ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "WEBHOOK_SECRET", "ENCRYPTION_KEYS"}
    environment = {name: value for name, value in os.environ.items() if name not in ours} | limits
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    print(done.stdout)  # noqa: T201 (the figures of the run)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "findings                                 0" in done.stdout

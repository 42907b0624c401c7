"""The scheduler as a process of its own: it beats, rings, outlives PostgreSQL and stops when asked."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.conftest import OwnInstallation
from tests.processes import ROOT, eventually

pytestmark = pytest.mark.processes


@pytest.fixture
def scheduler(own: OwnInstallation, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    own.query("DELETE FROM tenants_heartbeat")
    with (tmp_path / "scheduler.log").open("wb") as log:
        command = [sys.executable, "manage.py", "run_scheduler"]
        process = subprocess.Popen(command, cwd=ROOT, env=own.environment, stdout=log, stderr=log)
    yield process
    process.kill()
    process.wait()


def beats_since(own: OwnInstallation, moment: object) -> bool:
    return bool(own.query("SELECT 1 FROM tenants_heartbeat WHERE name = 'scheduler' AND beaten_at > %s", moment))


def test_it_beats_and_rings_and_outlives_a_restart_of_postgresql_and_stops_when_asked(
    own: OwnInstallation, scheduler: "subprocess.Popen[bytes]"
) -> None:
    eventually(lambda: beats_since(own, "-infinity"), within_seconds=40)
    eventually(lambda: own.query("SELECT 1 FROM huey.huey_task"))  # a ring, for a worker's sign of life
    own.stop()
    time.sleep(1.2)  # at least one tick finds nobody
    own.start()
    restarted_at = own.query("SELECT now()")[0][0]
    own.query("TRUNCATE huey.huey_task")
    eventually(lambda: beats_since(own, restarted_at), within_seconds=40)
    eventually(lambda: own.query("SELECT 1 FROM huey.huey_task"), within_seconds=40)
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(15) == 0

"""The supervisor with real processes that are really killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from deploy.supervisor import ending, rotate
from tests.deploy.waiting import wait_for

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Supervised:
    process: subprocess.Popen[str]
    folder: Path

    def notes(self, word: str) -> list[tuple[str, int]]:
        """Names and process numbers, in the order in which the programs wrote them down."""
        path = self.folder / "notes"
        rows = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [(name, int(pid)) for noted, name, pid in rows if noted == word]

    def everybody(self) -> list[psutil.Process]:
        return [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]

    def pids_of(self, name: str) -> list[int]:
        return [pid for noted, pid in self.notes("started") if noted == name]


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    command = [sys.executable, "-m", "tests.deploy.supervised", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        started = Supervised(process, tmp_path)
        wait_for(lambda: len(started.notes("started")) == 3)
        yield started
        process.kill()


def test_a_killed_program_is_started_again_and_the_terminal_says_so(supervised: Supervised) -> None:
    os.kill(supervised.pids_of("worker")[0], signal.SIGKILL)
    wait_for(lambda: len(supervised.pids_of("worker")) == 2)
    assert supervised.process.stdout
    assert supervised.process.stdout.readline() == "worker ended (killed by SIGKILL); starting it again in 0.25 s.\n"


def test_the_children_of_a_killed_program_end_before_it_is_started_again(supervised: Supervised) -> None:
    first = psutil.Process(supervised.pids_of("family")[0])
    (orphan,) = first.children()
    first.kill()
    wait_for(lambda: len(supervised.pids_of("family")) == 2)
    assert not is_alive(orphan)


def test_interrupt_stops_the_programs_rank_by_rank(supervised: Supervised) -> None:
    everybody = supervised.everybody()
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(timeout=10) == 0
    assert [name for name, _ in supervised.notes("stopped")] == ["family", "worker", "database"]
    assert not any(map(is_alive, everybody))
    assert not (supervised.folder / "ready").exists()


def test_nothing_is_left_when_the_supervisor_is_killed_by_force(supervised: Supervised) -> None:
    everybody = supervised.everybody()
    assert len(everybody) == 6  # itself, the guard, three programs, and a grandchild that ignores signals
    supervised.process.kill()
    wait_for(lambda: not any(map(is_alive, everybody)))
    assert not (supervised.folder / "ready").exists()


def test_a_killed_guard_is_replaced_and_the_new_one_knows_all(supervised: Supervised) -> None:
    guard = next(process for process in supervised.everybody() if "guard.py" in " ".join(process.cmdline()))
    guard.kill()
    os.kill(supervised.pids_of("worker")[0], signal.SIGKILL)  # the next thing that a guard is told
    wait_for(lambda: len(supervised.pids_of("worker")) == 2)
    everybody = supervised.everybody()
    supervised.process.kill()
    wait_for(lambda: not any(map(is_alive, everybody)))


def test_the_last_log_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("before")
    rotate(tmp_path / "web.log")
    rotate(tmp_path / "worker.log")
    assert [path.name for path in tmp_path.iterdir()] == ["web.log.1"]


@pytest.mark.parametrize(("status", "words"), [(-9, "killed by SIGKILL"), (3, "exit status 3")])
def test_an_ending_is_told_in_words(status: int, words: str) -> None:
    assert ending(status) == words


def is_alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)

"""`make demo` as a new user runs it: the real thing, started, disturbed, stopped and started again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from tests.deploy.waiting import wait_for
from tests.processes import free_port

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Demo:
    process: subprocess.Popen[str]
    data_dir: Path

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads((self.data_dir / "demo.json").read_text()))

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.said['url']}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def everybody(self) -> list[psutil.Process]:
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def find(self, words: str) -> psutil.Process:
        return next(process for process in self.everybody() if words in " ".join(process.cmdline()))


def start(data_dir: Path, *, seconds: float = 120) -> Demo:
    """A demo with nothing of the tests' settings in its environment, on ports of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ports = {"PORT": str(free_port()), "SIM_PORT": str(free_port())}
    with (data_dir / "terminal").open("w") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.demo"], cwd=ROOT, stdout=terminal, stderr=terminal, text=True,
            env={**kept, **ports, "DATA_DIR": str(data_dir)}, start_new_session=True,
        )  # fmt: skip
    wait_for(lambda: (data_dir / "demo.json").exists() or process.poll() is not None, seconds=seconds)
    assert process.poll() is None, (data_dir / "terminal").read_text()
    return Demo(process, data_dir)


@pytest.fixture(scope="module")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Demo]]:
    """The demos started here, all on one DATA_DIR: making a month of history takes most of the time."""
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.process.send_signal(signal.SIGINT)
        demo.process.wait(timeout=15)


@pytest.fixture
def demo(demos: list[Demo], tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """One that runs: that of the test before, if that left it running."""
    if not demos or demos[-1].process.poll() is not None:
        data_dir = demos[-1].data_dir if demos else tmp_path_factory.mktemp("demo data")
        demos.append(start(data_dir))
    return demos[-1]


def test_it_says_where_it_is_and_how_to_sign_in_and_is_ready_then(demo: Demo) -> None:
    assert demo.is_ready()
    assert set(demo.said) == {"url", "simulator_url", "database_url", "admin", "merchants"}
    assert [merchant["slug"] for merchant in demo.said["merchants"]] == ["acme", "globex"]
    for merchant in demo.said["merchants"]:
        assert merchant["test_key"].startswith("ndl_test_")
        assert {"email", "password"} == set(merchant["owner"]) == set(merchant["viewer"])
    assert (demo.data_dir / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_killed_database_and_a_killed_worker_heal_by_themselves(demo: Demo) -> None:
    worker, database = demo.find("run_huey"), demo.find("postgres -D")
    worker.kill()
    database.kill()
    wait_for(lambda: not is_alive(worker) and not is_alive(database))
    wait_for(demo.is_ready, seconds=30)


def test_interrupt_leaves_no_process_and_no_stale_address(demo: Demo) -> None:
    processes = demo.everybody()
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=15) == 0
    assert not any(map(is_alive, processes))
    assert not (demo.data_dir / "demo.json").exists()


def test_kill_9_leaves_no_process_and_loses_no_data(demo: Demo, demos: list[Demo]) -> None:
    processes, key = demo.everybody(), demo.said["merchants"][0]["test_key"]
    demo.process.kill()
    demo.process.wait()
    wait_for(lambda: not any(map(is_alive, processes)))
    assert not (demo.data_dir / "demo.json").exists()
    demos.append(start(demo.data_dir))
    payments = f"{demos[-1].said['url']}/v1/payments"
    answer = requests.get(payments, headers={"Authorization": f"Bearer {key}"}, timeout=9)
    assert answer.status_code == 200
    assert answer.json()["data"]


def is_alive(process: psutil.Process) -> bool:
    return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)

"""The installation under test: every process real, in a group of its own, and restarted when it dies."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from tests.chaos import crash_points, sabotages
from tests.processes import ROOT, free_port

SIMULATOR, SCHEDULER = "simulator", "scheduler"
WORKERS, WEBS = ("worker-1", "worker-2"), ("web-1", "web-2")
MORTAL = (*WORKERS, *WEBS, SCHEDULER)
# With one of these in the environment, the processes are not quite the product's own.
PLANTS = {crash_points.RECORD, sabotages.SABOTAGE}


class Home:
    """Starts processes by name and keeps them running; `kill` is what chaos does to them."""

    def __init__(self, folder: Path, environment: dict[str, str], *, simulator_port: int, seed: int) -> None:
        self.folder, self.environment = folder, environment
        self.own: dict[str, dict[str, str]] = {}  # what one process has in its environment and no other
        self.ports = {name: free_port() for name in WEBS}
        self._simulator = [
            sys.executable, "-m", "providers.simulator", "--port", str(simulator_port), "--seed", str(seed),
            "--state", str(folder / "truth.jsonl"),
        ]  # fmt: skip
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._nurse = threading.Thread(target=self._keep_alive, name="nurse")

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports.values()]

    def start(self, *names: str) -> None:
        for name in names:
            with self._lock, (self.folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    self._command(name),
                    cwd=ROOT,
                    env=self._environment_of(name),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )

    def _command(self, name: str) -> list[str]:
        """As an operator starts it, unless something is to be planted in it (see tests/chaos/launch.py)."""
        planted = [sys.executable, "-m", "tests.chaos.launch"] if PLANTS & self.environment.keys() else None
        manage = planted or [sys.executable, "manage.py"]
        if name == SIMULATOR:
            return self._simulator
        if name == SCHEDULER:
            return [*manage, "run_scheduler", "--skip-checks"]
        if name in WORKERS:
            threads = self.environment["WORKER_THREADS"]
            return [*manage, "run_huey", "--skip-checks", "--workers", threads, "--worker-type", "thread"]
        port = str(self.ports[name])
        granian = [sys.executable, "-m", "granian", "--interface", "wsgi", "deploy.wsgi:application", "--no-ws"]
        return [*planted, "web", port] if planted else [*granian, "--port", port, "--blocking-threads", "4"]

    def _environment_of(self, name: str) -> dict[str, str]:
        """Each worker hands out the callback address of one of the web servers."""
        number = WORKERS.index(name) if name in WORKERS else 0
        return self.environment | {"PUBLIC_URL": self.urls[number]} | self.own.get(name, {})

    def nurse(self) -> None:
        """From now on whatever dies is started again, as an operator's supervisor would."""
        self._nurse.start()

    def kill(self, name: str) -> None:
        """kill -9 of the process and everything it started."""
        with self._lock:
            os.killpg(self._running[name].pid, signal.SIGKILL)

    def freeze(self, name: str, *, for_seconds: float) -> None:
        """The process stands still, as on an overloaded or migrating host, and then goes on where it was."""
        with self._lock:
            pid = self._running[name].pid
        try:
            os.killpg(pid, signal.SIGSTOP)
            time.sleep(for_seconds)
            os.killpg(pid, signal.SIGCONT)
        except ProcessLookupError:
            return  # it was killed meanwhile

    def is_alive(self, url: str) -> bool:
        try:
            return requests.get(f"{url}/livez", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, *names: str) -> None:
        """Those named, or everything and for good."""
        if not names:
            self._stopping.set()
            if self._nurse.is_alive():
                self._nurse.join()
        for name in names or list(self._running):
            process = self._running.pop(name)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _keep_alive(self) -> None:
        while not self._stopping.wait(0.1):
            with self._lock:
                dead = [name for name, process in self._running.items() if process.poll() is not None]
                self.start(*dead)

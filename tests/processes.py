"""Starts the real processes against the test database, and kills them as a power cut would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import requests
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "tests"
STATIC_ROOT = LOGS / "static"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(what: Callable[[], object], *, within_seconds: float = 15.0) -> object:
    """The first truthy answer of `what`. Fails the test when there is none in time."""
    deadline = time.monotonic() + within_seconds
    while time.monotonic() < deadline:
        if answer := what():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"nothing came of it within {within_seconds} s")


def database_url() -> str:
    """Where the tests' database is, for another process."""
    place = connection.settings_dict
    credentials = f"{quote(place['USER'])}:{quote(place['PASSWORD'])}"
    return f"postgresql://{credentials}@{place['HOST']}:{place['PORT']}/{place['NAME']}"


@cache
def prepare() -> None:
    """What an operator does before the first start: the broker's tables and the static files."""
    place = {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
        "STATIC_ROOT": str(STATIC_ROOT),
    }
    for command in (["migrate_all"], ["collectstatic", "--no-input", "--verbosity=0"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env={**os.environ, **place}, check=True)


def run_apart(module: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one of our programs that makes an installation of its own; the tests' database is not shown to it."""
    hidden = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "WEBHOOK_SECRET", "ENCRYPTION_KEYS"}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in hidden} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass
class Installation:
    """One installation of Ndalama on this machine: a web server's address and the processes behind it."""

    port: int
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        """Start `web`, `worker`, `scheduler`, or the worker of a slow provider by its name, `zamtel`."""
        manage = [sys.executable, "manage.py"]
        commands = {
            "web": [
                sys.executable, "-m", "granian", "--interface", "wsgi", "deploy.wsgi:application",
                "--host", "127.0.0.1", "--port", str(self.port), "--blocking-threads", "4",
                "--workers", self.environment.get("WEB_WORKERS", "1"),
                "--no-ws",
            ],
            "worker": [
                *manage, "run_huey", "--workers", self.environment["WORKER_THREADS"], "--worker-type", "thread",
            ],
            "scheduler": [*manage, "run_scheduler"],
            "zamtel": [*manage, "run_lane_worker", "zamtel"],
        }  # fmt: skip
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                commands[name], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """kill -9 of the process and everything it started."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> list[dict[str, object]]:
        """What the process has logged, line by line; what is no JSON object is left out."""
        lines = (LOGS / f"{name}.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def is_ready(self) -> bool:
        return self._is_ok("readyz")

    def is_alive(self) -> bool:
        return self._is_ok("livez")

    def _is_ok(self, path: str) -> bool:
        try:
            return requests.get(f"{self.url}/{path}", timeout=2).status_code == 200
        except requests.RequestException:
            return False


@contextmanager
def installation(*names: str, **environment: str) -> Iterator[Installation]:
    """An installation with the processes `names` running, on the tests' database."""
    port = free_port()
    prepare()
    made = Installation(
        port=port,
        environment={
            **os.environ,
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "WEBHOOK_SECRET": settings.WEBHOOK_SECRET,
            "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PROVIDER_TIMEOUT": "3",
            "WORKER_THREADS": "4",
            "LOG_LEVEL": "INFO",
            "DEMO": "1",
            "THROTTLE_LIMIT": "1000000",
            "STATIC_ROOT": str(STATIC_ROOT),
            **environment,
        },
    )
    try:
        for name in names:
            made.start(name)
        yield made
    finally:
        made.stop()

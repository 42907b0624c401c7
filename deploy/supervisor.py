"""Keeps programs running: starts them, restarts the ones that die, stops all of them in order, leaves none behind."""

# ruff: noqa: S603 (the commands are ours)
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.guard import Guard, send
from deploy.launch import launcher

POLL_SECONDS = 0.1
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.25, 10.0
STEADY_AFTER_SECONDS = 10.0  # a program that ran this long starts with the first delay again


class StopRequested(Exception):
    """Ctrl-C or a signal came while something was being waited for."""


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str | Path, ...]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_rank: int = 1  # lower ones are stopped first, and are gone before the next ones are asked
    grace_seconds: float = 3.0
    is_kept: bool = True  # started again when it ends


@dataclass(slots=True)
class Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)
    deaths: int = 0  # since it last ran steadily
    restart_at: float | None = None

    @property
    def is_running(self) -> bool:
        return self.restart_at is None and self.process.poll() is None


class Supervisor:
    """Programs run in `folder` and log to `logs`. `ready_file` is removed when they are stopped or left behind."""

    def __init__(self, *, folder: Path, logs: Path, ready_file: Path, say: Callable[[str], None]) -> None:
        self.environment: Mapping[str, str] = os.environ
        self.children: dict[str, Child] = {}
        self._folder, self._logs, self._ready_file, self._say = folder, logs, ready_file, say
        self._guard = Guard(ready_file)
        self._stop_requested = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def start(self, program: Program) -> Child:
        rotate(self.log_of(program.name))
        self.children[program.name] = Child(program, self._spawn(program))
        return self.children[program.name]

    def adopt(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        """Keep what was started elsewhere as leader of its process group."""
        self.children[program.name] = Child(program, process)
        self._guard.watch(process.pid, program.stop_signal)

    def finish(self, child: Child) -> int:
        """Wait for its end and return its exit status; the other ones are kept meanwhile."""
        self.wait_until(lambda: child.process.poll() is not None)
        del self.children[child.program.name]
        self._bury(child)
        return child.process.returncode

    def wait_until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if self._stop_requested:
                raise StopRequested
            self.tick()
            time.sleep(POLL_SECONDS)

    def run(self) -> None:
        """Keep everything running until somebody asks to stop."""
        with suppress(StopRequested):
            self.wait_until(lambda: False)

    def tick(self) -> None:
        for child in self.children.values():
            if child.restart_at is not None:
                if time.monotonic() >= child.restart_at:
                    self._restart(child)
            elif child.process.poll() is not None and child.program.is_kept:
                self._plan_restart(child)

    def stop(self) -> None:
        """A second Ctrl-C cuts the waiting short."""
        self._stop_requested = False
        self._ready_file.unlink(missing_ok=True)
        for rank in sorted({child.program.stop_rank for child in self.children.values()}):
            self._stop_all([child for child in self.children.values() if child.program.stop_rank == rank])
        self.children.clear()
        self._guard.close()

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with self.log_of(program.name).open("ab") as log:
            process = subprocess.Popen(
                launcher(program.command, death_signal=program.stop_signal),
                cwd=self._folder,
                env={**self.environment, "PROCESS_NAME": program.name},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._guard.watch(process.pid, program.stop_signal)
        return process

    def _plan_restart(self, child: Child) -> None:
        self._bury(child)
        lived_seconds = time.monotonic() - child.started_at
        child.deaths = 1 if lived_seconds > STEADY_AFTER_SECONDS else child.deaths + 1
        delay = min(FIRST_DELAY_SECONDS * 2 ** (child.deaths - 1), LONGEST_DELAY_SECONDS)
        child.restart_at = time.monotonic() + delay
        self._say(f"{child.program.name} ended ({ending(child.process.returncode)}); starting it again in {delay:g} s.")

    def _restart(self, child: Child) -> None:
        child.process, child.started_at, child.restart_at = self._spawn(child.program), time.monotonic(), None

    def _bury(self, child: Child) -> None:
        """End what a dead program left of its group: an orphaned web worker would go on serving the port."""
        send(child.process.pid, signal.SIGKILL)
        self._guard.forget(child.process.pid)

    def _stop_all(self, children: list[Child]) -> None:
        running = [child for child in children if child.is_running]
        for child in running:
            child.process.send_signal(child.program.stop_signal)
        asked_at = time.monotonic()
        for child in running:
            deadline = asked_at + child.program.grace_seconds
            while child.process.poll() is None and time.monotonic() < deadline and not self._stop_requested:
                time.sleep(POLL_SECONDS / 5)
            if child.process.poll() is None:
                self._say(f"{child.program.name} did not stop in time and is killed.")
            send(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._guard.forget(child.process.pid)

    def _request_stop(self, *_: object) -> None:
        self._stop_requested = True


def rotate(log: Path) -> None:
    """The log of the run before stays beside it as .1."""
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def ending(status: int) -> str:
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

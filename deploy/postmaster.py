"""What a PostgreSQL server says about itself in postmaster.pid, and how to end one without an owner."""

import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

STOP_SECONDS = 6
# PostgreSQL's "fast" and "immediate" shutdown, and the last resort.
STOP_SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)


class Postmaster(NamedTuple):
    pid: int
    port: int
    state: str  # "starting", "ready", …


def read_postmaster(data: Path) -> Postmaster | None:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    return Postmaster(int(lines[0]), int(lines[3]), lines[7].strip()) if len(lines) >= 8 else None


def find_process(data: Path) -> psutil.Process | None:
    """The server that runs on `data`: its number in the file alone may belong to a stranger by now."""
    postmaster = read_postmaster(data)
    if postmaster is None:
        return None
    try:
        process = psutil.Process(postmaster.pid)
        return process if str(data) in process.cmdline() else None
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None


def end_leftover(data: Path) -> None:
    """Stop a server whose parent is gone; remove the file of a killed one, which PostgreSQL would believe."""
    process = find_process(data)
    if process is None:
        (data / "postmaster.pid").unlink(missing_ok=True)
        return
    for number in STOP_SIGNALS:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        with suppress(psutil.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return

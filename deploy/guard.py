"""Outlives its owner, even one ended by kill -9, to stop the process groups that the owner left behind.

The kernel's death signal reaches children only; a guard also reaches their children (granian's workers would go on
serving the port) and works where there is no such signal. Run as a file by `python -I -S`; it reads one line for
each group: `+<number> <signal>` when it starts, `-<number>` when it has ended. The end of input is the owner's end.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 2.0


class Guard:
    """The owner's side. `to_remove` is a file that must not outlive the owner."""

    def __init__(self, to_remove: Path) -> None:
        self._to_remove = to_remove
        self._process = self._start()
        self._watched: dict[int, signal.Signals] = {}

    def watch(self, group: int, stop_signal: signal.Signals) -> None:
        self._watched[group] = stop_signal
        self._tell(f"+{group} {int(stop_signal)}\n")

    def forget(self, group: int) -> None:
        del self._watched[group]
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Everything still watched is stopped; returns when that is done."""
        os.close(self._pipe)
        self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.poll() is not None:  # somebody ended it: a new one learns all there is to know
            os.close(self._pipe)
            self._process = self._start()
            line = "".join(f"+{group} {int(number)}\n" for group, number in self._watched.items())
        os.write(self._pipe, line.encode())

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-S", __file__, str(self._to_remove)]
        read_end, self._pipe = os.pipe()
        # A session of its own: what the terminal sends to the owner's group must not end the guard.
        process = subprocess.Popen(command, stdin=read_end, start_new_session=True)  # noqa: S603
        os.close(read_end)
        return process


def main() -> None:
    groups: dict[int, int] = {}
    for line in sys.stdin:
        if line.startswith("+"):
            group, number = line[1:].split()
            groups[int(group)] = int(number)
        else:
            groups.pop(int(line[1:]), None)
    Path(sys.argv[1]).unlink(missing_ok=True)
    stop_groups(groups)


def stop_groups(groups: dict[int, int]) -> None:
    for group, number in groups.items():
        send(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(send(group, 0) for group in groups):
        time.sleep(0.02)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """Whether there still was somebody to send it to."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()

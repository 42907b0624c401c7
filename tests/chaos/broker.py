"""A Redis that is killed and comes back empty, for runs with REDIS=1: Huey's messages may be lost."""

import shutil
import signal
import subprocess
import sys
from contextlib import suppress

from tests.processes import free_port


class Broker:
    def __init__(self) -> None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            sys.exit("REDIS=1 needs redis-server or valkey-server on the PATH (apt install redis-server).")
        port = str(free_port())
        self._command = [program, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.url = f"redis://127.0.0.1:{port}/0"
        self._process = self._start()

    def kill_and_restart(self) -> None:
        """With everything in it gone."""
        self.stop()
        self._process = self._start()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

"""The simulated network in a process of its own, as a real one would be."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.processes import ROOT, eventually, free_port


@dataclass(frozen=True, slots=True)
class Network:
    url: str

    def control(self, method: str, path: str, body: Any = None) -> Any:
        return requests.request(method, f"{self.url}/_control/{path}", json=body, timeout=30).json()

    def behave(self, **switches: Any) -> None:
        """From now on these switches hold for every collection, and nothing else is out of order."""
        rule = {"match": {"operation": "collect"}, "set": switches}
        self.control("PUT", "faults", {"set": QUICK, "rules": [rule] if switches else []})

    def count(self, operation: str) -> int:
        """How many requests of the operation have arrived."""
        return int(self.control("GET", "health")["operations"].get(operation, 0))

    def is_up(self) -> bool:
        try:
            return bool(self.control("GET", "health"))
        except requests.ConnectionError:
            return False


# Payers answer at once, and nobody calls back: what is measured is our own work.
QUICK = {"approve_seconds": 0, "callback": "lost"}


@contextmanager
def simulated_network() -> Iterator[Network]:
    port = free_port()
    command = [sys.executable, "-m", "providers.simulator", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        network = Network(f"http://127.0.0.1:{port}")
        try:
            eventually(network.is_up)
            network.behave()
            yield network
        finally:
            process.terminate()

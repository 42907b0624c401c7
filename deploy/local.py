"""Lets a command run without any configuration: it joins, or opens for itself, the installation in DATA_DIR.

Only where nothing is configured: an environment with secrets of its own is a real installation, whose missing
DATABASE_URL the settings refuse.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from deploy import embedded
from deploy.demo_state import Options, demo_environment, is_set
from deploy.postgres_cluster import EmbeddedPostgresError

SECRETS = ("SECRET_KEY", "WEBHOOK_SECRET", "ENCRYPTION_KEYS")
# These look at code only; they get an address that nobody answers at.
WITHOUT_DATABASE = {"check", "collectstatic", "compilemessages", "help", "makemigrations", "makemessages", "simulator"}
# These look at an installation that is there, and make none.
LOOKERS = {"doctor", "verify_audit"}
NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


@contextmanager
def local_installation(command: str) -> Iterator[None]:
    """Set the environment for one management command, unless it is that of a real installation.

    Ends the process with a sentence when a command that only looks finds nothing to look at.
    """
    if any(is_set(name) for name in SECRETS):
        yield
        return
    options = _options()
    only_read = command in LOOKERS | WITHOUT_DATABASE
    if command in LOOKERS:
        _require_installation(options)
    if not only_read:
        options.data_dir.mkdir(parents=True, exist_ok=True)
    with _database(command, options.data_dir) as url:
        os.environ.update(demo_environment(options, database_url=url, only_read=only_read))
        yield


def _require_installation(options: Options) -> None:
    has_database = _is_database_named() or embedded.has_data(options.data_dir / "postgres")
    if not has_database or not (options.data_dir / "secrets.json").exists():
        sys.exit(
            f"There is no installation in {options.data_dir}: run `make demo` once, name the folder of one with "
            "DATA_DIR, or set the environment of a real one (deploy/env.example)."
        )


def _is_database_named() -> bool:
    return is_set("DATABASE_URL") or is_set("DATABASE_HOST")


@contextmanager
def _database(command: str, data_dir: Path) -> Iterator[str]:
    """Its URL; "" when the environment names one."""
    folder = data_dir / "postgres"
    if _is_database_named():
        yield ""
    elif command in WITHOUT_DATABASE:
        yield NOWHERE
    elif url := embedded.url_of_running(folder):
        yield url
    else:
        sys.stderr.write(f"No DATABASE_URL: using the embedded PostgreSQL in {data_dir}.\n")
        try:
            with embedded.running(folder) as url:
                yield url
        except EmbeddedPostgresError as error:
            sys.exit(f"The embedded PostgreSQL in {data_dir} does not start: {error}")


def _options() -> Options:
    """The demo's, with the ports of the one that runs, whatever this shell's PORT says."""
    options = Options.from_environment()
    running = options.data_dir / "demo.json"
    if not running.exists():
        return options
    addresses = json.loads(Path(running).read_text())
    ports = [urlsplit(addresses[name]).port for name in ("url", "simulator_url")]
    return replace(options, port=ports[0] or options.port, simulator_port=ports[1] or options.simulator_port)

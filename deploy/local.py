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

SECRETS = ("SECRET_KEY", "WEBHOOK_SECRET", "ENCRYPTION_KEYS")
# These look at code only; they get an address that nobody answers at.
WITHOUT_DATABASE = {"check", "collectstatic", "compilemessages", "help", "makemigrations", "makemessages", "simulator"}
NOWHERE = "postgresql://nobody@127.0.0.1:9/none"


@contextmanager
def local_installation(command: str) -> Iterator[None]:
    """Set the environment for one management command, unless it is that of a real installation."""
    if any(is_set(name) for name in SECRETS):
        yield
        return
    options = _options()
    options.data_dir.mkdir(parents=True, exist_ok=True)
    folder = options.data_dir / "postgres"
    if is_set("DATABASE_URL") or is_set("DATABASE_HOST"):
        _adopt(options, "")
        yield
    elif command in WITHOUT_DATABASE:
        _adopt(options, NOWHERE)
        yield
    elif url := embedded.url_of_running(folder):
        _adopt(options, url)
        yield
    else:
        sys.stderr.write(f"No DATABASE_URL: using the embedded PostgreSQL in {options.data_dir}.\n")
        with embedded.running(folder) as url:
            _adopt(options, url)
            yield


def _options() -> Options:
    """The demo's, with the ports of the one that runs, whatever this shell's PORT says."""
    options = Options.from_environment()
    running = options.data_dir / "demo.json"
    if not running.exists():
        return options
    addresses = json.loads(Path(running).read_text())
    ports = [urlsplit(addresses[name]).port for name in ("url", "simulator_url")]
    return replace(options, port=ports[0] or options.port, simulator_port=ports[1] or options.simulator_port)


def _adopt(options: Options, url: str) -> None:
    os.environ.update(demo_environment(options, database_url=url))

"""A throw-away installation to be maltreated: database, network, merchants and all processes, gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import requests

from tests.chaos.broker import Broker
from tests.chaos.checker import Books
from tests.chaos.database import Database
from tests.chaos.home import MORTAL, SIMULATOR, Home
from tests.chaos.options import CALL_SECONDS, SETTLE_SECONDS, Options
from tests.chaos.proxy import Proxy
from tests.processes import ROOT, eventually, free_port

# These reach the database through a proxy; for all of them it would cost half of the speed.
LINKED = ("worker-2", "web-2")


@dataclass(frozen=True, slots=True)
class Stage:
    home: Home
    database: Database
    database_link: Proxy  # between some of the processes and the database
    broker: Broker | None  # Redis, where the run is to have it
    network: Proxy  # between the workers and the simulated network
    network_url: str  # the simulated network itself

    def control(self, method: str, path: str, body: object = None) -> Any:
        """A call to the simulator's control API."""
        answer = requests.request(method, f"{self.network_url}/_control/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def make_merchants(self, options: Options, *, prefix: str = "chaos") -> tuple[list[Books], dict[str, str]]:
        """New merchants with an account at the network; where their books are, and an API key of each."""
        return _make_merchants(options, prefix, network=f"http://127.0.0.1:{self.network.port}")

    def start(self, **environment: str) -> None:
        """Start every process but the network, and wait until the web servers answer."""
        self.home.environment |= environment
        self.home.start(*MORTAL)
        for url in self.home.urls:
            eventually(partial(self.home.is_alive, url), within_seconds=60)


@contextmanager
def stage(options: Options) -> Iterator[Stage]:
    """With the database and the simulated network running, and nothing else."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with ExitStack() as cleanup:
        place = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="chaos-", dir=folder)))
        database = Database(place / "postgres")
        cleanup.callback(database.stop)
        network = Proxy(simulator_port := free_port())
        cleanup.callback(network.stop)
        link = Proxy(database.port)
        cleanup.callback(link.stop)
        broker = Broker() if options.redis else None
        if broker:
            cleanup.callback(broker.stop)
        os.environ |= _environment(database.url, place) | ({"REDIS_URL": broker.url} if broker else {})
        _migrate()
        home = Home(place, dict(os.environ), simulator_port=simulator_port, seed=options.seed)
        home.own |= {name: {"DATABASE_URL": database.url_through(link.port)} for name in LINKED}
        cleanup.callback(home.stop)
        made = Stage(home, database, link, broker, network, f"http://127.0.0.1:{simulator_port}")
        home.start(SIMULATOR)
        eventually(partial(_answers, made), within_seconds=30)
        yield made


def _answers(made: Stage) -> bool:
    try:
        return bool(made.control("GET", "health"))
    except requests.ConnectionError:
        return False


def _environment(database_url: str, place: Path) -> dict[str, str]:
    """The settings of every process, this one included."""
    from deploy.demo_state import kept_secrets  # noqa: PLC0415 (imports psycopg only when a run is wanted)

    return kept_secrets(place / "secrets.json") | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "deploy.settings",
        "DEMO": "1",
        "LOG_LEVEL": "WARNING",
        "THROTTLE_LIMIT": "100000000",
        "STATIC_ROOT": str(place),
        "WORKER_THREADS": "8",
        "PROVIDER_TIMEOUT": str(CALL_SECONDS),
        "TOKEN_TIMEOUT": str(CALL_SECONDS),
        "SETTLE_SECONDS": str(SETTLE_SECONDS),
        "CIRCUIT_PROBE_SECONDS": "1",
    }


def _migrate() -> None:
    import django  # noqa: PLC0415 (needs the environment to be ready)

    django.setup()
    from tenants.provisioning import migrate_all  # noqa: PLC0415

    migrate_all()


def _make_merchants(options: Options, prefix: str, *, network: str) -> tuple[list[Books], dict[str, str]]:
    from django.db import connections  # noqa: PLC0415 (after django.setup)

    from tests.world import make_merchant, mtn_credentials  # noqa: PLC0415

    books, keys = [], {}
    for number in range(options.merchants):
        slug = f"{prefix}-{number}"
        merchant = make_merchant(slug, simulator_url=network)
        users = tuple(value for name, value in mtn_credentials(slug).items() if name.endswith("api_user"))
        books.append(Books(slug, merchant.tenant.schema_name, merchant.tenant.pk, users))
        keys[slug] = merchant.test_key
    connections.close_all()
    return books, keys

"""Fixtures for every test: one throw-away database with two merchants, and a simulator on real HTTP."""

import secrets
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from api.denials import recents
from api.key_cache import keys
from api.key_use import uses
from api.stranger_throttle import strangers
from api.throttle import leases
from payments.retry_budget import budget
from providers.simulator.server import Simulator
from tenants.directory import directory
from tenants.models import Job
from tenants.provisioning import migrate_all
from tests.processes import free_port
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, make_merchant, temporary_merchant


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """MTN, simulated, on a free port of this process."""
    with Simulator(port=0) as running:
        yield running


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[None]:
    """As a process that has just started: no key, token, limit or denial is remembered."""
    for memory in MEMORIES:
        memory.forget()
    yield
    for memory in MEMORIES:
        memory.forget()


@pytest.fixture
def mtn(simulator: Simulator) -> SimulatedMtn:
    """The simulated network, with nothing of other tests in it."""
    return SimulatedMtn(simulator)


@pytest.fixture
def closed_port() -> str:
    """The address of a server that is not there."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None, simulator: Simulator
) -> Iterator[None]:
    """A database of this run's own, with every schema migrated and Alice's (acme) and Charlie's (globex) merchants."""
    with django_db_blocker.unblock():
        old = setup_databases(verbosity=0, interactive=False)
        migrate_all()
        _MERCHANTS["acme"] = make_merchant("acme", simulator_url=simulator.url)
        _MERCHANTS["globex"] = make_merchant("globex", simulator_url=simulator.url)
        # What making them left to be done would look, some minutes later, like work that nobody does.
        Job.objects.all().delete()
        yield
        # Threads and processes of tests may have left connections open, which would keep the database from going.
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                      AND backend_type = 'client backend'"""
            )
        teardown_databases(old, verbosity=0)


# A slow machine is no defect: figures belong to `make bench`.
hypothesis.settings.register_profile("ndalama", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ndalama")

_MERCHANTS: dict[str, Merchant] = {}
MEMORIES = (keys, leases, strangers, recents, uses, budget, directory)


@pytest.fixture
def acme(db: None) -> Merchant:
    return _MERCHANTS["acme"]


@pytest.fixture
def globex(db: None) -> Merchant:
    return _MERCHANTS["globex"]


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any, simulator: Simulator) -> Iterator[Merchant]:
    """A merchant of this test alone whose rows are really committed: for threads, processes and crashes."""
    with (
        django_db_blocker.unblock(),
        temporary_merchant(f"m-{secrets.token_hex(4)}", simulator_url=simulator.url) as merchant,
    ):
        yield merchant

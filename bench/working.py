"""From acceptance to the network: how many payments workers hand over, and how long one waits for its turn."""

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from statistics import median, quantiles
from uuid import uuid4

from django.db import connection
from django_tenants.utils import tenant_context

from bench import http_load
from bench.network import Network, simulated_network
from bench.report import Figure
from bench.requests import posts
from payments.accounts import find_account, open_account
from providers.base import Instruction, Operation
from providers.registry import get_provider
from tests.processes import Installation, eventually, installation
from tests.world import Merchant, make_merchant

BACKLOG, BARE_CALLS, THREADS = 1500, 1500, 16
OFFERED_PER_SECOND, OFFERED_SECONDS = 40, 10
SETTINGS = {
    "THROTTLE_LIMIT": "100000000", "WEB_WORKERS": "2", "LOG_LEVEL": "WARNING", "WORKER_THREADS": str(THREADS),
}  # fmt: skip


def measure() -> list[Figure]:
    """Jobs per second beside the bare client, and request to provider (ENGINEERING.md P11)."""
    with simulated_network() as network:
        merchant = make_merchant("working", simulator_url=network.url)
        bare = _bare_calls_per_second(merchant)
        with installation("web", **SETTINGS) as home:
            eventually(home.is_alive, within_seconds=30)
            sent = _sends_per_second(home, merchant, network)
            waits = _waits(home, merchant)
    return [
        Figure("payments_handed_over_1_worker", sent, "payments/s", sent / bare, "the adapter alone, same threads"),
        Figure("request_to_provider_p50", median(waits) * 1000, "ms"),
        Figure(
            "request_to_provider_p99", quantiles(waits, n=100)[98] * 1000, "ms", None,
            f"{OFFERED_PER_SECOND} payments/s offered",
        ),
    ]  # fmt: skip


def _bare_calls_per_second(merchant: Merchant) -> float:
    """requesttopay through the adapter, with no database in between."""
    with merchant.entered():
        row = find_account(provider="mtn", livemode=False)
        if row is None:
            raise RuntimeError("the merchant has no account")
        account = open_account(row)
    adapter = get_provider("mtn")

    def call(_: int) -> None:
        adapter.send(account, _instruction())

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(call, range(BARE_CALLS)))
    return BARE_CALLS / (time.perf_counter() - started)


def _instruction() -> Instruction:
    return Instruction(
        operation=Operation.COLLECT, reference=str(uuid4()), amount=Decimal(150), currency="ZMW",
        phone="260966000123", external_id="bare", payer_message="Order 1001", payee_note="Shop", callback_url="",
    )  # fmt: skip


def _sends_per_second(home: Installation, merchant: Merchant, network: Network) -> float:
    """A backlog is accepted while no worker lives; then one starts."""
    make, accepted = posts([merchant]), 0
    while accepted < BACKLOG:
        accepted += sum(
            http_load.run(port=home.port, make_request=make, connections=8, for_seconds=0.5).statuses.values()
        )
    before = network.count("collect")
    home.start("worker")
    home.start("scheduler")
    eventually(lambda: network.count("collect") > before, within_seconds=60)
    begun, first = time.perf_counter(), network.count("collect")
    eventually(lambda: network.count("collect") - before >= BACKLOG, within_seconds=300)
    rate = (network.count("collect") - first) / (time.perf_counter() - begun)
    eventually(lambda: network.count("collect") - before >= accepted, within_seconds=300)
    return rate


def _waits(home: Installation, merchant: Merchant) -> list[float]:
    """Seconds from acceptance to the moment just before the call, at a steady pace."""
    started = time.time()
    http_load.run(
        port=home.port, make_request=posts([merchant]), connections=8, for_seconds=OFFERED_SECONDS,
        per_second=OFFERED_PER_SECOND,
    )  # fmt: skip
    wanted = OFFERED_PER_SECOND * OFFERED_SECONDS * 0.9
    sql = """SELECT extract(epoch FROM e.started_at - p.created_at) FROM payments_exchange e
               JOIN payments_payment p ON p.id = e.payment_id
              WHERE e.operation = 'collect' AND p.created_at > to_timestamp(%s)"""
    found: list[float] = []

    def all_sent() -> bool:
        with tenant_context(merchant.tenant), connection.cursor() as cursor:
            cursor.execute(sql, [started])
            found[:] = [float(seconds) for (seconds,) in cursor.fetchall()]
        return len(found) >= wanted

    eventually(all_sent, within_seconds=60)
    return found

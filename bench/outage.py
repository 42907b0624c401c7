"""A network that takes connections and never answers, beside the same traffic while it is well (ENGINEERING.md R12)."""

from statistics import median

from django.db import connection
from django_tenants.utils import tenant_context

from bench import http_load
from bench.http_load import Load
from bench.network import simulated_network
from bench.report import Figure
from bench.requests import posts
from bench.working import SETTINGS
from tests.processes import Installation, eventually, installation
from tests.world import Merchant, make_merchant

PER_SECOND, SECONDS, CONNECTIONS, HANG_SECONDS = 30, 15, 8, 60


def measure() -> list[Figure]:
    """The API's p95 and another merchant's time to success, with one merchant's network hanging and without."""
    with simulated_network() as ill, simulated_network() as well:
        unlucky = make_merchant("unlucky", simulator_url=ill.url)
        other = make_merchant("other", simulator_url=well.url)
        # The circuit would end the trouble within a minute: here it may not.
        never = {"CIRCUIT_FAILURES": "100", "PROVIDER_TIMEOUT": "60"}
        with installation("web", "worker", "scheduler", **SETTINGS, **never) as home:
            eventually(home.is_ready, within_seconds=60)
            healthy, healthy_ends = _traffic(home, unlucky, other)
            ill.behave(answer="hang", hang_seconds=HANG_SECONDS, executes="never")
            hanging, hanging_ends = _traffic(home, unlucky, other)
    return [
        Figure(
            "accept_latency_p95_network_hangs", hanging.percentile(0.95) * 1000, "ms",
            hanging.percentile(0.95) / healthy.percentile(0.95), "the same traffic while it is well",
        ),
        Figure(
            "other_merchants_time_to_success_p50_network_hangs", hanging_ends, "s", hanging_ends / healthy_ends,
            "the same traffic while it is well",
        ),
    ]  # fmt: skip


def _traffic(home: Installation, unlucky: Merchant, other: Merchant) -> tuple[Load, float]:
    """Both merchants' payments in turn; the median seconds in which the other's succeed."""
    before = len(_seconds_to_success(other))
    load = http_load.run(
        port=home.port, make_request=posts([unlucky, other]), connections=CONNECTIONS, for_seconds=SECONDS,
        per_second=PER_SECOND,
    )  # fmt: skip
    wanted = before + sum(load.statuses.values()) // 2 - CONNECTIONS
    eventually(lambda: len(_seconds_to_success(other)) >= wanted, within_seconds=120)
    return load, median(_seconds_to_success(other)[before:])


def _seconds_to_success(merchant: Merchant) -> list[float]:
    sql = """SELECT extract(epoch FROM completed_at - created_at) FROM payments_payment
              WHERE status = 'succeeded' ORDER BY id"""
    with tenant_context(merchant.tenant), connection.cursor() as cursor:
        cursor.execute(sql)
        return [float(seconds) for (seconds,) in cursor.fetchall()]

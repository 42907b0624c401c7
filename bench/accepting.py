"""What it costs to accept a payment over HTTP, beside pgbench running the very same statement."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import http_load, pgbench
from bench.http_load import Load
from bench.report import Figure, ratio
from bench.requests import posts
from tests.processes import Installation, database_url, eventually, installation
from tests.world import Merchant, make_merchant

ROUNDS, SECONDS, MANY = 3, 4, 16
EMPTY_VIEW = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
SAMPLE = '{"id":"pay_x","object":"payment","amount":"150.00","currency":"ZMW","status":"pending"}'


@dataclass
class Measured:
    """One entry a round. Figures and their references are interleaved, because machines have moods."""

    one: list[Load] = field(default_factory=list)
    one_floor: list[pgbench.Result] = field(default_factory=list)
    many: list[Load] = field(default_factory=list)
    many_floor: list[pgbench.Result] = field(default_factory=list)
    replays: list[Load] = field(default_factory=list)
    empty: list[Load] = field(default_factory=list)


def measure(folder: Path) -> list[Figure]:
    """The figures of ENGINEERING.md P1, P3 and P4."""
    merchant = make_merchant("bench")
    path = pgbench.script(schema=merchant.tenant.schema_name, tenant_id=merchant.tenant.pk, body=SAMPLE, folder=folder)
    measured = Measured()
    with installation("web", THROTTLE_LIMIT="100000000", WEB_WORKERS="2", LOG_LEVEL="WARNING") as home:
        eventually(home.is_alive, within_seconds=30)
        for _ in range(ROUNDS):
            _one_round(measured, home, merchant, path)
    return _figures(measured)


def _one_round(measured: Measured, home: Installation, merchant: Merchant, path: Path) -> None:
    def load(make_request: Callable[[], bytes], connections: int, status: int = 201) -> Load:
        done = http_load.run(port=home.port, make_request=make_request, connections=connections, for_seconds=SECONDS)
        if set(done.statuses) != {status}:
            raise RuntimeError(f"expected nothing but {status}, got {done.statuses}")
        return done

    def floor(clients: int) -> pgbench.Result:
        return pgbench.run(database_url=database_url(), path=path, clients=clients, for_seconds=SECONDS)

    measured.one_floor.append(floor(1))
    measured.one.append(load(posts([merchant]), 1))
    measured.empty.append(load(lambda: EMPTY_VIEW, 1, 200))
    measured.many_floor.append(floor(MANY))
    measured.many.append(load(posts([merchant]), MANY))
    measured.replays.append(load(posts([merchant], key="the same"), MANY))


def _figures(measured: Measured) -> list[Figure]:
    milliseconds = [load.percentile(0.5) * 1000 for load in measured.one]
    bare = [
        empty.percentile(0.5) * 1000 + floor.latency_ms
        for empty, floor in zip(measured.empty, measured.one_floor, strict=True)
    ]
    many = [load.rate for load in measured.many]
    replays = [load.rate for load in measured.replays]
    return [
        Figure(
            f"payments_accepted_{MANY}_connections", median(many), "payments/s",
            ratio(many, [floor.rate for floor in measured.many_floor]), f"pgbench, same SQL, {MANY} clients",
        ),
        Figure(
            "payments_accepted_1_connection", median(load.rate for load in measured.one), "payments/s",
            ratio([load.rate for load in measured.one], [floor.rate for floor in measured.one_floor]),
            "pgbench, same SQL, 1 client",
        ),
        Figure(
            "accept_latency_p50", median(milliseconds), "ms", ratio(milliseconds, bare),
            "an empty view plus pgbench's latency",
        ),
        Figure(
            f"accept_latency_p99_{MANY}_connections",
            median(load.percentile(0.99) * 1000 for load in measured.many), "ms",
        ),
        Figure(
            f"replays_{MANY}_connections", median(replays), "replays/s", ratio(replays, many),
            "payments accepted in the same run",
        ),
        Figure("empty_view_latency_p50", median(load.percentile(0.5) * 1000 for load in measured.empty), "ms"),
    ]  # fmt: skip

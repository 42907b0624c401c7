"""`make bench`: a real installation on a fast-as-it-gets machine of its own, measured and taken down again."""

import logging
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from deploy import embedded

ROOT = Path(__file__).resolve().parent.parent
ROUNDS, SECONDS = 3, 4
EMPTY = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def main() -> None:
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=_var()) as folder, embedded.running(Path(folder)) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "deploy.settings_test"}
        import django  # noqa: PLC0415 (it reads the environment set above)

        django.setup()
        from bench.report import table, write  # noqa: PLC0415

        figures = measure(Path(folder))
        sys.stdout.write(table(figures) + "\n")
        write(figures, ROOT / "var" / "bench.json")


def measure(folder: Path) -> list[Any]:
    from bench import http_load, pgbench  # noqa: PLC0415
    from bench.report import Figure, median  # noqa: PLC0415
    from tenants.provisioning import migrate_all  # noqa: PLC0415
    from tests.processes import database_url, eventually, installation  # noqa: PLC0415
    from tests.world import make_merchant  # noqa: PLC0415

    migrate_all()
    merchant = make_merchant("bench")
    sample = '{"id":"pay_x","object":"payment","amount":"150.00","currency":"ZMW","status":"pending"}'
    sql = pgbench.script(schema=merchant.tenant.schema_name, tenant_id=merchant.tenant.pk, body=sample, folder=folder)
    creates: dict[int, list[float]] = {1: [], 16: []}
    floors: dict[int, list[float]] = {1: [], 16: []}
    latencies: list[float] = []
    tails: list[float] = []
    empties: list[float] = []
    bare: list[float] = []
    replays: list[float] = []
    with installation("web", THROTTLE_LIMIT="100000000", WEB_WORKERS="2", LOG_LEVEL="WARNING") as home:
        eventually(lambda: _answers(home), within_seconds=30)
        for _ in range(ROUNDS):
            for clients in (1, 16):
                floor = pgbench.run(database_url=database_url(), path=sql, clients=clients, for_seconds=SECONDS)
                load = http_load.run(
                    port=home.port, make_request=create_request(merchant), connections=clients, for_seconds=SECONDS
                )
                _expect(load, 201)
                floors[clients].append(floor.rate)
                creates[clients].append(load.rate)
                if clients == 1:
                    latencies.append(load.percentile(0.5) * 1000)
                    empty = http_load.run(port=home.port, make_request=lambda: EMPTY, connections=1, for_seconds=2)
                    empties.append(empty.percentile(0.5) * 1000)
                    bare.append(empties[-1] + floor.latency_ms)
                else:
                    tails.append(load.percentile(0.99) * 1000)
                    again = http_load.run(
                        port=home.port, make_request=create_request(merchant, key="same"), connections=16,
                        for_seconds=SECONDS,
                    )  # fmt: skip
                    _expect(again, 201)
                    replays.append(again.rate)
    return [
        Figure(
            "payments_accepted_16_connections", median(creates[16]), "payments/s",
            median([a / b for a, b in zip(creates[16], floors[16], strict=True)]), "pgbench, same SQL, 16 clients",
        ),
        Figure(
            "payments_accepted_1_connection", median(creates[1]), "payments/s",
            median([a / b for a, b in zip(creates[1], floors[1], strict=True)]), "pgbench, same SQL, 1 client",
        ),
        Figure(
            "accept_latency_p50", median(latencies), "ms",
            median([a / b for a, b in zip(latencies, bare, strict=True)]), "an empty view plus pgbench's latency",
        ),
        Figure("accept_latency_p99_16_connections", median(tails), "ms"),
        Figure(
            "replays_16_connections", median(replays), "replays/s",
            median([a / b for a, b in zip(replays, creates[16], strict=True)]), "payments accepted, 16 connections",
        ),
        Figure("empty_view_latency_p50", median(empties), "ms"),
    ]  # fmt: skip


def create_request(merchant: Any, *, key: str = "") -> Callable[[], bytes]:
    """Ready-made POSTs that differ in nothing but the idempotency key."""
    body = b'{"amount": "150.00", "currency": "ZMW", "phone": "+260966000123", "metadata": {"order": "1001"}}'
    head = (
        "POST /v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {merchant.test_key}\r\nContent-Length: {len(body)}\r\nIdempotency-Key: "
    ).encode()
    run, numbers = uuid.uuid4().hex, count()

    def make() -> bytes:
        return head + (key or f"{run}-{next(numbers)}").encode() + b"\r\n\r\n" + body

    return make


def _answers(home: Any) -> bool:
    import requests  # noqa: PLC0415

    try:
        return bool(requests.get(f"{home.url}/livez", timeout=2).ok)
    except requests.RequestException:
        return False


def _expect(load: Any, status: int) -> None:
    if set(load.statuses) != {status}:
        raise RuntimeError(f"expected nothing but {status}, got {load.statuses}")


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _var() -> Path:
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    return folder


if __name__ == "__main__":
    main()

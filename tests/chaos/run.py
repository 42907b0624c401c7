"""One chaos run from an empty database to a verdict."""

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import requests

from tests.chaos import faults
from tests.chaos.checker import Books, check
from tests.chaos.database import Database
from tests.chaos.home import MORTAL, SIMULATOR, Home
from tests.chaos.killer import Killer
from tests.chaos.options import CALL_SECONDS, SETTLE_SECONDS, Options
from tests.chaos.proxy import Proxy
from tests.chaos.traffic import Traffic
from tests.chaos.truth import read_truth
from tests.processes import ROOT, eventually, free_port

SETTLE_AT_MOST_SECONDS = 600.0


@dataclass
class Verdict:
    findings: list[str]
    figures: list[tuple[str, str]] = field(default_factory=list)


def run(options: Options) -> Verdict:
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with ExitStack() as cleanup:
        place = Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="chaos-", dir=folder)))
        database = Database(place / "postgres")
        cleanup.callback(database.stop)
        proxy = Proxy(simulator_port := free_port())
        cleanup.callback(proxy.stop)
        os.environ |= environment(database.url, place)
        merchants, keys = _make_merchants(options, network=f"http://127.0.0.1:{proxy.port}")
        home = Home(place, dict(os.environ), simulator_port=simulator_port, seed=options.seed)
        cleanup.callback(home.stop)
        home.start(SIMULATOR, *MORTAL)
        truth_url = f"http://127.0.0.1:{simulator_port}"
        eventually(lambda: _control(truth_url, "GET", "health"), within_seconds=30)
        for url in home.urls:
            eventually(partial(home.is_alive, url), within_seconds=60)
        home.nurse()
        return _storm(options, home, database, proxy, truth_url, merchants, keys)


def environment(database_url: str, place: Path) -> dict[str, str]:
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


def _make_merchants(options: Options, *, network: str) -> tuple[list[Books], dict[str, str]]:
    import django  # noqa: PLC0415 (needs the environment to be ready)

    django.setup()
    from django.db import connections  # noqa: PLC0415

    from tenants.provisioning import migrate_all  # noqa: PLC0415
    from tests.world import make_merchant, mtn_credentials  # noqa: PLC0415

    migrate_all()
    books, keys = [], {}
    for number in range(options.merchants):
        slug = f"chaos-{number}"
        merchant = make_merchant(slug, simulator_url=network)
        users = tuple(value for name, value in mtn_credentials(slug).items() if name.endswith("api_user"))
        books.append(Books(slug, merchant.tenant.schema_name, merchant.tenant.pk, users))
        keys[slug] = merchant.test_key
    connections.close_all()
    return books, keys


def _storm(
    options: Options,
    home: Home,
    database: Database,
    proxy: Proxy,
    truth_url: str,
    merchants: Sequence[Books],
    keys: dict[str, str],
) -> Verdict:
    started = time.monotonic()
    _control(truth_url, "PUT", "faults", faults.rules(options.faults))
    traffic = Traffic(options, home.urls, keys, threading.Event())
    ending = threading.Timer(options.seconds, traffic.stopping.set)
    ending.start()
    killer = Killer(options, home, database, proxy)
    killer.start()
    counting = threading.Thread(target=_count_waiting, args=(database.url, merchants, traffic))
    counting.start()
    traffic.run()
    traffic.stopping.set()
    counting.join()
    ending.cancel()
    killer.stop()
    storm_seconds = time.monotonic() - started
    _control(truth_url, "PUT", "faults", faults.none())
    settle_seconds = _settle(database.url, merchants)
    truth = read_truth(truth_url)
    findings = traffic.wrong + check(database.url, merchants, traffic.records, truth)
    kinds = [record.kind for record in traffic.records]
    figures = [
        *((f"{kind}s accepted", f"{kinds.count(kind):,}") for kind in ("collection", "payout", "refund")),
        *((f"killed or cut: {what}", f"{count:,}") for what, count in sorted(killer.done.items())),
        *((f"answers {status}", f"{count:,}") for status, count in sorted(traffic.answers.items())),
        ("movements of money", f"{truth.count:,}"),
        ("double movements", f"{len(truth.doubles)}"),
        ("storm", f"{storm_seconds:.0f} s, {len(kinds) / storm_seconds:.0f} accepted/s"),
        ("until all was final", f"{settle_seconds:.0f} s"),
        ("findings", f"{len(findings)}"),
    ]
    return Verdict(findings, figures)


def _settle(database_url: str, merchants: Sequence[Books]) -> float:
    """Wait until every payment is final, letting the pauses between polls pass quickly. Returns the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < SETTLE_AT_MOST_SECONDS:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                """UPDATE public.tenants_job SET due_at = now()
                    WHERE claim_token IS NULL AND kind IN ('poll', 'dispatch') AND due_at > now()"""
            )
            left = sum(_open(connection, books) for books in merchants)
        if not left:
            break
        time.sleep(2)
    eventually(lambda: _is_sealed(database_url, merchants), within_seconds=120)
    return time.monotonic() - started


def _count_waiting(database_url: str, merchants: Sequence[Books], traffic: Traffic) -> None:
    while not traffic.stopping.wait(0.5):
        with suppress(psycopg.OperationalError), psycopg.connect(database_url) as connection:
            traffic.waiting = sum(_open(connection, books) for books in merchants)


def _open(connection: psycopg.Connection[tuple[int]], books: Books) -> int:
    row = connection.execute(
        f"""SELECT count(*) FROM {books.schema}.payments_payment
             WHERE status IN ('pending', 'processing', 'unknown')"""
    ).fetchone()
    return int(row[0]) if row else 0


def _is_sealed(database_url: str, merchants: Sequence[Books]) -> bool:
    with psycopg.connect(database_url) as connection:
        counts = [
            connection.execute(
                f"""SELECT (SELECT count(*) FROM {books.schema}.payments_event WHERE sequence IS NULL)
                         + (SELECT count(*) FROM {books.schema}.payments_auditentry WHERE sequence IS NULL)"""
            ).fetchone()
            for books in merchants
        ]
    return all(count == (0,) for count in counts)


def _control(url: str, method: str, path: str, body: object = None) -> object:
    try:
        answer = requests.request(method, f"{url}/_control/{path}", json=body, timeout=30)
    except requests.ConnectionError:
        return None
    answer.raise_for_status()
    return answer.json()

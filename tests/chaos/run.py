"""One chaos run from an empty database to a verdict."""

import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg

from tests.chaos import faults
from tests.chaos.checker import Books, check
from tests.chaos.figures import measured, zeros
from tests.chaos.killer import Killer
from tests.chaos.options import Options
from tests.chaos.settling import count_open, settle
from tests.chaos.stage import Stage, stage
from tests.chaos.timelines import timelines
from tests.chaos.traffic import Traffic
from tests.chaos.truth import read_truth


@dataclass
class Verdict:
    findings: list[str]
    figures: list[tuple[str, str]] = field(default_factory=list)
    timelines: list[str] = field(default_factory=list)  # of what the findings name


def run(options: Options) -> Verdict:
    with stage(options) as made:
        merchants, keys = made.make_merchants(options)
        made.start()
        made.home.nurse()
        return _storm(options, made, merchants, keys)


def _storm(options: Options, made: Stage, merchants: Sequence[Books], keys: dict[str, str]) -> Verdict:
    started = time.monotonic()
    made.control("PUT", "faults", faults.rules(options.faults))
    traffic = Traffic(options, made.home.urls, keys, threading.Event())
    ending = threading.Timer(options.seconds, traffic.stopping.set)
    ending.start()
    if threading.current_thread() is threading.main_thread():
        # Ctrl-C ends the storm, not the run: what was accepted is settled and compared all the same.
        signal.signal(signal.SIGINT, lambda *_: traffic.stopping.set())
    killer = Killer(options, made)
    killer.start()
    with counted(made.database.url, merchants, traffic):
        traffic.run()
    ending.cancel()
    killer.stop()
    storm_seconds = time.monotonic() - started
    hits = faults.hits(made.control("GET", "faults"))
    made.control("PUT", "faults", faults.none())
    settle_seconds = settle(made.database.url, merchants)
    truth = read_truth(made.network_url)
    findings = traffic.wrong + check(made.database.url, merchants, traffic.records, truth)
    kinds = [record.kind for record in traffic.records]
    figures = [
        *((f"{kind}s accepted", f"{kinds.count(kind):,}") for kind in ("collection", "payout", "refund")),
        *((what, f"{count:,}") for what, count in sorted(killer.done.items())),
        *((f"faults: {what}", f"{count:,}") for what, count in sorted(hits.items())),
        *((f"answers {status}", f"{count:,}") for status, count in sorted(traffic.answers.items())),
        ("movements of money", f"{truth.count:,}"),
        ("storm", f"{storm_seconds:.0f} s, {len(kinds) / storm_seconds:.0f} accepted/s"),
        ("until all was final", f"{settle_seconds:.0f} s"),
        *measured(made.database.url, merchants),
        *zeros(findings),
    ]
    return Verdict(findings, figures, timelines(made.database.url, merchants, findings, truth))


class counted(threading.Thread):  # noqa: N801 (it reads as a statement)
    """While the block runs, `traffic` knows how many payments wait for their end."""

    def __init__(self, database_url: str, merchants: Sequence[Books], traffic: Traffic) -> None:
        super().__init__(name="counting")
        self._database_url, self._merchants, self._traffic = database_url, merchants, traffic

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._traffic.stopping.set()
        self.join()

    def run(self) -> None:
        while not self._traffic.stopping.wait(0.5):
            with suppress(psycopg.OperationalError), psycopg.connect(self._database_url) as connection:
                self._traffic.waiting = sum(count_open(connection, books) for books in self._merchants)

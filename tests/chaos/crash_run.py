"""Kills a process at every point before and after a commit or a call, once each, while money moves.

First a storm in which nothing dies records every point that the product reaches. Then a second one goes on until a
process has died at each of them; every life ends at the first point where nobody died before. What dies begins anew
at once. In the end the checker compares everything with what moved.

    python -m tests.chaos.crash_run
"""

import sys
import threading
import time
from collections.abc import Callable

from tests.chaos import crash_points, faults
from tests.chaos.checker import Books, check
from tests.chaos.crash_points import Points
from tests.chaos.home import MORTAL
from tests.chaos.options import Options
from tests.chaos.run import Verdict, counted
from tests.chaos.settling import settle
from tests.chaos.stage import Stage, stage
from tests.chaos.timelines import timelines
from tests.chaos.traffic import Traffic
from tests.chaos.truth import read_truth

RECORD_SECONDS = 12.0
KILL_AT_MOST_SECONDS = 240.0
OPTIONS = Options(
    payments=1_000_000, faults=0.35, merchants=3, clients=8, most_waiting=60, weights=(30, 15, 25, 15, 15)
)
# Outages are short but many, so that circuits open and close.
EAGER = {"CIRCUIT_FAILURES": "2", "CIRCUIT_PROBE_SECONDS": "0.3", "WORKER_THREADS": "4"}


def run(options: Options = OPTIONS) -> Verdict:
    with stage(options) as made:
        reached, killed = (Points(made.home.folder / name) for name in ("reached", "killed"))
        traffic = _traffic(options, made)
        merchants = _join(traffic, options, made, "recording")
        made.control("PUT", "faults", faults.rules(options.faults))
        made.start(**EAGER, **{crash_points.RECORD: str(reached.folder)})
        _storm(traffic, made, merchants, until=lambda: False, at_most_seconds=RECORD_SECONDS)
        recorded = set(reached.names())
        made.home.stop(*MORTAL)

        # The second half has merchants of its own, too: some things happen but once to each.
        merchants += _join(traffic, options, made, "killing")
        made.start(**{crash_points.KILL: str(killed.folder)})
        made.home.nurse()
        killing_seconds = _storm(
            traffic, made, merchants, until=lambda: recorded <= set(killed.names()),
            at_most_seconds=KILL_AT_MOST_SECONDS,
        )  # fmt: skip
        made.control("PUT", "faults", faults.none())
        settle_seconds = settle(made.database.url, merchants)
        died = killed.names()
        truth = read_truth(made.network_url)
        findings = traffic.wrong + check(made.database.url, merchants, traffic.records, truth)
        findings += [f"nothing was killed at {point}" for point in sorted(recorded.difference(died))]
        figures = [
            *(("killed at", point) for point in died),
            ("points recorded", f"{len(recorded)}"),
            ("of these, killed at", f"{len(recorded.intersection(died))}"),
            ("found and killed at meanwhile", f"{len(set(died) - recorded)}"),
            ("instructions accepted", f"{len(traffic.records):,}"),
            ("killing", f"{killing_seconds:.0f} s"),
            ("until all was final", f"{settle_seconds:.0f} s"),
            ("findings", f"{len(findings)}"),
        ]
        return Verdict(findings, figures, timelines(made.database.url, merchants, findings, truth))


def _traffic(options: Options, made: Stage) -> Traffic:
    return Traffic(options, made.home.urls, keys={}, stopping=threading.Event())


def _join(traffic: Traffic, options: Options, made: Stage, prefix: str) -> list[Books]:
    merchants, keys = made.make_merchants(options, prefix=prefix)
    traffic.keys |= keys
    return merchants


def _storm(
    traffic: Traffic, made: Stage, merchants: list[Books], *, until: Callable[[], bool], at_most_seconds: float
) -> float:
    """Let the traffic run. Returns the seconds it took."""
    started = time.monotonic()
    traffic.stopping.clear()

    def watch() -> None:
        while not until() and time.monotonic() < started + at_most_seconds:
            time.sleep(0.2)
        traffic.stopping.set()

    watching = threading.Thread(target=watch, name="watching")
    watching.start()
    with counted(made.database.url, merchants, traffic):
        traffic.run()
    watching.join()
    return time.monotonic() - started


def main() -> int:
    verdict = run()
    for name, value in verdict.figures:
        sys.stdout.write(f"{name:<30} {value}\n")
    for finding in verdict.findings:
        sys.stdout.write(f"WRONG: {finding}\n")
    sys.stdout.writelines(f"{line}\n" for line in verdict.timelines)
    return 1 if verdict.findings else 0


if __name__ == "__main__":
    sys.exit(main())

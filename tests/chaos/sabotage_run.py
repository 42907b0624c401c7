"""Plants each sabotage in the real processes, one after the other, and looks whether the checker finds it.

    python -m tests.chaos.sabotage_run [NAME …]

The storms are small and nothing is killed: what is tried here is the checker.
"""

import re
import sys
import threading
from dataclasses import replace

import psycopg

from tests.chaos import faults
from tests.chaos.checker import Books, check
from tests.chaos.home import MORTAL
from tests.chaos.options import Options
from tests.chaos.run import counted
from tests.chaos.sabotages import SABOTAGE, SABOTAGES
from tests.chaos.settling import hurried, settle
from tests.chaos.stage import Stage, stage
from tests.chaos.traffic import Traffic
from tests.chaos.truth import read_truth

OPTIONS = Options(payments=150, seconds=15, faults=0.6, merchants=2)
# What is stuck stays stuck; everything else has its end by then.
SETTLE_AT_MOST_SECONDS = 20.0


def run(names: list[str], options: Options = OPTIONS) -> dict[str, list[str]]:
    """For each name, what the checker found that is about it."""
    with stage(options) as made:
        found = {name: _storm(made, name, replace(options, seed=number)) for number, name in enumerate(names)}
    return {
        name: [each for each in findings if re.search(SABOTAGES[name].found_by, each)]
        for name, findings in found.items()
    }


def _storm(made: Stage, name: str, options: Options) -> list[str]:
    merchants, keys = made.make_merchants(options, prefix=name.replace("_", "-"))
    _prepare(made, merchants, guard=SABOTAGES[name].guard)
    made.control("PUT", "faults", faults.rules(options.faults))
    made.start(**{SABOTAGE: name})
    traffic = Traffic(options, made.home.urls, keys, threading.Event())
    ending = threading.Timer(options.seconds, traffic.stopping.set)
    ending.start()
    # Polls come at once, so that a look comes before a late execution now and then.
    with hurried(made.database.url, traffic.stopping), counted(made.database.url, merchants, traffic):
        traffic.run()
    ending.cancel()
    made.control("PUT", "faults", faults.none())
    settle(made.database.url, merchants, at_most_seconds=SETTLE_AT_MOST_SECONDS)
    made.home.stop(*MORTAL)
    return traffic.wrong + check(made.database.url, merchants, traffic.records, read_truth(made.network_url))


def _prepare(made: Stage, merchants: list[Books], *, guard: str) -> None:
    """Nothing is left of the storm before, and the database does not prevent this one's mistake."""
    made.control("POST", "reset")
    with psycopg.connect(made.database.url) as connection:
        connection.execute("DELETE FROM public.tenants_job")
        for books in merchants if guard else ():
            connection.execute(f"DROP TRIGGER {guard.replace(' ON ', f' ON {books.schema}.')}")


def main() -> int:
    found = run(sys.argv[1:] or list(SABOTAGES))
    for name, findings in found.items():
        said = f"found, {len(findings)} findings, for example: {findings[0]}" if findings else "NOT FOUND"
        sys.stdout.write(f"{name}: {said}\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())

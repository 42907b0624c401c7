"""`python -m providers.simulator`: run the simulator until it is interrupted."""

import argparse
import sys
from textwrap import fill

from providers.simulator.scripts import SCRIPTS
from providers.simulator.server import serve

ABOUT = """\
A simulated MTN on real HTTP: collections, transfers, refunds, callbacks, and every misfortune of a network.

  /                    a page for people: what moved, what waits, what shall go wrong
  /_control/ledger     the truth about money (?since=N&limit=M, ?compact=1, ?external_id=...)
  /_control/payments   the orders taken (?limit=N, ?waiting=1); POST approve/REF or decline/REF ends one
  /_control/faults     GET and PUT {"set": {...}, "rules": [...], "mix": {...}, "seed": N}
  /_control/scripts    the faults that have names, and what they do
  /_control/clock      POST {"advance_seconds": 600}: what is due within that time happens now
  /_control/health, requests, callbacks, accounts, revoke_tokens, reset
"""
NUMBERS = """\
numbers (any other one succeeds):
  260966xxx450 to 464  MTN's sandbox scenarios, as 46733123450 to 464 in EUR
  260966xxx801 to 813  pay normally; a refund ends as MTN's refund scenarios 1 to 13
"""
FAULTS_FILE = """\
a file for --script:
  {"set": {"approve_seconds": 0.5}, "mix": {"accept_then_hang": 0.05, "double_callback": 0.1}, "seed": 7,
   "rules": [{"match": {"phone": "260966000123"}, "script": "late_execution", "times": 2, "probability": 0.5}]}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m providers.simulator",
        description=ABOUT,
        epilog=f"{NUMBERS}{_scripts()}\n{FAULTS_FILE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0 takes a free one")
    parser.add_argument(
        "--seed", type=int, default=0, help="makes every chance repeatable, whatever the order of arrival"
    )
    parser.add_argument("--script", help="JSON file of faults, as PUT /_control/faults takes it")
    parser.add_argument("--state", help="journal file: what moved survives a restart and a kill")
    parser.add_argument("--fsync", action="store_true", help="and a power cut")
    options = parser.parse_args()
    serve(**vars(options), ready=_announce)


def _scripts() -> str:
    endings = [f"{script.ending} {name}" for name, script in SCRIPTS.items() if script.ending]
    others = [name for name, script in SCRIPTS.items() if not script.ending]
    return (
        f"{fill(f'  260966xxx7NN         {", ".join(endings)}', 110, subsequent_indent=' ' * 23)}\n"
        f"scripts without a number: {', '.join(others)}\n"
    )


def _announce(url: str) -> None:
    sys.stdout.write(f"Simulator listening on {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

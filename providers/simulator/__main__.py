"""`python -m providers.simulator`: run the simulator until it is interrupted."""

import argparse
import sys

from providers.simulator.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m providers.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8800, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=0, help="makes every random choice repeatable")
    parser.add_argument("--script", help="JSON file of faults, as PUT /_control/faults takes it")
    parser.add_argument("--state", help="journal file: what moved survives a restart")
    parser.add_argument("--fsync", action="store_true", help="and a power cut")
    options = parser.parse_args()
    serve(**vars(options), ready=_announce)


def _announce(url: str) -> None:
    sys.stdout.write(f"Simulator listening on {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

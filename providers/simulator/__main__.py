"""`python -m providers.simulator`: run the simulator until it is interrupted."""

import argparse
import sys
from collections.abc import Mapping
from textwrap import fill

from providers.simulator.airtel import scenarios as airtel
from providers.simulator.scripts import SCRIPTS
from providers.simulator.server import serve
from providers.simulator.zamtel import scenarios as zamtel

ABOUT = """\
The simulated networks of Zambia on real HTTP: collections, payouts, refunds, callbacks, and every misfortune of them.

  MTN      /collection/..., /disbursement/..., /remittance/..., /v1_0/apiuser
  Airtel   /auth/oauth2/token, /merchant/v1/payments/ (v2 is signed), /standard/v1/payments/..., /v1/rsa/...,
           /standard/v3/disbursements/..., /standard/v1/users/...
  Zamtel   /ZampayRestProd/Req and B2CReq (also under /ZampayRest), /payment/services/SYNCAPIRequestMgrService/

  /                    a page for people: what moved, what waits, what shall go wrong (?network=airtel)
  /_control/ledger     the truth about money (?network=, ?since=N&limit=M, ?compact=1, ?external_id=...)
  /_control/payments   the orders taken (?network=, ?limit=N, ?waiting=1); POST approve/REF or decline/REF ends one
  /_control/faults     GET and PUT {"set": {...}, "rules": [...], "mix": {...}, "seed": N}
  /_control/scripts    the faults that have names, and what they do
  /_control/clock      POST {"advance_seconds": 600}: what is due within that time happens now
  /_control/accounts   POST {"network": "airtel", "client_id", "client_secret", "callback_url", "callback_secret"}:
                       Airtel calls back to the one address that its portal knows, and to nobody before that
  /_control/health, requests, callbacks, revoke_tokens, reset

Passwords, secrets and PINs are taken unless they begin with "wrong" (a PIN also with "0000").
"""
FAULTS_FILE = """\
a file for --script (a rule matches network, operation, phone, external_id, reference; phones have twelve digits):
  {"set": {"approve_seconds": 0.5}, "mix": {"accept_then_hang": 0.05, "double_callback": 0.1}, "seed": 7,
   "rules": [{"match": {"phone": "260966000123"}, "script": "late_execution", "times": 2, "probability": 0.5}]}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m providers.simulator",
        description=ABOUT,
        epilog=f"{_numbers()}\n{FAULTS_FILE}",
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


def _numbers() -> str:
    """Every magic number, as the networks themselves have them."""
    scripts = {script.ending: name for name, script in SCRIPTS.items() if script.ending}
    lines = [
        "numbers (any other one succeeds):",
        "  260966xxx450 to 464  MTN's sandbox scenarios, as 46733123450 to 464 in EUR",
        "  260966xxx801 to 813  pay normally; a refund ends as MTN's refund scenarios 1 to 13",
        _line("260977xxxNNN", "Airtel collects: ", _words(airtel.COLLECTIONS)),
        _line("", "Airtel pays out: ", _words(airtel.TRANSFERS)),
        _line("", "paid normally, but refunded: ", _words(airtel.REFUNDS)),
        _line("", "asked who it is: ", airtel.HOLDERS),
        _line("260955xxxNNN", "Zamtel: ", _words(zamtel.SCENARIOS)),
        _line("260973456NNN", "as at pawaPay, Airtel collects: ", _words(airtel.PAWAPAY_COLLECTIONS)),
        _line("", "Airtel pays out: ", _words(airtel.PAWAPAY_TRANSFERS)),
        _line("260953456NNN", "as at pawaPay, Zamtel: ", _words(zamtel.PAWAPAY_SCENARIOS)),
        _line("260966xxx7NN", "the same at Airtel (260977) and Zamtel (260955): ", scripts),
        _line("without a number", "", {name: "" for name, script in SCRIPTS.items() if not script.ending}),
    ]
    return "\n".join(lines) + "\n"


def _words(scenarios: Mapping[str, airtel.Scenario] | Mapping[str, zamtel.Scenario]) -> dict[str, str]:
    return {ending: scenario.words for ending, scenario in scenarios.items()}


def _line(pattern: str, about: str, endings: Mapping[str, str]) -> str:
    listed = ", ".join(f"{ending} {words}".strip() for ending, words in endings.items())
    return fill(f"  {pattern:<20} {about}{listed}", 112, subsequent_indent=" " * 23, break_on_hyphens=False)


def _announce(url: str) -> None:
    sys.stdout.write(f"Simulator listening on {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

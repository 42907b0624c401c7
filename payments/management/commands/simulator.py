"""Runs the provider simulator in the foreground; it needs no database."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from providers.simulator.server import serve


class Command(BaseCommand):
    help = "Run the simulated networks on real HTTP, with the sandbox numbers and a control API under /_control/."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object with the address, nothing else")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8800)
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--script", default="", help="a JSON file of faults to begin with")
        parser.add_argument("--state", default="", help="a file that keeps the ledger over restarts")

    def handle(self, *args: Any, **options: Any) -> None:
        serve(
            host=options["host"],
            port=options["port"],
            seed=options["seed"],
            script=options["script"] or None,
            state=options["state"] or None,
            ready=self._announce_json if options["json"] else self._announce,
        )

    def _announce(self, url: str) -> None:
        self.stdout.write(f"Simulator listening on {url}")
        self.stdout.flush()

    def _announce_json(self, url: str) -> None:
        self.stdout.write(json.dumps({"url": url}))
        self.stdout.flush()

"""The frame of our commands: `--json` prints one object and nothing else; a refusal exits 1, bad usage 2."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class JsonCommand(BaseCommand):
    """Subclasses implement `run(**options) -> dict` and raise CommandError with the reason for a refusal."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Arguments of the subclass."""

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.pop("json")
        result = self.run(**options)
        if as_json:
            self.stdout.write(json.dumps(result))
        else:
            for name, value in result.items():
                self.stdout.write(f"{name}: {value}")

    def run(self, **options: Any) -> dict[str, Any]:
        raise NotImplementedError


def refuse(reason: str) -> CommandError:
    """The exception to raise for a refusal (exit status 1)."""
    return CommandError(reason)

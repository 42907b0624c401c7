"""The frame of our commands: `--json` prints one object and nothing else; a refusal exits 1, bad usage 2."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.utils import OperationalError, ProgrammingError
from psycopg import errors as pg

NOT_MIGRATED = (pg.UndefinedTable, pg.UndefinedColumn, pg.InvalidSchemaName)


class JsonCommand(BaseCommand):
    """Subclasses implement `run(**options) -> dict` and raise CommandError with the reason for a refusal."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        self.add_own_arguments(parser)

    def add_own_arguments(self, parser: CommandParser) -> None:
        """Arguments of the subclass."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """A database that cannot be used is a refusal like others: what is wrong, and what to do."""
        try:
            return super().execute(*args, **options)
        except OperationalError as error:
            said = str(error).strip().partition("\n")[0].removesuffix(".")
            raise refuse(f"The database cannot be used: {said}. Start it, or correct DATABASE_URL.") from error
        except ProgrammingError as error:
            if not isinstance(error.__cause__, NOT_MIGRATED):
                raise
            raise refuse("The database lacks tables of ours: run `manage.py migrate_all` first.") from error

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

"""Issues an API key and prints it, once."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django_tenants.utils import tenant_context

from payments.errors import Refusal
from payments.keys import SCOPES, issue_key
from payments.management.arguments import add_merchant, add_mode, find_merchant, operator
from tenants.management.json_command import JsonCommand


class Command(JsonCommand):
    help = "Issue an API key for a merchant. The key is printed once and never again."

    def add_own_arguments(self, parser: CommandParser) -> None:
        add_merchant(parser)
        add_mode(parser)
        parser.add_argument("--name", default="Made on the command line")
        parser.add_argument("--scopes", default=",".join(SCOPES), help=f"from {', '.join(SCOPES)}")

    def run(self, **options: Any) -> dict[str, Any]:
        with tenant_context(find_merchant(options["merchant"])):
            try:
                key, text = issue_key(
                    livemode=options["mode"] == "live",
                    name=options["name"],
                    scopes=[scope.strip() for scope in options["scopes"].split(",") if scope.strip()],
                    actor=operator(),
                )
            except Refusal as refusal:
                raise CommandError(refusal.detail) from refusal
        return {"id": key.id, "key": text}

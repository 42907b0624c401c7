"""Arguments that several commands share: which merchant, which mode, and who is acting."""

import getpass

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant


def add_merchant(parser: CommandParser, *, required: bool = True) -> None:
    parser.add_argument("--merchant", required=required, metavar="SLUG", help="the merchant's slug")


def add_mode(parser: CommandParser) -> None:
    parser.add_argument("--mode", required=True, choices=["test", "live"])


def find_merchant(slug: str) -> Tenant:
    """Raises CommandError when there is no such merchant."""
    tenant: Tenant | None = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no merchant {slug}.")
    return tenant


def operator() -> str:
    """The actor of a command in audit trails."""
    return f"operator:{getpass.getuser()}"

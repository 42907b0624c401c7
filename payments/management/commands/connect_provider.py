"""Connects a merchant's account at a provider."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django_tenants.utils import tenant_context

from payments.accounts import connect_provider
from payments.callback_urls import callback_url
from payments.errors import Refusal
from payments.management.arguments import add_merchant, add_mode, find_merchant, operator
from payments.models import ProviderAccount
from providers.base import CallsBack
from providers.registry import get_provider
from tenants.management.json_command import JsonCommand
from tenants.models import Tenant


class Command(JsonCommand):
    help = "Connect a merchant's account at a provider; credentials are sealed at rest."

    def add_own_arguments(self, parser: CommandParser) -> None:
        add_merchant(parser)
        add_mode(parser)
        parser.add_argument("--provider", required=True)
        parser.add_argument("--base-url", default="", help="where the provider answers; default from the settings")
        parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", dest="credentials", action="extend")

    def run(self, **options: Any) -> dict[str, Any]:
        tenant = find_merchant(options["merchant"])
        pairs = [pair.partition("=") for pair in options["credentials"]]
        if wrong := [name for name, equals, _ in pairs if not equals]:
            raise CommandError(f"--set takes NAME=VALUE; {wrong[0]} has no value.")
        with tenant_context(tenant):
            try:
                account = connect_provider(
                    provider=options["provider"],
                    livemode=options["mode"] == "live",
                    credentials={name: value for name, _, value in pairs},
                    base_url=options["base_url"],
                    actor=operator(),
                )
            except Refusal as refusal:
                raise CommandError(refusal.detail) from refusal
        return {"id": account.id, "callback_url": _callback_url(account, tenant)}


def _callback_url(account: ProviderAccount, tenant: Tenant) -> str:
    """Where the provider calls back: what to enter in its portal, or the beginning of what it gets with each order."""
    calls_back = get_provider(account.provider).calls_back
    if calls_back == CallsBack.PER_ACCOUNT:
        return callback_url(provider=account.provider, merchant=tenant.public_id, place=account.id)
    is_told = calls_back == CallsBack.PER_OPERATION
    return f"{settings.PUBLIC_URL}/hooks/{account.provider}/{tenant.public_id}/" if is_told else ""

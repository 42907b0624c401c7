"""The merchant's accounts at providers: connecting them, and opening one for a call."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from payments import audit, ids
from payments.errors import Refusal
from payments.models import ProviderAccount, Transaction
from payments.sealing import Unsealable, seal, unseal
from providers.base import Account, Timeouts
from providers.registry import PROVIDERS, get_provider
from tenants.current import current_tenant


def connect_provider(
    *, provider: str, livemode: bool, credentials: Mapping[str, str], base_url: str = "", actor: str
) -> ProviderAccount:
    """Connect the current merchant's account in one mode, or change its credentials. Raises Refusal.

    Another account at the provider becomes another row: with it, what the first one was sent could neither be looked
    up nor recognised as a duplicate, and sending it again would charge twice.
    """
    if provider not in PROVIDERS:
        raise Refusal(f"{provider} is not supported; choose one of {', '.join(sorted(PROVIDERS))}.")
    adapter = get_provider(provider)
    required = adapter.required_credentials
    if missing := [name for name in required if not credentials.get(name)]:
        raise Refusal(f"{provider} needs {', '.join(missing)} as well.")
    for name, value in credentials.items():
        if not (value.isascii() and value.isprintable()) or value != value.strip():
            raise Refusal(f"{name} holds characters that no HTTP header can carry; paste it as the provider shows it.")
    known = {*required, *adapter.optional_credentials}
    if unknown := sorted(set(credentials) - known):
        raise Refusal(f"{provider} has no credential {unknown[0]}; it knows {', '.join(sorted(known))}.")
    credentials = {name: value for name, value in credentials.items() if value}
    base_url = _checked_address(base_url or settings.PROVIDER_BASE_URLS[provider])
    with transaction.atomic():
        account, kept = _row_for(provider, livemode, base_url, credentials)
        credentials = {**kept, **credentials}
        account.sealed_credentials = seal(credentials, owner=_owner(account.id))
        account.operations = sorted(adapter.operations(credentials))
        account.updated_at = timezone.now()
        account.save()
        audit.record(
            actor=actor,
            action="provider.connected",
            target=account.id,
            livemode=livemode,
            after={"provider": provider, "base_url": base_url, "credentials": sorted(credentials)},
        )
    return account


def find_account(*, provider: str, livemode: bool) -> ProviderAccount | None:
    """The account in use, or None."""
    return ProviderAccount.objects.filter(provider=provider, livemode=livemode, retired_at=None).first()


def routes_of(*, livemode: bool) -> frozenset[tuple[str, str]]:
    """What the accounts in use can do: pairs of provider and operation."""
    rows = ProviderAccount.objects.filter(livemode=livemode, retired_at=None).values_list("provider", "operations")
    return frozenset((provider, operation) for provider, operations in rows for operation in operations)


def open_account(row: ProviderAccount, *, base_url: str = "") -> Account:
    """The account with its secrets, for the adapter only. Raises Unsealable."""
    return Account(
        id=f"{current_tenant().schema_name}/{row.id}",
        base_url=base_url or row.base_url,
        credentials=unseal(row.sealed_credentials, owner=_owner(row.id)),
        timeouts=Timeouts(
            connect_seconds=settings.CONNECT_TIMEOUTS[row.provider],
            read_seconds=settings.READ_TIMEOUTS[row.provider],
            total_seconds=settings.PROVIDER_TIMEOUTS[row.provider],
            token_seconds=settings.TOKEN_TIMEOUT,
        ),
    )


def open_account_of(operation: Transaction) -> Account:
    """The account an operation was made with, at the address it was made at. Raises ProviderAccount.DoesNotExist."""
    row = ProviderAccount.objects.get(pk=operation.account_id)
    return open_account(row, base_url=operation.base_url)


def _row_for(
    provider: str, livemode: bool, base_url: str, credentials: Mapping[str, str]
) -> tuple[ProviderAccount, Mapping[str, str]]:
    """The row of this very account, if it is the one in use, and what it holds; else a new row, and the one in use
    is retired.

    What is not given anew is kept: payouts under way are looked up with credentials that a change of others leaves out.
    """
    current = (
        ProviderAccount.objects.select_for_update()
        .filter(livemode=livemode, provider=provider, retired_at=None)
        .first()
    )
    if current is not None:
        held = _secrets(current)
        if current.base_url == base_url and _is_same_account(provider, held, credentials):
            return current, held
        current.retired_at = timezone.now()
        current.save(update_fields=["retired_at"])
    made = ProviderAccount(id=ids.provider_account_id(), livemode=livemode, provider=provider, base_url=base_url)
    return made, {}


def _is_same_account(provider: str, held: Mapping[str, str], given: Mapping[str, str]) -> bool:
    """Whether nothing that names the account is another one. A product that is added or left out changes nothing."""
    adapter = get_provider(provider)
    return bool(held) and all(
        held[name] == given[name]
        for name in adapter.identity_credentials
        if name in adapter.required_credentials or (name in held and name in given)
    )


def _secrets(row: ProviderAccount) -> Mapping[str, str]:
    """Of an account whose key is lost, nothing can be told; it is then another one for sure."""
    try:
        return unseal(row.sealed_credentials, owner=_owner(row.id))
    except Unsealable:
        return {}


def _checked_address(base_url: str) -> str:
    """The address without a last slash. Credentials travel to it, so it is https but for a simulator nearby."""
    parts = urlsplit(base_url)
    is_nearby = settings.DEMO or parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if not parts.hostname or parts.scheme not in ({"https", "http"} if is_nearby else {"https"}):
        raise Refusal(f"{base_url[:80]} is no https:// address of a provider.")
    if len(base_url) > 200:
        raise Refusal("The base address has more than 200 characters.")
    return base_url.rstrip("/")


def _owner(account_id: str) -> str:
    return f"{current_tenant().schema_name}/{account_id}"

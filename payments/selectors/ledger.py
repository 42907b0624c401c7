"""Balances and entries of the ledger, as people and programs ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from payments.models import LedgerEntry
from payments.selectors.keyset import Page, newest_first

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One currency of one provider account, all amounts as people count them: none is negative by its sign alone.

    available == collected - refunded - paid_out - fees - settled, because the lines of the ledger sum to zero.
    """

    provider: str
    provider_account_id: str
    currency: str
    available: Decimal
    collected: Decimal
    refunded: Decimal
    paid_out: Decimal
    fees: Decimal
    settled: Decimal


@dataclass(frozen=True, slots=True)
class EntryFilters:
    """Everything a list of entries can be narrowed by. Both times are inclusive."""

    object_id: str = ""
    account: str = ""
    provider: str = ""
    currency: str = ""
    created_from: datetime | None = None
    created_to: datetime | None = None


def list_balances(*, livemode: bool) -> list[AccountBalance]:
    """One per currency and provider account that anything was booked for, in one statement."""
    sums = {account: Sum("amount", filter=Q(account=account), default=_ZERO) for account in LedgerEntry.ACCOUNTS}
    rows = (
        LedgerEntry.objects.filter(livemode=livemode)
        .values("provider", "provider_account_id", "currency")
        .annotate(**{f"in_{account}": total for account, total in sums.items()})
        .order_by("currency", "provider", "provider_account_id")
    )
    return [_balance(row) for row in rows]


def sums_of_lines(*, livemode: bool) -> dict[str, Decimal]:
    """What all lines of each currency come to: zero, or the books are broken."""
    rows = LedgerEntry.objects.filter(livemode=livemode).values("currency").annotate(total=Sum("amount"))
    return {row["currency"]: row["total"] for row in rows.order_by("currency")}


def available(*, livemode: bool, provider: str, currency: str) -> Decimal:
    """What the provider holds by our books, over all accounts there."""
    rows = LedgerEntry.objects.filter(
        livemode=livemode, provider=provider, currency=currency, account=LedgerEntry.PROVIDER_BALANCE
    )
    found: Decimal = rows.aggregate(total=Sum("amount", default=_ZERO))["total"]
    return found


def list_entries(*, livemode: bool, filters: EntryFilters, cursor: str, limit: int) -> Page[LedgerEntry]:
    """One page, newest first; the cursor is a position."""
    exact = {
        "object_id": filters.object_id,
        "account": filters.account,
        "provider": filters.provider,
        "currency": filters.currency,
    }
    rows = LedgerEntry.objects.filter(livemode=livemode, **{name: value for name, value in exact.items() if value})
    if filters.created_from:
        rows = rows.filter(created_at__gte=filters.created_from)
    if filters.created_to:
        rows = rows.filter(created_at__lte=filters.created_to)
    return newest_first(rows, key="position", cursor=cursor, limit=limit, convert=lambda entry: entry)


def _balance(row: Mapping[str, Any]) -> AccountBalance:
    return AccountBalance(
        provider=row["provider"],
        provider_account_id=row["provider_account_id"],
        currency=row["currency"],
        available=row[f"in_{LedgerEntry.PROVIDER_BALANCE}"],
        collected=-row[f"in_{LedgerEntry.COLLECTED}"],
        refunded=row[f"in_{LedgerEntry.REFUNDED}"],
        paid_out=row[f"in_{LedgerEntry.PAID_OUT}"],
        fees=row[f"in_{LedgerEntry.FEES}"],
        settled=row[f"in_{LedgerEntry.SETTLED}"],
    )

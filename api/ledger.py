"""GET /v1/balance and GET /v1/ledger_entries: what is where, and every line that says why."""

from typing import Any

from django.http import HttpResponse
from django_tenants.utils import tenant_context
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from api.access import ApiRequest
from api.cursors import page_answer, read_cursor
from api.movement_list import PageParameters
from api.movements import json_answer
from api.parameters import only_parameters
from api.schemas.books import Balance, LedgerAccount, LedgerEntryList
from api.schemas.fields import ProviderName
from api.specification import call
from api.validation import model_fields
from payments.models import LedgerEntry
from payments.representation import timestamp
from payments.selectors.keyset import Page
from payments.selectors.ledger import AccountBalance, EntryFilters, list_balances, list_entries

LISTED = "ledger_entries"
_AMOUNTS = ("available", "collected", "refunded", "paid_out", "fees", "settled")

router = Router(tags=["Ledger"])


class EntryParameters(PageParameters):
    source: str | None = Field(None, max_length=40, description="Only what was booked for this payment, payout, …")
    account: LedgerAccount | None = Field(None, description="Only lines of this account.")
    provider: ProviderName | None = Field(None, description="Only those at this network.")
    currency: str | None = Field(None, max_length=3, description="Only those in this currency.")
    created_from: AwareDatetime | None = Field(None, description="Booked at this moment or later (RFC 3339).")
    created_to: AwareDatetime | None = Field(None, description="Booked at this moment or earlier (RFC 3339).")


@router.get("/balance", response={200: Balance}, operation_id="get_balance", **call("ledger:read"))
def get_balance(request: ApiRequest) -> HttpResponse:
    """Read the balance.

    Per currency and provider account: what is available at the network, and where it came from or went. The sums come
    from the same ledger whose lines `GET /v1/ledger_entries` lists, so `available` is always `collected` less
    `refunded`, `paid_out`, `fees` and `settled`.
    """
    only_parameters(request)
    access = request.access
    with tenant_context(access.tenant()):
        data = [_balance(balance) for balance in list_balances(livemode=access.livemode)]
    return json_answer({"object": "balance", "livemode": access.livemode, "data": data})


@router.get(
    "/ledger_entries",
    response={200: LedgerEntryList},
    operation_id="list_ledger_entries",
    **call("ledger:read", "validation_failed"),
)
def list_ledger_entries(request: ApiRequest, filters: Query[EntryParameters]) -> HttpResponse:
    """List ledger entries.

    Newest first. Each posting has lines that sum to zero, and so has the whole ledger of a currency; lines are only
    ever added.
    """
    only_parameters(request, model_fields(EntryParameters))
    access = request.access
    wanted = EntryFilters(
        object_id=filters.source or "",
        account=filters.account or "",
        provider=filters.provider or "",
        currency=filters.currency or "",
        created_from=filters.created_from,
        created_to=filters.created_to,
    )
    cursor = read_cursor(access, LISTED, filters.cursor)
    with tenant_context(access.tenant()):
        page = list_entries(livemode=access.livemode, filters=wanted, cursor=cursor, limit=filters.limit)
    shown = Page([_entry(entry) for entry in page.rows], page.next_cursor)
    return json_answer(page_answer(access, LISTED, shown))


def _balance(balance: AccountBalance) -> dict[str, Any]:
    return {
        "provider": balance.provider,
        "provider_account": balance.provider_account_id,
        "currency": balance.currency,
        **{name: f"{getattr(balance, name):.2f}" for name in _AMOUNTS},
    }


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "object": "ledger_entry",
        "livemode": entry.livemode,
        "posting": entry.posting,
        "account": entry.account,
        "amount": f"{entry.amount:.2f}",
        "currency": entry.currency,
        "provider": entry.provider,
        "provider_account": entry.provider_account_id,
        "source": entry.object_id,
        "description": entry.description,
        "created_at": timestamp(entry.created_at),
    }

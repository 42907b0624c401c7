"""GET /v1/providers: each network, whether it can be used, and how well it served lately."""

from typing import Any

from django.http import HttpResponse
from django_tenants.utils import tenant_context
from ninja import Router

from api.access import ApiRequest
from api.movements import json_answer
from api.parameters import only_parameters
from api.schemas.providers import ProviderList
from api.specification import call
from payments.health.overview import AccountHealth, OperationHealth, health_of
from payments.representation import timestamp
from payments.selectors.circuits import list_accounts

router = Router(tags=["Providers"])


@router.get("", response={200: ProviderList}, operation_id="list_providers", **call("payments:read"))
def list_providers(request: ApiRequest) -> HttpResponse:
    """List providers.

    The networks that you are connected to in the key's mode, by name. For each operation: whether it can be used now,
    and how it went, counted over your own traffic alone.

    An operation is `down` while we do not call it, which `provider.down` and `provider.recovered` tell as well. It is
    `degraded` when of at least 20 orders in the last 15 minutes fewer than 90 % were served, or one answer in twenty
    took longer than 10 seconds.
    """
    only_parameters(request)
    livemode = request.access.livemode
    with tenant_context(request.access.tenant()):
        in_use = [account for account in list_accounts(livemode=livemode) if account.retired_at is None]
        data = [_provider(account, livemode) for account in health_of(in_use)]
    return json_answer({"object": "list", "data": data, "has_more": False, "next_cursor": None})


def _provider(account: AccountHealth, livemode: bool) -> dict[str, Any]:
    place = {"livemode": livemode, "provider": account.provider, "account": account.id}
    operations = [_operation(operation, place) for operation in account.operations]
    return {"object": "provider", **place, "state": account.state, "operations": operations}


def _operation(operation: OperationHealth, place: dict[str, Any]) -> dict[str, Any]:
    sends, callbacks = operation.sends, operation.callbacks
    return {
        "object": "provider_operation",
        **place,
        "operation": operation.operation,
        "state": operation.state,
        "since": timestamp(operation.since) if operation.since else None,
        "reason": operation.because or None,
        "last_15_minutes": {"sent": sends.recent_count, "success_share": _rounded(sends.recent_share, 4)},
        "last_24_hours": {
            "sent": sends.count,
            "success_share": _rounded(sends.share, 4),
            "latency_p50_ms": None if sends.median_ms is None else round(sends.median_ms),
            "latency_p95_ms": None if sends.p95_ms is None else round(sends.p95_ms),
            "callback_share": _rounded(callbacks.share, 4) if callbacks else None,
            "callback_lag_seconds": _rounded(callbacks.median_seconds, 1) if callbacks else None,
        },
    }


def _rounded(number: float | None, digits: int) -> float | None:
    return None if number is None else round(number, digits)

"""Providers: how well each serves, whether its operations can be used now, and a person's word over the breaker's."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from payments.circuit_overrides import override_circuit
from payments.errors import Refusal
from payments.health.overview import health_of
from payments.selectors import circuits as selector
from payments.selectors.circuits import AccountState
from payments.settling import settle_seconds
from portal.access import MerchantRequest, may, merchant_page
from portal.care_forms import OverrideForm
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.words import OPERATIONS, network
from providers.base import Operation
from providers.registry import get_provider


@merchant_page("providers.view")
@require_safe
def providers(request: MerchantRequest) -> HttpResponse:
    accounts = selector.list_accounts(livemode=request.livemode)
    in_use = [account for account in accounts if account.retired_at is None]
    context = {
        "accounts": in_use,
        "health": health_of(in_use),
        "retired": [account for account in accounts if account.retired_at is not None],
        "settings": [_settings(name) for name in sorted({account.provider for account in accounts})],
        "operation_words": OPERATIONS,
        "can_override": may(request, "circuits.override"),
    }
    return render_page(request, "portal/providers.html", context, partial="accounts")


@merchant_page("circuits.override")
@require_http_methods(["GET", "HEAD", "POST"])
def override(request: MerchantRequest, object_id: str) -> HttpResponse:
    """GET asks what and why, as a page or in the dialog; POST writes it."""
    operation = request.POST.get("operation") or request.GET.get("operation", "")
    found = selector.get_operation(livemode=request.livemode, account_id=object_id, operation=operation)
    if found is None:
        raise Http404("No such operation of an account in this mode.")
    account, state = found
    form = OverrideForm(request.POST or None, initial={"operation": operation})
    if request.method == "POST" and form.is_valid():
        try:
            _override(request, account, form)
        except Refusal as error:
            form.add_error(None, error.detail)
        else:
            return go_to(request, url_of(request, "providers"))
    context: dict[str, Any] = {
        "form": form,
        "account": account,
        "state": state,
        "what": f"{network(account.provider)}: {OPERATIONS.get(operation, operation).lower()}",
    }
    status = 422 if form.errors else 200
    return render_page(request, "portal/provider_override.html", context, partial="question", status=status)


def _override(request: MerchantRequest, account: AccountState, form: OverrideForm) -> None:
    data, who = form.cleaned_data, origin(request)
    override_circuit(
        account_id=account.id, livemode=request.livemode, operation=data["operation"], to=form.forced(),
        reason=data["reason"], **who,
    )  # fmt: skip
    done = {
        "open": "Stopped. Nothing goes out until somebody lets it.",
        "closed": "Let through. Every call goes out, whatever happens to it.",
        "": "Left to the breaker again.",
    }
    messages.success(request, done[form.forced()])


def _repeated(provider: str) -> list[tuple[str, str]]:
    return [
        ("Access token", f"{settings.TOKEN_TIMEOUT:g} s"),
        ("Sent at most", f"{settings.RETRY_MAX_ATTEMPTS} times, under one reference"),
        ("“Not found”", f"believed when said twice, {settle_seconds(provider):g} s after the last send"),
    ]


def _once(provider: str) -> list[tuple[str, str]]:
    return [
        ("Sent", "once; again only if not a byte had left"),
        ("Asked", f"never: {network(provider)} answers no enquiries, so a lost answer is for people"),
    ]


def _settings(provider: str) -> dict[str, Any]:
    """How calls to a provider are bounded and repeated; the operator of this installation sets it."""
    can_be_asked = get_provider(provider).answers_lookups(Operation.COLLECT)
    return {
        "provider": provider,
        "facts": [
            ("Connect", f"{settings.CONNECT_TIMEOUTS[provider]:g} s"),
            ("Longest silence", f"{settings.READ_TIMEOUTS[provider]:g} s"),
            ("Whole call", f"{settings.PROVIDER_TIMEOUTS[provider]:g} s"),
            *(_repeated if can_be_asked else _once)(provider),
            ("Circuit opens", f"after {settings.CIRCUIT_FAILURES} failures in a row"),
            ("Probed", f"every {settings.CIRCUIT_PROBE_SECONDS:g} s while it is open"),
        ],
    }

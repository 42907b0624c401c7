"""The fee schedule: what each operation costs now, what it cost before, and the form that changes it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from payments import fees as verbs
from payments.errors import Refusal
from payments.models import FeeRule
from payments.money import CURRENCIES, TEST_ONLY_CURRENCIES
from portal.access import MerchantRequest, may, merchant_page
from portal.fee_forms import FeeForm
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.words import OPERATIONS
from providers.registry import PROVIDERS

HISTORY_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where one rule holds at a time; `rule` is None while the operation costs nothing."""

    provider: str
    operation: str
    currency: str
    rule: FeeRule | None

    @property
    def query(self) -> str:
        return f"?provider={self.provider}&operation={self.operation}&currency={self.currency}"


@merchant_page("ledger.view")
@require_safe
def fees(request: MerchantRequest) -> HttpResponse:
    context = {
        "places": _places(request),
        "history": verbs.fee_history(livemode=request.livemode, limit=HISTORY_SHOWN),
        "can_manage": may(request, "fees.manage"),
        "history_shown": HISTORY_SHOWN,
    }
    return render_page(request, "portal/fees.html", context, partial="schedule")


@merchant_page("fees.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def fee_change(request: MerchantRequest) -> HttpResponse:
    place = _asked_for(request)
    initial = {"percentage": f"{place.rule.percentage.normalize():f}", "fixed": place.rule.fixed} if place.rule else {}
    form = FeeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        if not form.changes(place.rule):
            messages.success(request, "Nothing changed: it costs that already.")
            return go_to(request, url_of(request, "fees"))
        try:
            verbs.set_fee(
                livemode=request.livemode, provider=place.provider, operation=place.operation, currency=place.currency,
                percentage=form.cleaned_data["percentage"], fixed=form.cleaned_data["fixed"], **origin(request),
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(None, refusal.detail)
        else:
            messages.success(request, "Changed, from now on. What was booked before stays as it is.")
            return go_to(request, url_of(request, "fees"))
    status = 422 if form.errors else 200
    return render_page(request, "portal/fee_change.html", {"form": form, "place": place}, partial="form", status=status)


def _places(request: MerchantRequest) -> list[Place]:
    rules = verbs.current_rules(livemode=request.livemode)
    currencies = [code for code in CURRENCIES if not (request.livemode and code in TEST_ONLY_CURRENCIES)]
    return [
        Place(provider, operation, currency, rules.get((provider, operation, currency)))
        for currency in currencies
        for provider in PROVIDERS
        for operation in OPERATIONS
    ]


def _asked_for(request: MerchantRequest) -> Place:
    asked = tuple(request.GET.get(name, "") for name in ("provider", "operation", "currency"))
    found = [place for place in _places(request) if (place.provider, place.operation, place.currency) == asked]
    if not found:
        raise Http404("No such operation.")
    return found[0]

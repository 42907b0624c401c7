"""The ledger: what each provider holds and where it came from, and every line of the books."""

from typing import Any

from django.db import OperationalError
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from payments.selectors import ledger as selector
from portal.access import MerchantRequest, may, merchant_page
from portal.chips import without
from portal.htmx import render_page
from portal.ledger_filters import LedgerFilterForm
from portal.places import url_of_object
from portal.words import posting_words
from portal.zones import zone_of

PAGE_SIZE = 50


@merchant_page("ledger.view")
@require_safe
def ledger(request: MerchantRequest) -> HttpResponse:
    form = LedgerFilterForm(request.GET, zone=zone_of(request.merchant.country))
    context: dict[str, Any] = {"form": form, "can_manage_fees": may(request, "fees.manage")}
    try:
        context |= _books(request, form)
    except OperationalError:
        # A query that the database gave up on: say so with a way to try again, instead of books that lie.
        return render_page(request, "portal/ledger.html", context | {"state": "error"}, partial="results", status=503)
    response = render_page(
        request, "portal/ledger.html", context, partial="rows" if request.GET.get("cursor") else "results"
    )
    if not request.GET.get("cursor"):
        response.headers["HX-Push-Url"] = request.path + without(request.GET).removesuffix("?")
    return response


def _books(request: MerchantRequest, form: LedgerFilterForm) -> dict[str, Any]:
    context: dict[str, Any] = {
        "balances": selector.list_balances(livemode=request.livemode),
        "sums": selector.sums_of_lines(livemode=request.livemode),
    }
    if not form.is_valid():
        return context | {"state": "invalid"}
    cursor, chips = form.cleaned_data["cursor"], form.chips()
    page = selector.list_entries(
        livemode=request.livemode, filters=form.filters(), cursor=cursor or "", limit=PAGE_SIZE
    )
    context |= {
        "state": "rows",
        "lines": [
            (entry, posting_words(entry.posting), url_of_object(request, entry.object_id)) for entry in page.rows
        ],
        "chips": chips,
        "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
    }
    if not page.rows:
        context["state"] = "no_match" if chips or cursor else "none_yet"
    return context

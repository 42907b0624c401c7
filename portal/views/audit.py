"""The audit trail: who did what, from where, with what result, and what changed."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from payments.selectors import audit as selector
from portal.access import MerchantRequest, merchant_page
from portal.audit_filters import AuditFilterForm
from portal.chips import without
from portal.htmx import render_page
from portal.places import url_of, url_of_object
from portal.zones import zone_of

PAGE_SIZE = 50


@merchant_page("audit.view")
@require_safe
def audit(request: MerchantRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET, zone=zone_of(request.merchant.country))
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render_page(request, "portal/audit.html", context | {"state": "invalid"}, partial="results")
    cursor = form.cleaned_data["cursor"]
    page = selector.list_audit(livemode=request.livemode, filters=form.filters(), cursor=cursor, limit=PAGE_SIZE)
    chips = form.chips()
    context |= {
        "state": "rows",
        "lines": [(row, _url_of_target(request, row)) for row in page.rows],
        "chips": chips,
        "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
    }
    if not page.rows:
        context["state"] = "no_match" if chips or cursor else "none_yet"
    response = render_page(request, "portal/audit.html", context, partial="rows" if cursor else "results")
    if not cursor:
        response.headers["HX-Push-Url"] = request.path + without(request.GET).removesuffix("?")
    return response


def _url_of_target(request: MerchantRequest, row: selector.AuditRow) -> str:
    """Where to read on about what an entry is about; "" for nowhere."""
    if row.action == "routing.changed":
        return f"{url_of(request, 'routing')}#{row.target.replace(' ', '-')}"
    return url_of_object(request, row.target)

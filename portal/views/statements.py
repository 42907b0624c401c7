"""Reconcile: the list of statements, and one statement's comparison with the books."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from payments.models import Statement
from payments.selectors import proposals
from payments.selectors import statements as selector
from payments.statements.findings import TABS
from payments.statements.matching import rematch as compare_again
from portal.access import MerchantRequest, may, merchant_page
from portal.chips import without
from portal.htmx import go_to, render_page
from portal.places import url_of
from portal.statement_results import tell
from portal.tabs import Tab

PAGE = 25
TAB_WORDS = {
    "matched": "Matched",
    "missing_there": "Missing there",
    "missing_here": "Missing here",
    "amount": "Amount differs",
    "late": "Late",
    "suggested": "Suggested",
    "settlements": "Settlements",
    "exceptions": "Exceptions",
}


@merchant_page("reconciliation.view")
@require_safe
def statements(request: MerchantRequest) -> HttpResponse:
    cursor = request.GET.get("cursor", "")[:40].replace("\0", "")
    page = selector.list_statements(livemode=request.livemode, cursor=cursor, limit=PAGE)
    context = {
        "page": page,
        "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
        "can_work": may(request, "reconciliation.work"),
    }
    return render_page(request, "portal/reconcile/list.html", context)


@merchant_page("reconciliation.view")
@require_safe
def statement(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = find_statement(request, object_id)
    if found.state == Statement.UPLOADED:
        return redirect(url_of(request, "statement_map", object_id))
    counts = selector.count_by_tab(found)
    tab = request.GET.get("tab") or _first_tab(counts)
    if tab not in TAB_WORDS:
        raise Http404("There is no such tab.")
    context: dict[str, Any] = {
        "statement": found,
        "equation": selector.equation(found),
        "tabs": _tabs(tab, counts),
        "tab": tab,
        "can_work": may(request, "reconciliation.work") and found.state == Statement.OPEN,
        "can_close": may(request, "reconciliation.close") and found.state == Statement.OPEN,
        "is_closed": found.state == Statement.CLOSED,
        "user_id": request.user.pk,
    }
    if tab == "exceptions":
        listed = proposals.list_proposals(found, cursor=_offset(request), limit=PAGE)
        context |= {
            "page": listed,
            "next_url": without(request.GET, cursor=listed.next_cursor) if listed.has_more else "",
            "piles": proposals.piles(found, user_id=request.user.pk or 0) if context["can_close"] else [],
        }
    else:
        page = selector.list_items(found, tab=tab, cursor=_offset(request), limit=PAGE)
        context |= {
            "page": page,
            "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
        }
    return render_page(request, "portal/reconcile/run.html", context)


@merchant_page("reconciliation.work")
@require_POST
def rematch(request: MerchantRequest, object_id: str) -> HttpResponse:
    with tell(request, "Compared again with what our books have now."):
        compare_again(statement_id=object_id, livemode=request.livemode)
    return go_to(request, url_of(request, "statement", object_id))


def find_statement(request: MerchantRequest, statement_id: str, *, with_file: bool = False) -> Statement:
    found = selector.get_statement(statement_id=statement_id, livemode=request.livemode, with_file=with_file)
    if found is None:
        raise Http404("No such statement in this mode.")
    return found


def _first_tab(counts: dict[str, tuple[int, int]]) -> str:
    """Where the work is: the first tab with something open, else what agrees."""
    return next((tab for tab in TABS if counts.get(tab, (0, 0))[1]), "matched")


def _tabs(current: str, counts: dict[str, tuple[int, int]]) -> list[Tab]:
    return [
        Tab(label, f"?tab={name}", f"{counts.get(name, (0, 0))[0]:,}", is_current=name == current)
        for name, label in TAB_WORDS.items()
    ]


def _offset(request: MerchantRequest) -> int:
    text = request.GET.get("cursor", "0")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise BadRequest("The cursor is no number.")
    return int(text)

"""One line of the comparison: both sides, and everything a person can do about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from payments.errors import NotFound, Refusal
from payments.models import Statement, StatementException, StatementItem
from payments.selectors import statements as selector
from payments.selectors.proposals import exceptions_of
from payments.statements import asking, linking
from payments.statements.exceptions import alike
from payments.statements.findings import FINDINGS
from portal.access import MerchantRequest, may, merchant_page
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.statement_forms import LinkForm, ProposeForm, SettleForm
from portal.statement_results import tell


@merchant_page("reconciliation.view")
@require_safe
def item(request: MerchantRequest, object_id: str) -> HttpResponse:
    return show_item(request, find_item(request, object_id))


@merchant_page("reconciliation.work")
@require_POST
def link(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The payment that was typed, the one that was suggested, or none of ours."""
    found = find_item(request, object_id)
    form = LinkForm(request.POST)
    is_none = request.POST.get("do") == "none"
    if not is_none and not form.is_valid():
        return show_item(request, found, link_form=form, status=422)
    payment = "" if is_none else form.cleaned_data["payment"]
    try:
        linking.link_line(item_id=object_id, livemode=request.livemode, payment=payment, **origin(request))
    except NotFound as error:
        raise Http404(error.detail) from error
    except Refusal as error:
        form.add_error("payment", error.detail)
        return show_item(request, found, link_form=form, status=error.status)
    messages.success(request, "Noted: none of ours." if is_none else "Linked, and compared again.")
    return go_to(request, url_of_line(request, found))


@merchant_page("reconciliation.work")
@require_POST
def unlink(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = find_item(request, object_id)
    with tell(request, "The link is taken back."):
        linking.unlink_line(item_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, url_of_line(request, found))


@merchant_page("payments.check")
@require_POST
def ask(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The statement alone moves nothing: a worker asks the provider, and its answer does."""
    found = find_item(request, object_id)
    with tell(request, "Asked the provider. Compare again when the payment has its answer."):
        asking.ask_provider(item_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, url_of_line(request, found))


def find_item(request: MerchantRequest, item_id: str) -> StatementItem:
    try:
        return linking.find_item(item_id=item_id, livemode=request.livemode)
    except NotFound as error:
        raise Http404(error.detail) from error


def url_of_line(request: MerchantRequest, item: StatementItem) -> str:
    """A line keeps its row through every comparison; what only we had may be gone, because a line now stands for it."""
    if StatementItem.objects.filter(pk=item.pk).exists():
        return url_of(request, "statement_item", item.pk)
    return url_of(request, "statement", item.statement_id)


def show_item(
    request: MerchantRequest, item: StatementItem, *, link_form: Any = None, propose_form: Any = None,
    settle_form: Any = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    proposals = exceptions_of(item)
    is_open = item.statement.state == Statement.OPEN
    can_work = may(request, "reconciliation.work") and is_open
    by_hand = selector.is_linked_by_hand(item)
    waits = any(one.state == StatementException.PROPOSED for one in proposals)
    can_propose = can_work and item.is_open and not waits and item.finding not in {"suggested", "ambiguous"}
    context: dict[str, Any] = {
        "item": item,
        "statement": item.statement,
        "proposals": proposals,
        "by_hand": by_hand,
        "can_link": can_work and item.line is not None and item.is_open and item.line.kind != "settlement",
        "can_unlink": can_work and by_hand,
        "can_settle": can_propose and item.finding == "settlement",
        "can_ask": FINDINGS[item.finding].may_ask and item.payment is not None and may(request, "payments.check"),
        "can_propose": can_propose,
        "can_decide": may(request, "reconciliation.close") and is_open,
        "user_id": request.user.pk,
        "link_form": link_form or LinkForm(),
        "propose_form": propose_form or ProposeForm(others=others_alike(item) if can_propose else 0),
        "settle_form": settle_form or SettleForm(),
        "suggested": item.payment if item.finding == "suggested" else None,
    }
    return render_page(request, "portal/reconcile/item.html", context, partial="page", status=status)


def others_alike(item: StatementItem) -> int:
    return len(alike(item.statement, item))

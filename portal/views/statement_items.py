"""One line of the comparison: both sides, and everything a person can do about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from payments.errors import NotFound, Refusal
from payments.models import Statement, StatementItem
from payments.selectors import statements as selector
from payments.statements import asking, exceptions, linking
from payments.statements.exceptions import Person
from payments.statements.findings import FINDINGS
from portal.access import MerchantRequest, may, merchant_page
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.statement_forms import LinkForm, NoteForm, ProposeForm
from portal.statement_results import tell


@merchant_page("reconciliation.view")
@require_safe
def item(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _show(request, _find(request, object_id))


@merchant_page("reconciliation.work")
@require_POST
def link(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The payment that was typed, the one that was suggested, or none of ours."""
    found = _find(request, object_id)
    form = LinkForm(request.POST)
    is_none = request.POST.get("do") == "none"
    if not is_none and not form.is_valid():
        return _show(request, found, link_form=form, status=422)
    payment = "" if is_none else form.cleaned_data["payment"]
    try:
        linking.link_line(item_id=object_id, livemode=request.livemode, payment=payment, **origin(request))
    except NotFound as error:
        raise Http404(error.detail) from error
    except Refusal as error:
        form.add_error("payment", error.detail)
        return _show(request, found, link_form=form, status=error.status)
    messages.success(request, "Noted: none of ours." if is_none else "Linked, and compared again.")
    return go_to(request, _url_of_line(request, found))


@merchant_page("reconciliation.work")
@require_POST
def unlink(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = _find(request, object_id)
    with tell(request, "The link is taken back."):
        linking.unlink_line(item_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, _url_of_line(request, found))


@merchant_page("reconciliation.close")
@require_POST
def settle(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = _find(request, object_id)
    with tell(request, "Booked as settled."):
        linking.settle_line(item_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, _url_of_line(request, found))


@merchant_page("payments.check")
@require_POST
def ask(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The statement alone moves nothing: a worker asks the provider, and its answer does."""
    found = _find(request, object_id)
    with tell(request, "Asked the provider. Compare again when the payment has its answer."):
        asking.ask_provider(item_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, _url_of_line(request, found))


@merchant_page("reconciliation.work")
@require_POST
def propose(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = _find(request, object_id)
    form = ProposeForm(request.POST)
    if not form.is_valid():
        return _show(request, found, propose_form=form, status=422)
    with tell(request, "Proposed. Somebody else has to approve it."):
        exceptions.propose(
            item_id=object_id, livemode=request.livemode, action=form.cleaned_data["action"],
            reason=form.cleaned_data["reason"], person=_person(request),
        )  # fmt: skip
    return go_to(request, _url_of_line(request, found))


@merchant_page("reconciliation.close")
@require_POST
def decide(request: MerchantRequest, object_id: str) -> HttpResponse:
    """Of a proposal (sx_…): approve or reject."""
    approve = request.POST.get("do") == "approve"
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    back = url_of(request, "statements")
    with tell(request, "Approved." if approve else "Rejected."):
        statement_id = exceptions.statement_of(object_id, livemode=request.livemode)
        back = f"{url_of(request, 'statement', statement_id)}?tab=exceptions"
        exceptions.decide(
            exception_id=object_id, livemode=request.livemode, approve=approve, note=note, person=_person(request)
        )
    return go_to(request, back)


def _find(request: MerchantRequest, item_id: str) -> StatementItem:
    try:
        return linking.find_item(item_id=item_id, livemode=request.livemode)
    except NotFound as error:
        raise Http404(error.detail) from error


def _url_of_line(request: MerchantRequest, item: StatementItem) -> str:
    """A line keeps its row through every comparison; what only we had may be gone, because a line now stands for it."""
    if StatementItem.objects.filter(pk=item.pk).exists():
        return url_of(request, "statement_item", item.pk)
    return url_of(request, "statement", item.statement_id)


def _person(request: MerchantRequest) -> Person:
    who = origin(request)
    return Person(user_id=request.user.pk or 0, actor=who["actor"], ip=who["ip"], request_id=who["request_id"])


def _show(
    request: MerchantRequest, item: StatementItem, *, link_form: Any = None, propose_form: Any = None, status: int = 200
) -> HttpResponse:
    proposals = selector.exceptions_of(item)
    can_work = may(request, "reconciliation.work") and item.statement.state == Statement.OPEN
    waits = any(one.state == "proposed" for one in proposals)
    by_hand = selector.is_linked_by_hand(item)
    context: dict[str, Any] = {
        "item": item,
        "statement": item.statement,
        "proposals": proposals,
        "by_hand": by_hand,
        "can_link": can_work and item.line is not None and item.is_open and item.line.kind != "settlement",
        "can_unlink": can_work and by_hand,
        "can_settle": item.finding == "settlement" and may(request, "reconciliation.close"),
        "can_ask": FINDINGS[item.finding].may_ask and item.payment is not None and may(request, "payments.check"),
        "can_propose": can_work and item.is_open and not waits and item.finding not in {"suggested", "ambiguous"},
        "link_form": link_form or LinkForm(),
        "propose_form": propose_form or ProposeForm(),
        "suggested": item.payment if item.finding == "suggested" else None,
    }
    return render_page(request, "portal/reconcile/item.html", context, partial="page", status=status)

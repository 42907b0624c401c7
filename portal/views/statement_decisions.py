"""Where two people are needed: one proposes what becomes of a line, and a second one decides."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from payments.errors import Refusal
from payments.models import StatementException, StatementLine
from payments.selectors import proposals as selector
from payments.statements import deciding, exceptions
from portal.access import MerchantRequest, merchant_page
from portal.htmx import go_to, render_page
from portal.one_time import CHANGE, CONFIRM, REVIEW
from portal.origin import person
from portal.places import url_of
from portal.statement_forms import NoteForm, ProposeForm, SettleForm, TogetherForm
from portal.statement_results import not_there, tell
from portal.views.statement_items import find_item, others_alike, show_item, url_of_line
from portal.views.statements import find_statement

EVERYTHING = "all"


@merchant_page("reconciliation.work")
@require_POST
def propose(request: MerchantRequest, object_id: str) -> HttpResponse:
    """About this line, or about all that are open for the same cause."""
    found = find_item(request, object_id)
    form = ProposeForm(request.POST, others=others_alike(found))
    if not form.is_valid():
        return show_item(request, found, propose_form=form, status=422)
    verb = exceptions.propose_alike if form.cleaned_data["alike"] else exceptions.propose
    with tell(request, "Proposed. Somebody else has to approve it."):
        verb(
            item_id=object_id, livemode=request.livemode, action=form.cleaned_data["action"],
            reason=form.cleaned_data["reason"], person=person(request),
        )  # fmt: skip
    return go_to(request, url_of_line(request, found))


@merchant_page("reconciliation.work")
@require_POST
def settle(request: MerchantRequest, object_id: str) -> HttpResponse:
    """Proposes that a settlement is booked; the approval books it."""
    found = find_item(request, object_id)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return show_item(request, found, settle_form=form, status=422)
    with tell(request, "Proposed. It is booked when somebody else approves it."):
        exceptions.propose(
            item_id=object_id, livemode=request.livemode, action=StatementException.SETTLE,
            reason=form.cleaned_data["reason"], person=person(request),
        )  # fmt: skip
    return go_to(request, url_of_line(request, found))


@merchant_page("reconciliation.close")
@require_POST
def decide(request: MerchantRequest, object_id: str) -> HttpResponse:
    """Of a proposal (sx_…): approve or reject. Leads back to the line that it is about, or to the list it came from."""
    approve = request.POST.get("do") == "approve"
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    with not_there():
        statement_id = deciding.statement_of(object_id, livemode=request.livemode)
    with tell(request, "Approved." if approve else "Rejected."):
        deciding.decide(
            exception_id=object_id, livemode=request.livemode, approve=approve, note=note, person=person(request)
        )
    item_id = selector.item_about(object_id) if request.POST.get("from") == "line" else ""
    if item_id:
        return go_to(request, url_of(request, "statement_item", item_id))
    return go_to(request, f"{url_of(request, 'statement', statement_id)}?tab=exceptions")


@merchant_page("reconciliation.close")
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: MerchantRequest, object_id: str) -> HttpResponse:
    """Of a proposal (sx_…): all that wait and are like it, to be chosen from, confirmed, and approved in one step."""
    with not_there():
        statement = find_statement(request, deciding.statement_of(object_id, livemode=request.livemode))
    rows = selector.alike(object_id, user_id=request.user.pk or 0)
    offered = [proposed.pk for proposed, _ in rows]
    do = request.POST.get("do", "")
    if request.method != "POST" or do in {EVERYTHING, CHANGE}:
        form = TogetherForm(offered=offered)
        chosen = {CHANGE: request.POST.getlist("proposals"), EVERYTHING: offered}.get(do, [])
        return _choose(request, statement, rows, form, object_id=object_id, chosen=chosen)
    if do == CONFIRM:
        return _approve(request, statement.pk)
    form = TogetherForm(request.POST, offered=offered)
    chosen = request.POST.getlist("proposals")
    if do == REVIEW and form.is_valid():
        picked = [row for row in rows if row[0].pk in set(chosen)]
        total = sum(proposed.difference for proposed, _ in picked)
        context = {"statement": statement, "form": form, "rows": picked, "object_id": object_id, "total": total,
                   "unmoved": _unmoved(picked)}  # fmt: skip
        return render_page(request, "portal/reconcile/together_confirm.html", context, partial="question")
    return _choose(request, statement, rows, form, object_id=object_id, chosen=chosen, status=422)


def _unmoved(rows: list[selector.Proposal]) -> Decimal:
    """What the lines name and the comparison does not count, because the mapping says that it did not move."""
    lines = [item.line for _, item in rows if item and item.line]
    return sum((abs(line.amount) for line in lines if line.outcome != StatementLine.MOVED), Decimal(0))


def _choose(
    request: MerchantRequest, statement: Any, rows: Any, form: TogetherForm, *, object_id: str, chosen: list[str],
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {"statement": statement, "rows": rows, "form": form, "object_id": object_id, "chosen": set(chosen)}
    return render_page(request, "portal/reconcile/together.html", context, partial="page", status=status)


def _approve(request: MerchantRequest, statement_id: str) -> HttpResponse:
    """What was confirmed goes to the engine as it is: only the engine can tell a repeat from a new wish."""
    wanted = request.POST.getlist("proposals")
    form = TogetherForm(request.POST, offered=wanted)
    back = f"{url_of(request, 'statement', statement_id)}?tab=exceptions"
    with tell(request, f"Approved: {len(set(wanted)):,} together."):
        if not form.is_valid():
            raise Refusal(" ".join(str(error) for errors in form.errors.values() for error in errors))
        deciding.approve_together(
            statement_id=statement_id, livemode=request.livemode, exception_ids=wanted, token=form.key,
            note=form.cleaned_data["note"], person=person(request),
        )  # fmt: skip
    return go_to(request, back)

"""Changing the routing rules: the rows, what they would have done to the merchant's own traffic, and then the save."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from payments.errors import InvalidState, Refusal
from payments.routing.plans import Difference, save_plan
from payments.routing.preview import DAYS, MOST, compare, recent_traffic
from payments.routing.rules import Rule
from portal.access import MerchantRequest, merchant_page
from portal.htmx import go_to, render_page
from portal.origin import origin
from portal.places import url_of
from portal.routing_draft import Draft, open_draft, seal_draft
from portal.routing_form import PlanForm, new_row, rows_of, sent_rows
from portal.routing_now import Now, conflict_with, routing_now

# What the buttons say; "remove-3" takes out the fourth row.
ADD, REMOVE, PREVIEW, SAVE = "add", "remove-", "preview", "save"


@merchant_page("routing.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MerchantRequest) -> HttpResponse:
    now = routing_now(request)
    if request.method != "POST":
        return _fields(request, now, PlanForm(rows_of(now.rules), based_on=now.version, routes=now.routes))
    if "draft" in request.POST:
        return _decide(request, now)
    step = request.POST.get("do", "")
    rows = sent_rows(request.POST)
    if step == ADD:
        rows.append(new_row())
    elif step.startswith(REMOVE):
        rows = [row for number, row in enumerate(rows) if step != f"{REMOVE}{number}"]
    form = PlanForm(
        rows, based_on=_based_on(request), note=request.POST.get("note", ""), routes=now.routes,
        is_sent=step == PREVIEW,
    )  # fmt: skip
    if step == ADD:
        form.focus_on_last_rule()
    if step != PREVIEW:
        return _fields(request, now, form, focuses_add=step.startswith(REMOVE))
    rules = form.checked()
    if rules is None or conflict_with(now, based_on=form.based_on):
        return _fields(request, now, form, looks_for_conflict=True)
    return _preview(request, now, rules, Draft(rows_of(rules), form.head.cleaned_data["note"], form.based_on))


def _decide(request: MerchantRequest, now: Now) -> HttpResponse:
    """From the preview: save what was looked at, or go back to its rows."""
    draft = open_draft(request, request.POST["draft"])
    if draft is None:
        messages.error(request, "The preview was too old to save, or not yours. Nothing was changed; look at it again.")
        return go_to(request, url_of(request, "routing_edit"))
    form = PlanForm(draft.rules, note=draft.note, based_on=draft.based_on, routes=now.routes)
    if request.POST.get("do") != SAVE:
        return _fields(request, now, form, looks_for_conflict=True)
    try:
        made = save_plan(
            livemode=request.livemode, rules=draft.rules, based_on=draft.based_on, note=draft.note, **origin(request)
        )
    except InvalidState:
        return _fields(request, routing_now(request), form, looks_for_conflict=True)
    except Refusal as refusal:
        messages.error(request, refusal.detail)
        return _fields(request, now, form)
    messages.success(request, f"Version {made.version} holds, for what is accepted from now on.")
    return go_to(request, url_of(request, "routing"))


def _preview(request: MerchantRequest, now: Now, rules: tuple[Rule, ...], draft: Draft) -> HttpResponse:
    traffic = recent_traffic(livemode=request.livemode)
    context = {
        "preview": compare(traffic, today=now.rules, then=rules, routes=now.routes),
        "changed": Difference(
            removed=tuple(rule for rule in now.rules if rule not in rules),
            added=tuple(rule for rule in rules if rule not in now.rules),
        ),
        "is_same": rules == now.rules and not now.skipped,
        "draft": seal_draft(request, draft),
        "note": draft.note,
        "version": now.version + 1,
        "days": DAYS,
        "most": MOST,
    }
    return render_page(request, "portal/routing_preview.html", context, partial="preview")


def _fields(
    request: MerchantRequest, now: Now, form: PlanForm, *, focuses_add: bool = False, looks_for_conflict: bool = False
) -> HttpResponse:
    """The rows; what was saved meanwhile is shown above them, and counts as seen from then on."""
    conflict = conflict_with(now, based_on=form.based_on) if looks_for_conflict else None
    context = {
        "form": form,
        "now": now,
        "conflict": conflict,
        "seen": now.version if conflict else form.based_on,
        "focuses_add": focuses_add,
    }
    status = 409 if conflict else 422 if form.has_mistakes else 200
    return render_page(request, "portal/routing_edit.html", context, partial="fields", status=status)


def _based_on(request: MerchantRequest) -> int:
    """The version that the editor saw; a form that does not say has seen none."""
    text = request.POST.get("based_on", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

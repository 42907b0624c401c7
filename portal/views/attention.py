"""Needs attention: everything that waits for a person or for a network, oldest first, and alarms marked as seen."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from payments.alarms import acknowledge_alarm
from payments.errors import InvalidState, Refusal
from payments.kinds import PaymentKind
from payments.selectors import attention as selector
from payments.selectors import payments as payment_selector
from payments.selectors.attention import ALARM, HELD, PROPOSED, STOPPED, UNKNOWN, Item
from payments.selectors.circuits import blocked_circuits
from payments.selectors.reports import last_report
from payments.states import FINAL
from portal.access import MerchantRequest, may, merchant_page, roles_that_may, who_may
from portal.attention_item import Reader, explain
from portal.care_forms import SeenForm
from portal.htmx import go_to, render_page
from portal.kind_words import KIND_WORDS
from portal.origin import origin
from portal.places import url_of, url_of_object
from portal.reports import reported
from portal.tabs import Tab
from portal.words import alarm_words

PAGE_SIZE = 50
SORTS = {
    "": "All",
    UNKNOWN: "Unknown",
    ALARM: "Alarms",
    STOPPED: "Nothing moved",
    HELD: "Waiting",
    PROPOSED: "For a second person",
}


@merchant_page("payments.view")
@require_safe
def attention(request: MerchantRequest) -> HttpResponse:
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else ""
    after = request.GET.get("after", "").replace("\0", "")[:40]
    items, following = selector.list_attention(livemode=request.livemode, sort=sort, after=after, limit=PAGE_SIZE)
    reader = _reader(request)
    context: dict[str, Any] = {
        "rows": [
            (item, explain(item, reader), url_of_object(request, item.id), *_action(request, item)) for item in items
        ],
        "next_url": f"?sort={sort}&after={following}" if following else "",
        "is_filtered": bool(sort),
        "clear_url": url_of(request, "attention"),
    }
    if not after:
        counts = selector.count_attention(livemode=request.livemode)
        context["tabs"] = [
            Tab(words, f"?sort={name}" if name else "?", f"{counts[name]:,}", is_current=name == sort)
            for name, words in SORTS.items()
        ]
    return render_page(request, "portal/attention.html", context, partial="rows")


@merchant_page("alarms.acknowledge")
@require_http_methods(["GET", "HEAD", "POST"])
def seen(request: MerchantRequest, object_id: str) -> HttpResponse:
    """GET asks what was found, as a page or in the dialog; POST takes the alarm off the list."""
    payment = payment_selector.get_payment(livemode=request.livemode, payment_id=object_id)
    if payment is None:
        raise Http404("No such payment in this mode.")
    form = SeenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            acknowledge_alarm(
                payment_id=object_id, livemode=request.livemode, note=form.cleaned_data["note"], **origin(request)
            )
            messages.success(request, "Marked as seen. The note is in the timeline.")
        except InvalidState as error:
            messages.error(request, f"Nothing changed. {error.detail}")
        except Refusal as error:
            form.add_error("note", error.detail)
        if not form.errors:
            return go_to(request, url_of_object(request, object_id))
    alarm = selector.last_alarm(payment)
    report = last_report(payment) if alarm else None
    context = {
        "form": form,
        "payment": payment,
        "alarm": alarm_words(alarm.reason) if alarm else "",
        "report": reported(payment, report),
        "back_url": url_of_object(request, object_id),
    }
    status = 422 if form.errors else 200
    return render_page(request, "portal/alarm_seen.html", context, partial="question", status=status)


def _reader(request: MerchantRequest) -> Reader:
    return Reader(
        settles=who_may(request, "unknowns.propose"),
        sees=who_may(request, "alarms.acknowledge"),
        repeats=who_may(request, "payouts.create"),
        cancels=who_may(request, "payouts.create"),
        approves=roles_that_may("unknowns.approve"),
        circuits=blocked_circuits(livemode=request.livemode),
    )


def _action(request: MerchantRequest, item: Item) -> tuple[str, str]:
    """The label and the address of what this person can do about an item; empty for nothing."""
    if item.resolution_id:
        return "Review", url_of(request, "attention_proposal", item.resolution_id)
    if item.sort == UNKNOWN and may(request, "unknowns.propose"):
        return "Settle by hand", url_of(request, "attention_settle", item.id)
    if item.sort in (ALARM, STOPPED) and item.status in FINAL and may(request, "alarms.acknowledge"):
        return "Mark as seen", url_of(request, "attention_seen", item.id)
    words = KIND_WORDS[PaymentKind(item.kind)]
    if item.sort == HELD and may(request, words.cancel_permission):
        return "Cancel", url_of(request, f"{words.page}_cancel", item.id)
    return "Open", url_of_object(request, item.id)

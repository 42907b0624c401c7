"""The inbox: what providers sent, what was made of it and why, and linking what matches nothing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from payments.callback_links import link_callback
from payments.errors import Refusal
from payments.models import Callback, Payment
from payments.selectors import callbacks as selector
from payments.selectors import payments as payment_selector
from portal.access import MerchantRequest, may, merchant_page
from portal.care_forms import LinkForm
from portal.chips import without
from portal.claims import compare, read_claim
from portal.htmx import go_to, render_page
from portal.inbox_filters import InboxFilterForm
from portal.origin import origin
from portal.places import url_of, url_of_object
from portal.raw_bodies import read_body
from portal.words import network
from portal.zones import zone_of

PAGE_SIZE = 50


@merchant_page("callbacks.view")
@require_safe
def inbox(request: MerchantRequest) -> HttpResponse:
    form = InboxFilterForm(request.GET, zone=zone_of(request.merchant.country))
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render_page(request, "portal/inbox.html", context | {"state": "invalid"}, partial="results")
    cursor = form.cleaned_data["cursor"]
    page = selector.list_callbacks(
        livemode=request.livemode, filters=form.filters(timezone.now()), cursor=cursor, limit=PAGE_SIZE
    )
    chips = form.chips()
    context |= {
        "state": "rows",
        "rows": [(row, url_of(request, "inbox_message", row.id)) for row in page.rows],
        "chips": chips,
        "next_url": without(request.GET, cursor=page.next_cursor) if page.has_more else "",
    }
    if not page.rows:
        context["state"] = "no_match" if chips or cursor else "none_yet"
    response = render_page(request, "portal/inbox.html", context, partial="rows" if cursor else "results")
    if not cursor:
        response.headers["HX-Push-Url"] = request.path + without(request.GET).removesuffix("?")
    return response


@merchant_page("callbacks.view")
@require_safe
def message(request: MerchantRequest, object_id: str) -> HttpResponse:
    callback = _find(request, object_id)
    payment, guess = _payment_of(request, callback), selector.likely_payment(callback, livemode=request.livemode)
    claim, read_back = read_claim(callback), selector.read_back_of(callback)
    context = {
        "callback": callback,
        "network": network(callback.provider),
        "body": read_body(bytes(callback.body)),
        "headers": "\n".join(f"{name}: {value}" for name, value in callback.headers.items()),
        "times_received": 1 + callback.duplicates,
        "payment": payment,
        "payment_url": url_of_object(request, payment.id) if payment else "",
        "guess": guess,
        "guess_url": url_of_object(request, guess),
        "comparisons": compare(claim, payment, read_back) if claim else [],
        "read_back": read_back,
        "can_link": not callback.payment_id and may(request, "callbacks.link"),
    }
    return render_page(request, "portal/message.html", context, partial="message")


@merchant_page("callbacks.link")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: MerchantRequest, object_id: str) -> HttpResponse:
    """GET asks which payment, as a page or in the dialog; POST links it and has the provider asked."""
    callback = _find(request, object_id)
    guess = selector.likely_payment(callback, livemode=request.livemode)
    form = LinkForm(request.POST or None, initial={"text": guess})
    if request.method == "POST" and form.is_valid():
        try:
            payment = link_callback(
                callback_id=object_id, livemode=request.livemode, text=form.cleaned_data["text"], **origin(request)
            )
        except Refusal as error:
            form.add_error("text", error.detail)
        else:
            messages.success(request, f"Linked to {payment.id}. {network(callback.provider)} is being asked about it.")
            return go_to(request, url_of(request, "inbox_message", object_id))
    context = {"form": form, "callback": callback, "network": network(callback.provider), "guess": guess}
    status = 422 if form.errors else 200
    return render_page(request, "portal/message_link.html", context, partial="question", status=status)


def _find(request: MerchantRequest, callback_id: str) -> Callback:
    found = selector.get_callback(livemode=request.livemode, callback_id=callback_id)
    if found is None:
        raise Http404("No such message in this mode.")
    return found


def _payment_of(request: MerchantRequest, callback: Callback) -> Payment | None:
    if not callback.payment_id:
        return None
    return payment_selector.get_payment(livemode=request.livemode, payment_id=callback.payment_id)

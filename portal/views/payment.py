"""One payment: the verdict, everything recorded about it, and what may be done with it now."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import services
from payments.errors import InvalidState, NotFound
from payments.failures import FAILURES, Failure
from payments.models import Payment
from payments.selectors import payments as selector
from payments.selectors.timeline import fingerprint, timeline
from payments.states import Status
from portal.access import MerchantRequest, may, merchant_page
from portal.care import Care, care_of
from portal.htmx import go_to, private, render_page, wants_partial
from portal.origin import origin
from portal.places import url_of
from portal.story import tell
from portal.verdicts import verdict
from portal.words import WHO_ACTS


@merchant_page("payments.view")
@require_safe
def payment(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _show(request, _find(request, object_id))


@merchant_page("payments.check")
@require_POST
def check(request: MerchantRequest, object_id: str) -> HttpResponse:
    try:
        found = services.check_payment(payment_id=object_id, livemode=request.livemode, **origin(request))
    except NotFound as error:
        raise Http404(error.detail) from error
    if found.is_final:
        messages.success(request, "Asked: the payment has its final state.")
    else:
        messages.success(request, "Asked. The answer shows in the timeline as soon as it is there.")
    return _show_or_return(request, found)


@merchant_page("payments.cancel")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MerchantRequest, object_id: str) -> HttpResponse:
    """GET asks for confirmation, as a page or in the dialog; POST withdraws the payment."""
    found = _find(request, object_id)
    if request.method != "POST":
        return render_page(request, "portal/payment_cancel.html", {"payment": found}, partial="question")
    try:
        services.cancel_payment(payment_id=object_id, livemode=request.livemode, **origin(request))
        messages.success(request, "Canceled. No provider had it, so no money moved.")
    except NotFound as error:
        raise Http404(error.detail) from error
    except InvalidState as error:
        messages.error(request, f"Not canceled. {error.detail}")
    return go_to(request, url_of(request, "payment", object_id))


@merchant_page("phones.reveal")
@require_POST
def reveal_phone(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The number appears in this one answer only; whoever comes back later reveals, and is recorded, again."""
    try:
        phone = services.reveal_phone(payment_id=object_id, livemode=request.livemode, **origin(request))
    except NotFound as error:
        raise Http404(error.detail) from error
    return _show(request, _find(request, object_id), phone=phone)


def _find(request: MerchantRequest, payment_id: str) -> Payment:
    found = selector.get_payment(livemode=request.livemode, payment_id=payment_id)
    if found is None:
        raise Http404("No such payment in this mode.")
    return found


def _show(request: MerchantRequest, found: Payment, *, phone: str = "") -> HttpResponse:
    entries = timeline(found)
    seen = fingerprint(found, entries)
    if wants_partial(request) and request.method == "GET" and request.GET.get("seen") == seen:
        return private(HttpResponse(status=204))  # nothing new: htmx leaves the page as it is
    care = care_of(request, found)
    context: dict[str, Any] = {
        "payment": found,
        "care": care,
        "verdict": verdict(found, now=timezone.now(), settled_by=care.settled_by),
        "lines": tell(entries, provider=found.provider),
        "transactions": list(found.transactions.order_by("number")),
        "seen": seen,
        "phone": phone,
        "failure": _failure(found, care),
        "who_acts": WHO_ACTS,
        "can_check": not found.is_final and found.status != Status.PENDING and may(request, "payments.check"),
        "can_cancel": found.status == Status.PENDING and may(request, "payments.cancel"),
        "can_reveal": may(request, "phones.reveal"),
    }
    return render_page(request, "portal/payment.html", context, partial="live")


def _failure(found: Payment, care: Care) -> Failure | None:
    """The catalogue's words; what people settled has its reason in the verdict."""
    return FAILURES.get(found.failure_code) if found.status == Status.FAILED and not care.settled_by else None


def _show_or_return(request: MerchantRequest, found: Payment) -> HttpResponse:
    """htmx swaps the answer in; a plain form post goes back to the page, so that a reload does not post again."""
    if wants_partial(request):
        return _show(request, found)
    return redirect(url_of(request, "payment", found.id))

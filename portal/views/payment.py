"""One payment, refund or payout: the verdict, everything recorded about it, and what may be done with it now."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import services
from payments.errors import InvalidState
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.selectors import payments as selector
from payments.selectors.circuits import blocked_circuits
from payments.selectors.money_out import refunds_of
from payments.selectors.timeline import fingerprint, timeline
from payments.states import Status
from portal.access import MerchantRequest, may, merchant_page, who_may
from portal.care import Care, care_of
from portal.failure_words import FailureWords, failure_words
from portal.held_words import held_words
from portal.htmx import go_to, private, render_page, wants_partial
from portal.kind_words import KIND_WORDS, KindWords
from portal.origin import origin
from portal.places import url_of, url_of_object
from portal.story import tell
from portal.verdicts import Situation, verdict
from portal.words import WHO_ACTS


@merchant_page("payments.view")
@require_safe
def payment(request: MerchantRequest, object_id: str, kind: PaymentKind) -> HttpResponse:
    return _show(request, _find(request, object_id, kind))


@merchant_page("payments.check")
@require_POST
def check(request: MerchantRequest, object_id: str, kind: PaymentKind) -> HttpResponse:
    _find(request, object_id, kind)
    found = services.check_payment(payment_id=object_id, livemode=request.livemode, **origin(request))
    if found.is_final:
        messages.success(request, f"Asked: the {KIND_WORDS[kind].one} has its final state.")
    else:
        messages.success(request, "Asked. The answer shows in the timeline as soon as it is there.")
    return _show_or_return(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: MerchantRequest, object_id: str, kind: PaymentKind) -> HttpResponse:
    """GET asks for confirmation, as a page or in the dialog; POST withdraws it. portal/urls.py names who may."""
    found, words = _find(request, object_id, kind), KIND_WORDS[kind]
    if request.method != "POST":
        context = {"payment": found, "words": words}
        return render_page(request, "portal/payment_cancel.html", context, partial="question")
    try:
        services.cancel_payment(payment_id=object_id, livemode=request.livemode, **origin(request))
        messages.success(request, words.canceled)
    except InvalidState as error:
        messages.error(request, f"Not canceled. {error.detail}")
    return go_to(request, url_of(request, words.page, object_id))


@merchant_page("phones.reveal")
@require_POST
def reveal_phone(request: MerchantRequest, object_id: str, kind: PaymentKind) -> HttpResponse:
    """The number appears in this one answer only; whoever comes back later reveals, and is recorded, again."""
    found = _find(request, object_id, kind)
    phone = services.reveal_phone(payment_id=object_id, livemode=request.livemode, **origin(request))
    return _show(request, found, phone=phone)


def _find(request: MerchantRequest, payment_id: str, kind: PaymentKind) -> Payment:
    found = selector.get_payment(livemode=request.livemode, payment_id=payment_id, kind=kind)
    if found is None:
        raise Http404(f"No such {KIND_WORDS[kind].one} in this mode.")
    return found


def _show(request: MerchantRequest, found: Payment, *, phone: str = "") -> HttpResponse:
    kind, entries = PaymentKind(found.kind), timeline(found)
    words, refunded = KIND_WORDS[kind], _refunded(request, found)
    seen = fingerprint(found, entries)
    if wants_partial(request) and request.method == "GET" and request.GET.get("seen") == seen:
        return private(HttpResponse(status=204))  # nothing new: htmx leaves the page as it is
    care = care_of(request, found)
    context: dict[str, Any] = {
        "payment": found,
        "words": words,
        "care": care,
        "is_live": not found.is_final or found.amount_reserved > 0,
        "verdict": verdict(found, _situation(request, found, care)),
        "lines": tell(entries, kind=kind, provider=found.provider),
        "transactions": list(found.transactions.order_by("number")),
        "seen": seen,
        "phone": phone,
        "failure": _failure(found, care),
        "who_acts": _who_acts(request, words),
        "can_check": not found.is_final and found.status != Status.PENDING and may(request, "payments.check"),
        "can_cancel": found.status == Status.PENDING and may(request, words.cancel_permission),
        "can_reveal": may(request, "phones.reveal"),
        **refunded,
    }
    return render_page(request, "portal/payment.html", context, partial="live")


def _refunded(request: MerchantRequest, found: Payment) -> dict[str, Any]:
    """Of a payment that succeeded: its refunds, and whether this person may make another one."""
    if found.kind != PaymentKind.COLLECTION or found.status != Status.SUCCEEDED:
        return {}
    return {
        "is_refundable": True,
        "refunds": refunds_of(found),
        "can_refund": found.amount_refundable > 0 and may(request, "refunds.create"),
    }


def _situation(request: MerchantRequest, found: Payment, care: Care) -> Situation:
    held = ""
    if found.is_held:
        circuits = blocked_circuits(livemode=request.livemode)
        held = held_words(kind=found.kind, provider=found.provider, held_at=found.held_at, circuits=circuits)
    return Situation(
        now=timezone.now(), alarm=care.alarm_reason, report=care.report, held=held, settled_by=care.settled_by
    )


def _who_acts(request: MerchantRequest, words: KindWords) -> dict[str, str]:
    """With whom "the merchant" is for the one who looks: "You" only for somebody who may do it again."""
    return WHO_ACTS | {"merchant": who_may(request, words.repeat_permission)}


def _failure(found: Payment, care: Care) -> FailureWords | None:
    """What people settled has its reason in the verdict."""
    return failure_words(found) if found.status == Status.FAILED and not care.settled_by else None


def _show_or_return(request: MerchantRequest, found: Payment) -> HttpResponse:
    """htmx swaps the answer in; a plain form post goes back to the page, so that a reload does not post again."""
    if wants_partial(request):
        return _show(request, found)
    return redirect(url_of_object(request, found.id))

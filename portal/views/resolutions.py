"""Settling an unknown outcome by hand: the proposal, and the second person's look at it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from payments import resolutions as verbs
from payments.errors import NotFound, Refusal
from payments.models import Resolution
from payments.selectors import payments as payment_selector
from payments.selectors import resolutions as selector
from payments.selectors.reports import last_report
from payments.states import Status
from portal.access import MerchantRequest, may, merchant_page
from portal.care_forms import DecisionForm, ProposalForm
from portal.htmx import go_to, render_page
from portal.origin import person
from portal.places import url_of, url_of_object
from portal.reports import reported
from portal.words import network


@merchant_page("unknowns.propose")
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: MerchantRequest, object_id: str) -> HttpResponse:
    """The form, and the proposal it makes. Nothing about the payment changes here."""
    payment = payment_selector.get_payment(livemode=request.livemode, payment_id=object_id)
    if payment is None:
        raise Http404("No such payment in this mode.")
    form = ProposalForm(request.POST or None)
    waiting = selector.waiting_resolution(payment)
    if request.method == "POST" and form.is_valid():
        try:
            made = verbs.propose(
                payment_id=object_id, livemode=request.livemode, person=person(request), **form.cleaned_data
            )
        except Refusal as error:
            form.add_error(None, error.detail)
            waiting = selector.waiting_resolution(payment)
        else:
            messages.success(request, "Proposed. It takes effect when a second person approves it.")
            return go_to(request, url_of(request, "attention_proposal", made.id))
    context = {
        "form": form,
        "payment": payment,
        "network": network(payment.provider),
        "transactions": list(payment.transactions.order_by("number")),
        "is_unknown": payment.status == Status.UNKNOWN,
        "report": reported(payment, last_report(payment)),
        "waiting": waiting,
        "is_refused": request.method == "POST",
        "proposal_url": url_of(request, "attention_proposal", waiting.id) if waiting else "",
        "back_url": url_of_object(request, object_id),
    }
    status = 422 if form.errors else 200
    return render_page(request, "portal/settle.html", context, partial="form", status=status)


@merchant_page("payments.view")
@require_safe
def proposal(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _show(request, _find(request, object_id), DecisionForm())


@merchant_page("unknowns.approve")
@require_POST
def approve(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _decide(request, object_id, verbs.approve, "Approved: it is settled. The network is asked for a while yet.")


@merchant_page("unknowns.approve")
@require_POST
def reject(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _decide(request, object_id, verbs.reject, "Rejected. The outcome stays unknown, and we keep asking.")


@merchant_page("unknowns.propose")
@require_POST
def withdraw(request: MerchantRequest, object_id: str) -> HttpResponse:
    return _decide(request, object_id, verbs.withdraw, "Withdrawn. The outcome stays unknown, and we keep asking.")


def _decide(request: MerchantRequest, resolution_id: str, verb: Callable[..., object], done: str) -> HttpResponse:
    resolution = _find(request, resolution_id)
    form = DecisionForm(request.POST)
    if form.is_valid():
        note = form.cleaned_data["note"]
        try:
            verb(resolution_id=resolution_id, livemode=request.livemode, note=note, person=person(request))
        except NotFound as error:
            raise Http404(error.detail) from error
        except Refusal as error:
            messages.error(request, f"Nothing changed. {error.detail}")
        else:
            messages.success(request, done)
        return go_to(request, url_of(request, "attention_proposal", resolution_id))
    return _show(request, resolution, form, status=422)


def _find(request: MerchantRequest, resolution_id: str) -> Resolution:
    found = selector.get_resolution(livemode=request.livemode, resolution_id=resolution_id)
    if found is None:
        raise Http404("No such proposal in this mode.")
    return found


def _show(request: MerchantRequest, resolution: Resolution, form: DecisionForm, *, status: int = 200) -> HttpResponse:
    payment, waits = resolution.payment, resolution.state == Resolution.PROPOSED
    is_own = resolution.proposed_by_user == request.user.pk
    context: dict[str, Any] = {
        "form": form,
        "resolution": resolution,
        "payment": payment,
        "network": network(payment.provider),
        "transactions": list(payment.transactions.order_by("number")),
        "payment_url": url_of_object(request, payment.id),
        "report": reported(payment, last_report(payment)),
        "waits": waits,
        "is_own": is_own,
        "can_decide": waits and not is_own and may(request, "unknowns.approve"),
        "can_withdraw": waits and is_own,
    }
    return render_page(request, "portal/proposal.html", context, partial="proposal", status=status)

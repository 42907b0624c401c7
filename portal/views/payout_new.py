"""Paying out: the fields, what will happen in plain words, and then the payout."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from payments.create import NewPayment, create_payout, route_of_payout
from payments.errors import DuplicateReference, Refusal
from payments.fees import fee_of
from payments.kinds import PaymentKind
from payments.selectors import ledger
from payments.selectors.money_out import id_of_reference, similar_payout
from portal.access import MerchantRequest, merchant_page
from portal.caller import caller_of
from portal.htmx import go_to, render_page
from portal.money_forms import PayoutForm
from portal.one_time import CHANGE, CONFIRM
from portal.places import url_of
from providers.base import Operation

# The same amount to the same phone within this time is asked about: somebody may have filled in the form twice.
SIMILAR_FOR = timedelta(days=1)


@merchant_page("payouts.create")
@require_http_methods(["GET", "HEAD", "POST"])
def payout_new(request: MerchantRequest) -> HttpResponse:
    form = PayoutForm(request.POST if request.method == "POST" else None, livemode=request.livemode)
    if not form.is_valid():
        return _fields(request, form)
    step = request.POST.get("step")
    if step == CHANGE:
        return _fields(request, form)
    # What was confirmed goes to the engine as it is: it alone knows whether this is a repeat.
    return _pay_out(request, form) if step == CONFIRM else _question(request, form)


def _pay_out(request: MerchantRequest, form: PayoutForm) -> HttpResponse:
    try:
        answer = create_payout(caller=caller_of(request), new=form.new_payout(), key=form.key, request=form.wish())
    except Refusal as refusal:
        form.refuse(refusal)
        return _fields(request, form)
    if answer.is_replay:
        messages.success(request, "This payout was accepted already. Nothing is sent a second time.")
    else:
        messages.success(request, "Accepted. Watch it here; it is sent within seconds.")
    return go_to(request, url_of(request, "payout", answer.object_id))


def _question(request: MerchantRequest, form: PayoutForm) -> HttpResponse:
    try:
        new = _foreseen(request, form)
    except Refusal as refusal:
        form.refuse(refusal)
        return _fields(request, form)
    balance = ledger.available(livemode=request.livemode, provider=new.provider, currency=new.money.currency)
    fee = fee_of(
        livemode=request.livemode, provider=new.provider, operation=Operation.TRANSFER, amount=new.money.amount,
        currency=new.money.currency,
    )  # fmt: skip
    context: dict[str, Any] = {
        "form": form,
        "new": new,
        "fee": fee,
        "balance": balance,
        "left": balance - new.money.amount - fee,
        "similar": similar_payout(
            livemode=request.livemode, phone=new.phone, amount=new.money.amount, since=timezone.now() - SIMILAR_FOR
        ),
    }
    return render_page(request, "portal/payout_confirm.html", context, partial="question")


def _foreseen(request: MerchantRequest, form: PayoutForm) -> NewPayment:
    """With the provider that it will go to. Raises what the engine would refuse, before anybody confirms."""
    new = form.new_payout()
    new = replace(new, provider=route_of_payout(caller_of(request), new, form.key))
    if new.reference:
        taken = id_of_reference(livemode=request.livemode, kind=PaymentKind.PAYOUT, reference=new.reference)
        if taken:
            raise DuplicateReference(f"The reference {new.reference} already belongs to {taken}.", taken)
    return new


def _fields(request: MerchantRequest, form: PayoutForm) -> HttpResponse:
    status = 422 if form.errors else 200
    return render_page(request, "portal/payout_new.html", {"form": form}, partial="form", status=status)

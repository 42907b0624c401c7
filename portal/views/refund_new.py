"""Refunding a payment: how much and why, what will happen in plain words, and then the refund."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from payments.errors import DuplicateReference, InvalidState, Refusal
from payments.fees import fee_of
from payments.kinds import PaymentKind
from payments.models import Payment
from payments.operations import refund_operation
from payments.refunds import NewRefund, create_refund, refusal_of
from payments.selectors import ledger
from payments.selectors.money_out import id_of_reference
from payments.selectors.payments import get_payment
from portal.access import MerchantRequest, merchant_page
from portal.caller import caller_of
from portal.htmx import go_to, render_page
from portal.money_forms import RefundForm
from portal.one_time import CHANGE, CONFIRM, words_for
from portal.places import url_of
from portal.templatetags.money import plain_money
from providers.base import Operation


@merchant_page("refunds.create")
@require_http_methods(["GET", "HEAD", "POST"])
def refund_new(request: MerchantRequest, object_id: str) -> HttpResponse:
    payment = get_payment(livemode=request.livemode, payment_id=object_id, kind=PaymentKind.COLLECTION)
    if payment is None:
        raise Http404("No such payment in this mode.")
    form = RefundForm(
        request.POST if request.method == "POST" else None,
        currency=payment.currency,
        initial={"amount": f"{payment.amount_refundable:.2f}"},
    )
    if not form.is_valid():
        return _fields(request, payment, form)
    step = request.POST.get("step")
    if step == CHANGE:
        return _fields(request, payment, form)
    # What was confirmed goes to the engine as it is: it alone knows whether this is a repeat.
    return _refund(request, payment, form) if step == CONFIRM else _question(request, payment, form)


def _refund(request: MerchantRequest, payment: Payment, form: RefundForm) -> HttpResponse:
    try:
        answer = create_refund(
            caller=caller_of(request), new=form.new_refund(payment.id), key=form.key, request=form.wish()
        )
    except Refusal as refusal:
        payment.refresh_from_db()
        _refuse(form, payment, refusal)
        return _fields(request, payment, form)
    if answer.is_replay:
        messages.success(request, "This refund was accepted already. Nothing is sent a second time.")
    else:
        messages.success(request, "Accepted. Watch it here; it is sent within seconds.")
    return go_to(request, url_of(request, "refund", answer.object_id))


def _question(request: MerchantRequest, payment: Payment, form: RefundForm) -> HttpResponse:
    new = form.new_refund(payment.id)
    if refusal := _foreseen(request, payment, new):
        _refuse(form, payment, refusal)
        return _fields(request, payment, form)
    amount = form.cleaned_data["amount"]
    fee = fee_of(
        livemode=request.livemode, provider=payment.provider, operation=refund_operation(payment, amount=amount),
        amount=amount, currency=payment.currency,
    )  # fmt: skip
    balance = ledger.available(livemode=request.livemode, provider=payment.provider, currency=payment.currency)
    context: dict[str, Any] = {
        "form": form,
        "payment": payment,
        "new": new,
        "left": payment.amount_refundable - amount,
        "fee": fee,
        "is_payout": refund_operation(payment, amount=amount) == Operation.TRANSFER,
        "balance": balance,
        "balance_left": balance - amount - fee,
    }
    return render_page(request, "portal/refund_confirm.html", context, partial="question")


def _foreseen(request: MerchantRequest, payment: Payment, new: NewRefund) -> Refusal | None:
    """What the engine would refuse, told before anybody confirms."""
    refusal = refusal_of(payment, amount=new.amount)
    if refusal or not new.reference:
        return refusal
    taken = id_of_reference(livemode=request.livemode, kind=PaymentKind.REFUND, reference=new.reference)
    return DuplicateReference(f"The reference {new.reference} already belongs to {taken}.", taken) if taken else None


def _refuse(form: RefundForm, payment: Payment, refusal: Refusal) -> None:
    """With the sums as the page shows them, where it is a matter of sums."""
    if not (isinstance(refusal, InvalidState) and payment.amount_refundable):
        form.refuse(refusal)
        return
    left, refunded, under_way = (
        plain_money(amount, payment.currency)
        for amount in (payment.amount_refundable, payment.amount_refunded, payment.amount_reserved)
    )
    form.add_error("amount", f"Only {left} can be refunded: {refunded} is refunded and {under_way} is under way.")


def _fields(request: MerchantRequest, payment: Payment, form: RefundForm) -> HttpResponse:
    """With the reason instead of the fields where nothing can be refunded at all."""
    refusal = refusal_of(payment, amount=None)
    context = {"form": form, "payment": payment, "refusal": words_for(refusal) if refusal else ""}
    status = 422 if form.errors else 200
    return render_page(request, "portal/refund_new.html", context, partial="form", status=status)

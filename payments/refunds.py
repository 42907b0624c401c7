"""Money back: part or all of a collection, to the payer, through the account that collected it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError

from payments import ids
from payments.create import Caller, accept, replay_or_raise, violated_constraint
from payments.errors import InvalidState, NoRoute, Refusal
from payments.idempotency import Answer
from payments.kinds import PaymentKind
from payments.models import Payment, ProviderAccount
from payments.operations import refund_operation
from payments.services import get_payment
from payments.states import Status
from providers.names import network_name

ROUTE = "POST /v1/payments/{id}/refunds"


@dataclass(frozen=True, slots=True)
class NewRefund:
    """A validated wish to pay back. amount: None for all that is left, in the collection's currency."""

    payment_id: str
    amount: Decimal | None
    reason: str
    reference: str | None
    metadata: dict[str, str]


def create_refund(*, caller: Caller, new: NewRefund, key: str, request: dict[str, Any]) -> Answer:
    """Accept a refund durably, inside the merchant's schema. While the provider is down it waits.

    Raises NotFound, InvalidState (not collected, or more than is left), NoRoute, KeyReused, DuplicateReference,
    StillInProgress. However many race, the database lets no refund take more than was collected.
    """
    original = get_payment(payment_id=new.payment_id, livemode=caller.livemode)
    request = {**request, "payment": original.id}  # the same key for another payment is another request
    refusal = refusal_of(original, amount=new.amount)
    if refusal is not None:
        return replay_or_raise(caller, ROUTE, key, request, refusal)
    try:
        return accept(caller, _row(caller, original, new), route=ROUTE, key=key, request=request)
    except IntegrityError as error:
        if violated_constraint(error) not in {"payment_refunds_within_amount", "payment_refund_of_success"}:
            raise
        original.refresh_from_db()
        raise _too_much(original) from error


def refusal_of(original: Payment, *, amount: Decimal | None) -> Refusal | None:
    """Why this much of it (None: all that is left) cannot be refunded now; None if it can."""
    if original.kind != PaymentKind.COLLECTION or original.status != Status.SUCCEEDED:
        return InvalidState(f"Only a payment that succeeded can be refunded; {original.id} is {original.status}.")
    if not original.amount_refundable or (amount or 0) > original.amount_refundable:
        return _too_much(original)
    collected_with = original.transactions.order_by("-number").values_list("account_id", flat=True).first()
    account = ProviderAccount.objects.filter(pk=collected_with).first()
    operation = refund_operation(original, amount=amount or original.amount_refundable)
    if account is None or operation not in account.operations:
        return NoRoute(
            f"The {network_name(original.provider)} account that collected {original.id} has no credentials for "
            "paying out; add them."
        )
    return None


def _too_much(original: Payment) -> InvalidState:
    return InvalidState(
        f"Of the {original.amount} {original.currency} of {original.id}, {original.amount_refundable} can be refunded: "
        f"{original.amount_refunded} are refunded and {original.amount_reserved} are under way."
    )


def _row(caller: Caller, original: Payment, new: NewRefund) -> Payment:
    now = datetime.now(UTC)
    return Payment(
        id=ids.new_id(PaymentKind.REFUND.prefix),
        kind=PaymentKind.REFUND,
        original_id=original.id,
        livemode=caller.livemode,
        amount=new.amount or original.amount_refundable,
        currency=original.currency,
        status=Status.PENDING,
        phone=original.phone,
        provider=original.provider,
        reference=new.reference,
        description=new.reason,
        metadata=new.metadata,
        created_by=caller.actor,
        created_at=now,
        updated_at=now,
    )

"""What a person should see around money that goes out: refunds of a payment, twins of a payout, taken references."""

from datetime import datetime
from decimal import Decimal

from payments.kinds import PaymentKind
from payments.models import Payment
from payments.states import Status

REFUNDS_SHOWN = 50


def id_of_reference(*, livemode: bool, kind: PaymentKind, reference: str) -> str:
    """What the merchant's reference already belongs to; "" while it is free."""
    found = Payment.objects.filter(livemode=livemode, kind=kind, reference=reference).values_list("id", flat=True)
    return found.first() or ""


def refunds_of(payment: Payment) -> list[Payment]:
    """Newest first. How many there can be is bounded by the payment's amount only; the newest REFUNDS_SHOWN."""
    return list(Payment.objects.filter(original_id=payment.id).order_by("-id")[:REFUNDS_SHOWN])


def similar_payout(*, livemode: bool, phone: str, amount: Decimal, since: datetime) -> Payment | None:
    """The newest payout of the same amount to the same phone since then that may move money, or did."""
    rows = Payment.objects.filter(
        livemode=livemode, kind=PaymentKind.PAYOUT, phone=phone, amount=amount, created_at__gte=since
    )
    return rows.exclude(status__in=[Status.FAILED, Status.CANCELED]).order_by("-id").first()

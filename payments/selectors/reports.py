"""What a network itself last said about the money of a payment, read from its recorded answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from payments.kinds import PaymentKind
from payments.models import Exchange, Payment
from providers.base import Kind
from providers.registry import PROVIDERS, get_provider

# An UNKNOWN answer said nothing.
_TELLING = (Kind.SUCCEEDED, Kind.FAILED, Kind.PENDING, Kind.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Report:
    """The last answer to a lookup that said something. `kind`: what it came to; the rest is empty where it was silent.

    phone: digits, as the network writes it. code: the network's own word.
    """

    kind: Kind
    at: datetime
    amount: Decimal | None = None
    currency: str = ""
    phone: str = ""
    code: str = ""


def last_reports(payments: Iterable[Payment]) -> dict[str, Report]:
    """By id of the payment, payout or refund; without those that no network has said anything about. One statement."""
    by_id = {payment.id: payment for payment in payments}
    answers = Exchange.objects.filter(payment_id__in=by_id, operation="lookup", verdict__in=_TELLING)
    newest = answers.order_by("payment_id", "-id").distinct("payment_id") if by_id else []
    return {answer.payment_id: _read(answer, by_id[answer.payment_id]) for answer in newest}


def last_report(payment: Payment) -> Report | None:
    return last_reports([payment]).get(payment.id)


def _read(answer: Exchange, payment: Payment) -> Report:
    kind, said = Kind(answer.verdict), None
    if payment.provider in PROVIDERS:
        operation = PaymentKind(payment.kind).operation
        said = get_provider(payment.provider).read_report(operation, answer.response_body.encode())
    if said is None:
        return Report(kind, answer.started_at)
    return Report(
        kind, answer.started_at, amount=said.amount, currency=said.currency, phone=said.phone.lstrip("+"),
        code=said.provider_code,
    )  # fmt: skip

"""What a provider's message claimed, beside what the payment and the provider itself say."""

from dataclasses import dataclass

from payments.models import Callback, Exchange, Payment
from portal.templatetags.money import masked, plain_money
from providers.base import CallbackClaim
from providers.registry import PROVIDERS, get_provider


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line: None where a side says nothing."""

    label: str
    claimed: str | None
    recorded: str | None

    @property
    def differs(self) -> bool:
        return None not in (self.claimed, self.recorded) and self.claimed != self.recorded


def read_claim(callback: Callback) -> CallbackClaim | None:
    """None when the body is no message of that provider."""
    if callback.provider not in PROVIDERS:
        return None
    try:
        return get_provider(callback.provider).read_callback(bytes(callback.body))
    except ValueError:
        return None


def compare(claim: CallbackClaim, payment: Payment | None, read_back: Exchange | None) -> list[Comparison]:
    """The outcome beside what the provider answered when asked; the rest beside what we asked it for."""
    claimed_amount = plain_money(claim.amount, claim.currency) if claim.amount is not None else None
    asked_amount = plain_money(payment.amount, payment.currency) if payment else None
    lines = [
        Comparison("Outcome", _words(claim.kind), _words(read_back.verdict) if read_back else None),
        Comparison("Amount", claimed_amount, asked_amount),
        Comparison("Phone", _phone(claim.phone), _phone(payment.phone) if payment else None),
        Comparison("Our id", claim.external_id or None, payment.id if payment else None),
        Comparison(
            "Their reference",
            claim.provider_reference or None,
            (payment.provider_reference or None) if payment else None,
        ),
    ]
    return [line for line in lines if line.claimed or line.recorded]


def _phone(phone: str) -> str | None:
    return masked(phone.lstrip("+")) if phone else None


def _words(kind: str) -> str:
    return kind.replace("_", " ").capitalize()

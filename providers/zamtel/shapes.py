"""What the two shapes of Zamtel's interface have in common: they write an order and read a word."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from providers.base import Account, Instruction
from providers.recording import Request

# A kept-alive connection that was closed just as we write to it leaves a doubt that nobody but a person can end here.
# So each call opens its own, and a failure to open it is certain. No cache may keep an address with a password in it.
OWN_CONNECTION = {"Connection": "close", "Cache-Control": "no-store"}

ZAMBIAN_TIME = timezone(timedelta(hours=2))  # all year


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer says; "" where it says nothing, or nothing that can be read."""

    code: str = ""
    reference: str = ""  # ours, repeated
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """How an order is written, and how the body of its answer is read."""

    message: Callable[[Account, Instruction], Request]
    said: Callable[[bytes], Said]


def values_of(account: Account, order: Instruction) -> Mapping[str, str]:
    """All that a message may hold, by the names that the shapes' tables use. Credentials keep their own."""
    return {
        **account.credentials,
        "amount": amount_text(order.amount),
        "currency": order.currency,
        "phone": order.phone,
        "reference": order.reference,
        "timestamp": datetime.now(UTC).astimezone(ZAMBIAN_TIME).strftime("%Y%m%d%H%M%S"),
    }


def amount_text(amount: Decimal) -> str:
    """`150` or `150.50`: never an exponent, never rounded."""
    whole, _, fraction = format(amount, "f").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction:0<2}" if fraction else whole

"""What somebody in the demo wants with money, and how it ends: the common shape of all its stories."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from payments.kinds import PaymentKind

CHECKOUT = 'key:demo "Online shop"'
BACK_OFFICE = 'key:demo "Back office"'


@dataclass(frozen=True, slots=True)
class Wish:
    kind: PaymentKind
    at: datetime
    amount: Decimal
    phone: str
    what: str
    seconds_to_answer: float
    failure: str  # MTN's reason; "" when the money moved
    reference: str
    metadata: tuple[tuple[str, str], ...]
    actor: str
    refund_of: str = ""  # of a refund: the reference of the purchase

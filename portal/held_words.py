"""Why a payment, payout or refund waits for a network, and since when."""

from collections.abc import Sequence
from datetime import UTC, datetime

from payments.kinds import PaymentKind
from payments.selectors.circuits import BlockedCircuit
from portal.words import OPERATIONS


def held_words(*, kind: str, provider: str, held_at: datetime | None, circuits: Sequence[BlockedCircuit]) -> str:
    """`since 25 Nov, 10:42 UTC: payouts are down there`. circuits: those that let nothing through now."""
    operation = PaymentKind(kind).operation
    what = OPERATIONS[operation].lower()
    blocked = [each for each in circuits if (each.provider, each.operation) == (provider, operation)]
    why = f"{what} are let through again, so it goes out in a moment"
    if blocked:
        why = f"{what} are stopped by hand" if any(each.is_forced for each in blocked) else f"{what} are down there"
    since = f"since {held_at.astimezone(UTC):%-d %b, %H:%M} UTC: " if held_at else ""
    return f"{since}{why}"

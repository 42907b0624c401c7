"""Guesses which payment a message without our signature speaks of. People see the guess; nothing believes it."""

import re
from collections.abc import Iterable

from payments.models import Payment, Transaction

# Our ids of payments, payouts and refunds, and the UUIDs that we give to providers as references.
_ID = re.compile(r"\b(?:pay|out|ref)_[0-9a-z]{26}\b")
_REFERENCE = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
LOOKED_AT_BYTES = 4096


def likely_payments(bodies: Iterable[tuple[str, bytes]], *, livemode: bool) -> dict[str, str]:
    """Pairs of message id and body in; for each that names something of ours in this mode, the payment's id.

    Two statements, however many messages.
    """
    named = {message: _names(body[:LOOKED_AT_BYTES].decode("utf-8", "replace")) for message, body in bodies}
    wanted = set().union(*named.values()) if named else set()
    if not wanted:
        return {}
    ours = Payment.objects.filter(livemode=livemode)
    owner: dict[str, str] = {payment: payment for payment in ours.filter(id__in=wanted).values_list("id", flat=True)}
    operations = Transaction.objects.filter(reference__in=wanted, payment__livemode=livemode)
    owner |= dict(operations.values_list("reference", "payment_id"))
    guesses = {message: {owner[name] for name in names if name in owner} for message, names in named.items()}
    # Two of ours in one message: then it is not for us to guess.
    return {message: next(iter(found)) for message, found in guesses.items() if len(found) == 1}


def _names(text: str) -> set[str]:
    return {*_ID.findall(text), *(name.lower() for name in _REFERENCE.findall(text))}

"""Why money did not move, said of the right person, and what to do next: for each failure code and way of the money."""

from dataclasses import dataclass

from payments.failures import FAILURES
from payments.kinds import PaymentKind
from payments.models import Payment
from portal.words import network


@dataclass(frozen=True, slots=True)
class FailureWords:
    """`who`: payer, recipient, merchant, provider or us."""

    title: str
    meaning: str
    advice: str
    who: str


# Where money goes out, the catalogue's "payer" is the recipient, and the wallet that pays is the merchant's.
_OUT_MEANINGS: dict[str, str] = {
    "payer_not_found": "The recipient's number has no mobile-money wallet at {network}.",
    "payer_barred": "The recipient's wallet is blocked, was never activated, or may not receive money.",
    "insufficient_funds": "Your disbursement wallet at {network} did not hold the amount.",
    "limit_reached": "A wallet limit of the recipient, or one of your own wallet, would have been exceeded.",
    "payer_declined": "{network} reports that the recipient did not accept it.",
    "payer_timeout": "{network} did not carry it out in time.",
    "wrong_pin": "{network} did not accept the PIN of the account that pays.",
    "currency_not_supported": "The account cannot pay out this currency.",
    "merchant_funds_insufficient": "Your disbursement float at {network} did not hold the amount.",
    "provider_error": "{network} failed to carry it out.",
    "unspecified": "{network} ended it without a reason.",
}
_IN_ADVICE: dict[str, str] = {
    "payer_not_found": "Check the number with the payer, or ask for one that has a wallet. Then send a new payment.",
    "payer_barred": "Ask the payer to have {network} unblock the wallet, or to pay from another number.",
    "insufficient_funds": "Ask the payer to top up the wallet, then send a new payment.",
    "limit_reached": "Ask the payer to wait until the limit is free again, or to pay in smaller parts.",
    "payer_declined": "Ask the payer whether it was meant. If not, send a new payment.",
    "payer_timeout": "Send a new payment while the payer has the phone in the hand.",
    "wrong_pin": "Ask the payer to try again; after several wrong PINs {network} blocks the wallet.",
    "amount_out_of_range": "Send an amount that {network} allows.",
    "currency_not_supported": "Send it in a currency of your account at {network}.",
    "merchant_funds_insufficient": "Top up your wallet at {network}, then send a new payment.",
    "credentials_rejected": "Have the credentials of your {network} account renewed, then send a new payment.",
    "provider_rejected": "Ask {network} why, with our reference, before you send a new one.",
}
_OUT_ADVICE: dict[str, str] = {
    "payer_not_found": "Check the number with the recipient, or ask for one that has a wallet.",
    "payer_barred": "Ask the recipient to have {network} unblock the wallet, or pay the money another way.",
    "insufficient_funds": "Top up the disbursement float at {network}, then repeat it.",
    "limit_reached": "Ask the recipient which limit was reached: wait until it is free again, or send smaller parts.",
    "payer_declined": "Ask the recipient whether the number is right, then repeat it.",
    "payer_timeout": "Repeat it in a few minutes.",
    "wrong_pin": "Have the credentials of your {network} account checked, then repeat it.",
    "amount_out_of_range": "Send an amount that {network} allows, in several parts if need be.",
    "currency_not_supported": "Send it in a currency of your account at {network}.",
    "merchant_funds_insufficient": (
        "Top up the disbursement float at {network}, then repeat it. "
        "If the float is not empty, the recipient has reached a wallet limit."
    ),
    "credentials_rejected": "Have the disbursement credentials of your {network} account renewed, then repeat it.",
    "provider_rejected": "Ask {network} why, with our reference, before you repeat it.",
}
_SAFE = "Nothing is wrong on your side. Try it again in a few minutes."
_UNSAFE = "Do not repeat it yet: ask {network} with our reference whether anything moved, for it may still change."


def failure_words(payment: Payment) -> FailureWords | None:
    """Of one that failed with a code of the catalogue."""
    failure = FAILURES.get(payment.failure_code)
    if failure is None:
        return None
    is_in = payment.kind == PaymentKind.COLLECTION
    code, name = payment.failure_code, network(payment.provider)
    meaning = failure.meaning if is_in else _OUT_MEANINGS.get(code, failure.meaning)
    fallback = _SAFE if payment.failure_retry_safe else _UNSAFE
    advice = (_IN_ADVICE if is_in else _OUT_ADVICE).get(code, fallback)
    return FailureWords(
        title=failure.title,
        meaning=meaning.format(network=name),
        advice=advice.format(network=name),
        who=_who(code, failure.who_acts, is_in=is_in),
    )


def _who(code: str, who: str, *, is_in: bool) -> str:
    if who != "payer" or is_in:
        return who
    return "merchant" if code in {"insufficient_funds", "wrong_pin"} else "recipient"

"""What Airtel's code words mean in the answer to a send (PROVIDERS.md 2.10), per operation.

A word that is missing here says nothing that we could rely on. The generic ...005 words are read in `wire`: what they
mean depends on what stands beside them.
"""

from collections.abc import Mapping
from typing import Any

from providers.base import Operation, Outcome
from providers.verdicts import UNTRUSTED, failed, pending, refused, unknown

Words = Mapping[str, Outcome]


def misconfigured(what: str, code: str = "provider_rejected") -> Outcome:
    return refused(code, f"Airtel refused the merchant's set-up: {what}.", alarm=True)


def _ambiguous(**flags: Any) -> Outcome:
    return unknown("Airtel cannot say whether this was carried out.", **flags)


_PIN = "Airtel did not take the PIN of the merchant's wallet. Another wrong one may block the wallet."
_DECLINED = failed("payer_declined", "The payer declined.")
_TOO_LITTLE = failed("insufficient_funds", "The payer's balance is too low.")
_BARRED = failed("payer_barred", "The payer's wallet is barred, closed or not registered.")
_SIGNATURE = misconfigured("it found the signature of the message wrong", "credentials_rejected")
_TWICE = pending("Airtel had accepted this reference before.")
_NOT_THERE = unknown("Airtel does not know the transaction (yet).")

# Of the router, and of the older platform. ESB000010 (success) and ESB000011 (failed) are only informational.
_COMMON: Words = {
    "ROUTER001": misconfigured("the application has no wallet"),
    "ROUTER003": misconfigured("a mandatory header or field is missing"),
    "ROUTER005": misconfigured("the country has no route"),
    "ROUTER006": misconfigured("the country is invalid"),
    "ROUTER007": misconfigured("the application may not work in this country"),
    "ROUTER112": misconfigured("the currency is invalid", "currency_not_supported"),
    "ROUTER119": misconfigured("the currency is missing", "currency_not_supported"),
    "ROUTER114": refused("credentials_rejected", _PIN, alarm=True),
    "ROUTER115": refused("credentials_rejected", _PIN, alarm=True),
    "ROUTER116": refused("credentials_rejected", _PIN, alarm=True),
    "ROUTER117": unknown("Airtel ran out of time; it may have carried this out.", trouble=True),
    **dict.fromkeys(("ESB000001", "ESB000004", "ESB000008", "ESB000014", "0000900"), _ambiguous()),
    "ESB000033": misconfigured("the phone number has another length than it expects"),
    "ESB000036": misconfigured("the phone number has another form than it expects"),
    "ESB000034": misconfigured("the country is not configured"),
    "ESB000035": misconfigured("the currency is not configured", "currency_not_supported"),
    "ESB000039": misconfigured("the vendor is not configured"),
    "ESB000041": _TWICE,
    "ESB000045": _NOT_THERE,
}

COLLECT: Words = {
    **_COMMON,
    "DP00800001000": _ambiguous(),
    "DP00800001001": pending("Airtel reports success; the enquiry must confirm it."),
    "DP00800001002": failed("wrong_pin", "The payer entered a wrong PIN."),
    "DP00800001003": failed("limit_reached", "The payer has reached a wallet limit."),
    "DP00800001004": failed("amount_out_of_range", "The amount is below what Airtel takes."),
    "DP00800001006": pending("Airtel accepted the request; the payer must approve."),
    "DP00800001007": _TOO_LITTLE,
    "DP00800001008": _DECLINED,
    "DP00800001009": failed("provider_rejected", "Airtel did not honour the payment."),
    "DP00800001010": _BARRED,
    "DP00800001013": _DECLINED,
    "DP00800001024": unknown("It timed out at Airtel; only an enquiry tells how it ended."),
    "DP00800001025": _NOT_THERE,
    "DP00800001026": _SIGNATURE,
    "DP00800001029": failed("payer_timeout", "The payer did not answer in time."),
    "DP008001013": _DECLINED,
    "DP008001016": _BARRED,
    "DP008001021": _TOO_LITTLE,
    "DP008001023": _ambiguous(),
}

TRANSFER: Words = {
    **_COMMON,
    "DP00900001000": _ambiguous(),
    "DP00900001001": pending("Airtel reports success; the enquiry must confirm it."),
    "DP00900001003": failed("limit_reached", "A wallet has reached its daily limit."),
    "DP00900001004": failed("amount_out_of_range", "The amount is outside of what Airtel takes."),
    "DP00900001006": pending("Airtel is carrying this out."),
    "DP00900001007": failed("merchant_funds_insufficient", "The merchant's Airtel balance is too low.", alarm=True),
    "DP00900001009": failed("payer_not_found", "Airtel found the recipient invalid."),
    "DP00900001010": failed("payer_barred", "The recipient's wallet may not receive money."),
    "DP00900001011": _TWICE,
    "DP00900001012": failed("payer_not_found", "This number has no Airtel wallet."),
    "DP00900001013": failed("provider_rejected", "Airtel refused the payout."),
    "DP00900001014": unknown("It timed out at Airtel; only an enquiry tells how it ended."),
    "DP00900001015": _NOT_THERE,
    "DP00900001016": _SIGNATURE,
    "DP00900001017": _TWICE,
    "DP00900001018": _SIGNATURE,
    "DP00900001019": failed("provider_rejected", "The merchant's Airtel wallet is barred.", alarm=True),
}

# A refund carries no reference of ours: that one "exists already" or is "not there" tells nothing about it.
REFUND: Words = {word: outcome for word, outcome in _COMMON.items() if word not in {"ESB000041", "ESB000045"}}

SENDING: Mapping[Operation, Words] = {
    Operation.COLLECT: COLLECT,
    Operation.TRANSFER: TRANSFER,
    Operation.REFUND: REFUND,
}

# Why a transaction that an enquiry calls failed did fail, where the same word in another place proves nothing.
REASONS: Mapping[Operation, Words] = {
    Operation.COLLECT: {
        "DP00800001005": failed("payer_declined", "The payer did not approve: no PIN was entered."),
        "DP00800001024": failed("payer_timeout", "The payer did not answer in time."),
    },
    Operation.TRANSFER: {
        "DP00900001005": failed("provider_rejected", "Airtel failed or refused the payout."),
        "DP00900001014": failed("provider_error", "Airtel did not carry this out in time."),
    },
    Operation.REFUND: {},
}
OTHER_REASON = failed("unspecified", "Airtel failed the transaction without a reason that we know.", **UNTRUSTED)
EXPIRED = failed("payer_timeout", "It expired at Airtel: the payer did not act in time.", **UNTRUSTED)
EXPIRED_PAYOUT = failed("provider_error", "It expired at Airtel before it was carried out.", **UNTRUSTED)

# The PIN or the signature could not be read: Airtel may have a new key.
KEY_REFUSALS = frozenset({"ROUTER116", "DP00800001026", "DP00900001016", "DP00900001018"})

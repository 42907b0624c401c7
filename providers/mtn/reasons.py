"""What MTN's status words and `reason` codes mean, for money in, money out and money back (PROVIDERS.md 1.8).

The same word can be about two people: on a payout the payer is the merchant, and the payee is whom it pays.
"""

from collections.abc import Mapping
from typing import Any

from providers.base import Kind, Operation, Outcome
from providers.verdicts import UNTRUSTED, failed, pending, unknown

Words = Mapping[str, Outcome]


def misconfigured(what: str, code: str = "provider_rejected", **flags: Any) -> Outcome:
    return failed(code, f"MTN refused the merchant's set-up: {what}.", alarm=True, **flags)


# The same whichever way the money goes.
_SHARED: Words = {
    "TRANSACTION_CANCELED": failed("provider_rejected", "The transaction was canceled at MTN."),
    # Catch-alls of MTN. Most often too little money, sometimes a wallet platform that could not be reached.
    "INTERNAL_PROCESSING_ERROR": failed("provider_error", "MTN could not carry this out.", **UNTRUSTED),
    "SERVICE_UNAVAILABLE": failed("provider_error", "MTN's wallet service was unavailable.", **UNTRUSTED),
    "NOT_ALLOWED": misconfigured("the account is blocked or lacks this permission"),
    "NOT_ALLOWED_TARGET_ENVIRONMENT": misconfigured("the target environment is not allowed"),
    "INVALID_CALLBACK_URL_HOST": misconfigured("the callback host is not the registered one"),
    "INVALID_CURRENCY": misconfigured("the currency is not allowed", code="currency_not_supported"),
    "VALIDATION_ERROR": misconfigured("the request was found invalid"),
    "TRANSFER_TYPE_UNKNOWN": misconfigured("the transfer type is unknown"),
    "TRANSFERTYPE_UNKNOWN": misconfigured("the transfer type is unknown"),
    "INFORMATIONAL_SCOPE_INSTRUCTION": misconfigured("the consent scope is not right"),
    "MISSING_SCOPE_INSTRUCTION": misconfigured("the consent scope is missing"),
    "MORE_THAN_ONE_FINANCIAL_SCOPE_NOT_SUPPORTED": misconfigured("more than one financial scope"),
    "UNSUPPORTED_SCOPE_COMBINATION": misconfigured("the combination of scopes is not supported"),
    "CONSENT_MISMATCH": misconfigured("the consent does not match"),
    "UNSUPPORTED_SCOPE": misconfigured("the consent scope is not supported"),
    # FAILED, but about the question rather than the money.
    "RESOURCE_NOT_FOUND": unknown("MTN cannot find what the transaction refers to."),
    "TRANSACTION_NOT_FOUND": unknown("MTN cannot find what the transaction refers to."),
    "NOT_FOUND": unknown("MTN cannot find what the transaction refers to."),
    "TRANSACTION_NOT_COMPLETED": pending("MTN has not completed the transaction."),
    "RESOURCE_ALREADY_EXIST": pending("MTN had accepted this reference before."),
}

# The `reason` of a collection whose status is FAILED.
REASONS: Words = {
    **_SHARED,
    "PAYER_NOT_FOUND": failed("payer_not_found", "This number has no MTN wallet."),
    "NOT_ENOUGH_FUNDS": failed("insufficient_funds", "The payer's balance is too low."),
    "PAYER_LIMIT_REACHED": failed("limit_reached", "The payer has reached a wallet limit."),
    "PAYEE_LIMIT_REACHED": failed("limit_reached", "The merchant's wallet has reached a limit.", alarm=True),
    "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED": failed(
        "insufficient_funds", "The balance is too low, or a wallet limit was reached."
    ),
    "SENDER_ACCOUNT_NOT_ACTIVE": failed("payer_barred", "The payer's wallet is blocked or was never activated."),
    "APPROVAL_REJECTED": failed("payer_declined", "The payer declined."),
    "PAYMENT_NOT_APPROVED": failed("payer_declined", "The payer did not approve."),
    "EXPIRED": failed("payer_timeout", "The payer did not answer in time."),
    # The PIN may have been on its way when the prompt ended.
    "COULD_NOT_PERFORM_TRANSACTION": failed(
        "payer_timeout", "The payer did not enter the PIN in time.", low_trust=True
    ),
    "PAYEE_NOT_FOUND": misconfigured("the merchant's wallet is not known"),
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": misconfigured("the merchant's wallet may not receive money"),
}

# The same for money that leaves the merchant's disbursement wallet.
TRANSFER_REASONS: Words = {
    **_SHARED,
    "PAYEE_NOT_FOUND": failed("payer_not_found", "This number has no MTN wallet."),
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": failed("payer_barred", "The recipient's wallet may not receive money."),
    "PAYEE_LIMIT_REACHED": failed("limit_reached", "The recipient's wallet has reached a limit."),
    # MTN's own table uses this word for a recipient's limit as well.
    "NOT_ENOUGH_FUNDS": failed(
        "merchant_funds_insufficient",
        "The merchant's disbursement balance is too low, or the recipient has reached a wallet limit.",
        alarm=True,
    ),
    "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED": failed(
        "merchant_funds_insufficient",
        "The merchant's disbursement balance is too low, or a wallet limit was reached.",
        alarm=True,
    ),
    "PAYER_LIMIT_REACHED": failed("limit_reached", "The merchant's wallet has reached a limit.", alarm=True),
    "PAYER_NOT_FOUND": misconfigured("the merchant's wallet is not known"),
    "SENDER_ACCOUNT_NOT_ACTIVE": misconfigured("the merchant's wallet is blocked or not active"),
    "APPROVAL_REJECTED": failed("provider_rejected", "MTN rejected it."),
    "PAYMENT_NOT_APPROVED": failed("provider_rejected", "MTN did not approve it."),
    # Nobody types a PIN here, so it is MTN's own machinery that ran out of time.
    "EXPIRED": failed("provider_error", "MTN did not carry this out in time.", **UNTRUSTED),
    "COULD_NOT_PERFORM_TRANSACTION": failed("provider_error", "MTN could not carry this out in time.", **UNTRUSTED),
}

_ORIGINAL_NOT_FOUND = unknown("MTN cannot find the collection that is to be paid back.", alarm=True)

REFUND_REASONS: Words = {
    **TRANSFER_REASONS,
    "RESOURCE_NOT_FOUND": _ORIGINAL_NOT_FOUND,
    "TRANSACTION_NOT_FOUND": _ORIGINAL_NOT_FOUND,
    "NOT_FOUND": _ORIGINAL_NOT_FOUND,
}

REASONS_OF: Mapping[Operation, Words] = {
    Operation.COLLECT: REASONS,
    Operation.TRANSFER: TRANSFER_REASONS,
    Operation.REFUND: REFUND_REASONS,
}
OTHER_REASON = failed("unspecified", "MTN failed the transaction without a reason that we know.", **UNTRUSTED)

_CARRYING_OUT = pending("MTN is carrying this out.")
STATUSES_OF: Mapping[Operation, Words] = {
    Operation.COLLECT: {
        "SUCCESSFUL": Outcome(Kind.SUCCEEDED, message="The payer approved."),
        "PENDING": pending("Waiting for the payer."),
        "CREATED": pending("Waiting for the payer."),
    },
    Operation.TRANSFER: {
        "SUCCESSFUL": Outcome(Kind.SUCCEEDED, message="The recipient has the money."),
        "PENDING": _CARRYING_OUT,
        "CREATED": _CARRYING_OUT,
    },
    Operation.REFUND: {
        "SUCCESSFUL": Outcome(Kind.SUCCEEDED, message="The payer has the money back."),
        "PENDING": _CARRYING_OUT,
        "CREATED": _CARRYING_OUT,
    },
}
OTHER_STATUS = pending("MTN gave a status that we do not know.", alarm=True)

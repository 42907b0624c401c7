"""What MTN's answers mean: one table per operation, read strictly (PROVIDERS.md 1.7 and 1.8).

The rule behind every row: only MTN's own explicit word may end a payment. FAILED needs a refusal documented
as final; REFUSED needs one documented as never accepted. Whatever is missing here is UNKNOWN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers.base import CallbackClaim, HolderStatus, Kind, Outcome
from providers.http import Answer
from providers.mtn.parsing import amount_of, code_of, key_of, parse_object, pause_of, reason_of, word_of

ANY = "*"
PAUSE_SECONDS = 2.0  # before the same request is sent again, where the provider named no time

REQUIRED_CREDENTIALS: tuple[str, ...] = ("subscription_key", "api_user", "api_key", "target_environment")

Rows = Mapping[tuple[int, str], Outcome]


def _failed(code: str, message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.FAILED, code=code, message=message, **{"retry_safe": True, **flags})


def _refused(code: str, message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.REFUSED, code=code, message=message, **{"retry_safe": True, **flags})


def _not_now(message: str, **flags: Any) -> Outcome:
    """Never accepted: the same request, with the same reference, may be sent again after a pause."""
    return _refused("provider_error", message, **{"retry_after_seconds": PAUSE_SECONDS, **flags})


def _pending(message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.PENDING, message=message, **flags)


def _unknown(message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.UNKNOWN, message=message, **flags)


def _misconfigured(what: str, code: str = "provider_rejected", **flags: Any) -> Outcome:
    return _failed(code, f"MTN refused the merchant's set-up: {what}.", alarm=True, **flags)


_UNTRUSTED = {"low_trust": True, "retry_safe": False}

# The `reason` of a transaction whose status is FAILED.
REASONS: Mapping[str, Outcome] = {
    "PAYER_NOT_FOUND": _failed("payer_not_found", "This number has no MTN wallet."),
    "NOT_ENOUGH_FUNDS": _failed("insufficient_funds", "The payer's balance is too low."),
    "PAYER_LIMIT_REACHED": _failed("limit_reached", "The payer has reached a wallet limit."),
    "PAYEE_LIMIT_REACHED": _failed("limit_reached", "The merchant's wallet has reached a limit.", alarm=True),
    "LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED": _failed(
        "insufficient_funds", "The balance is too low, or a wallet limit was reached."
    ),
    "SENDER_ACCOUNT_NOT_ACTIVE": _failed("payer_barred", "The payer's wallet is blocked or was never activated."),
    "APPROVAL_REJECTED": _failed("payer_declined", "The payer declined."),
    "PAYMENT_NOT_APPROVED": _failed("payer_declined", "The payer did not approve."),
    "TRANSACTION_CANCELED": _failed("provider_rejected", "The transaction was canceled at MTN."),
    "EXPIRED": _failed("payer_timeout", "The payer did not answer in time."),
    # The PIN may have been on its way when the prompt ended: MTN's word stands, and is asked for once more.
    "COULD_NOT_PERFORM_TRANSACTION": _failed(
        "payer_timeout", "The payer did not enter the PIN in time.", low_trust=True
    ),
    # Catch-alls of MTN. Most often too little money, sometimes a wallet platform that could not be reached.
    "INTERNAL_PROCESSING_ERROR": _failed("provider_error", "MTN could not carry this out.", **_UNTRUSTED),
    "SERVICE_UNAVAILABLE": _failed("provider_error", "MTN's wallet service was unavailable.", **_UNTRUSTED),
    "PAYEE_NOT_FOUND": _misconfigured("the merchant's wallet is not known"),
    "PAYEE_NOT_ALLOWED_TO_RECEIVE": _misconfigured("the merchant's wallet may not receive money"),
    "NOT_ALLOWED": _misconfigured("the account is blocked or lacks this permission"),
    "NOT_ALLOWED_TARGET_ENVIRONMENT": _misconfigured("the target environment is not allowed"),
    "INVALID_CALLBACK_URL_HOST": _misconfigured("the callback host is not the registered one"),
    "INVALID_CURRENCY": _misconfigured("the currency is not allowed", code="currency_not_supported"),
    "VALIDATION_ERROR": _misconfigured("the request was found invalid"),
    "TRANSFER_TYPE_UNKNOWN": _misconfigured("the transfer type is unknown"),
    "TRANSFERTYPE_UNKNOWN": _misconfigured("the transfer type is unknown"),
    "INFORMATIONAL_SCOPE_INSTRUCTION": _misconfigured("the consent scope is not right"),
    "MISSING_SCOPE_INSTRUCTION": _misconfigured("the consent scope is missing"),
    "MORE_THAN_ONE_FINANCIAL_SCOPE_NOT_SUPPORTED": _misconfigured("more than one financial scope"),
    "UNSUPPORTED_SCOPE_COMBINATION": _misconfigured("the combination of scopes is not supported"),
    "CONSENT_MISMATCH": _misconfigured("the consent does not match"),
    "UNSUPPORTED_SCOPE": _misconfigured("the consent scope is not supported"),
    # FAILED, but about the question rather than the money.
    "RESOURCE_NOT_FOUND": _unknown("MTN cannot find what the transaction refers to."),
    "TRANSACTION_NOT_FOUND": _unknown("MTN cannot find what the transaction refers to."),
    "NOT_FOUND": _unknown("MTN cannot find what the transaction refers to."),
    "TRANSACTION_NOT_COMPLETED": _pending("MTN has not completed the transaction."),
    "RESOURCE_ALREADY_EXIST": _pending("MTN had accepted this reference before."),
}
OTHER_REASON = _failed("unspecified", "MTN failed the transaction without a reason that we know.", **_UNTRUSTED)

STATUSES: Mapping[str, Outcome] = {
    "SUCCESSFUL": Outcome(Kind.SUCCEEDED, message="The payer approved."),
    "PENDING": _pending("Waiting for the payer."),
    "CREATED": _pending("Waiting for the payer."),
}
OTHER_STATUS = _pending("MTN gave a status that we do not know.", alarm=True)

# HTTP 500 is also how MTN says these two kinds of things; any other 500 is a server that broke half-way.
SET_UP_REFUSALS = (
    "NOT_ALLOWED_TARGET_ENVIRONMENT",
    "INVALID_CALLBACK_URL_HOST",
    "INVALID_CURRENCY",
    "NOT_ALLOWED",
)
BUSINESS_REFUSALS = (
    "PAYER_NOT_FOUND",
    "PAYEE_NOT_FOUND",
    "PAYEE_NOT_ALLOWED_TO_RECEIVE",
    "NOT_ENOUGH_FUNDS",
    "PAYER_LIMIT_REACHED",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How one operation reads whatever came back. `rows` are tried by (status, code), then (status, ANY)."""

    rows: Rows
    otherwise: Outcome
    nothing_sent: Outcome
    cut_off: Outcome  # sent, but no complete answer


COLLECT = Reading(
    rows={
        (202, ANY): _pending("MTN accepted the request; the payer must approve."),
        # Not a failure: this very reference was accepted earlier.
        (409, ANY): _pending("MTN had accepted this reference before."),
        (400, ANY): _refused("provider_rejected", "MTN found the request invalid.", alarm=True),
        (401, ANY): _refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
        (403, ANY): _refused("provider_rejected", "MTN's gateway forbade the request.", alarm=True),
        (404, ANY): _unknown("The address of the request was not found.", alarm=True),
        (429, ANY): _not_now("MTN asks us to slow down."),
        # To be repeated under the same reference only: had MTN taken it after all, it will answer 409.
        (503, "SERVICE_UNAVAILABLE"): _not_now("MTN is temporarily unavailable.", **_UNTRUSTED),
        **{(500, word): replace(REASONS[word], kind=Kind.REFUSED) for word in SET_UP_REFUSALS},
        **{(500, word): REASONS[word] for word in BUSINESS_REFUSALS},
    },
    otherwise=_unknown("MTN's answer does not say whether the request was accepted."),
    nothing_sent=_not_now("MTN could not be reached; nothing was sent."),
    cut_off=_unknown("The connection failed after the request was sent; MTN may have it."),
)

# A lookup that fails says nothing about the payment, so no row here can end one. NOT_FOUND takes MTN's own
# word for it: the 404 of a gateway in front of it only means that we asked at the wrong door.
LOOKUP = Reading(
    rows={
        (404, "RESOURCE_NOT_FOUND"): Outcome(Kind.NOT_FOUND, message="MTN does not know this reference."),
        (404, ANY): _unknown("The address of the lookup was not found.", alarm=True),
        (400, ANY): _unknown("MTN found the lookup invalid.", alarm=True),
        (401, ANY): _unknown("MTN rejected the merchant's credentials.", alarm=True),
        (403, ANY): _unknown("MTN's gateway forbade the lookup.", alarm=True),
        (429, ANY): _unknown("MTN asks us to slow down.", retry_after_seconds=PAUSE_SECONDS),
        (503, ANY): _unknown("MTN is temporarily unavailable.", retry_after_seconds=PAUSE_SECONDS),
        **{(500, word): _unknown(REASONS[word].message, alarm=True) for word in SET_UP_REFUSALS},
    },
    otherwise=_unknown("MTN's answer to the lookup says nothing."),
    nothing_sent=_unknown("MTN could not be reached."),
    cut_off=_unknown("MTN did not answer the lookup completely."),
)

# The payment itself was not sent yet, so every failure to get a token is a refusal of the whole operation.
TOKEN = Reading(
    rows={
        (400, ANY): _refused("provider_rejected", "MTN found the sign-in invalid.", alarm=True),
        (401, ANY): _refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
        (403, ANY): _refused("provider_rejected", "MTN's gateway forbade the sign-in.", alarm=True),
        (404, ANY): _refused("provider_rejected", "MTN's sign-in address was not found.", alarm=True),
        (500, "login_failed"): _refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
    },
    otherwise=_not_now("MTN did not sign us in; nothing was sent."),
    nothing_sent=_not_now("MTN could not be reached; nothing was sent."),
    cut_off=_not_now("MTN did not answer the sign-in; nothing was sent."),
)


def read(reading: Reading, answer: Answer) -> Outcome:
    """What an answer means for this operation, by its table."""
    if answer.error or answer.status is None:
        outcome = reading.cut_off if answer.sent else reading.nothing_sent
        return replace(outcome, provider_code="")
    word = code_of(parse_object(answer.body))
    row = reading.rows.get((answer.status, word)) or reading.rows.get((answer.status, ANY), reading.otherwise)
    return replace(
        row,
        provider_code=word or f"HTTP {answer.status}",
        retry_after_seconds=pause_of(answer.headers.get("retry-after", ""), row.retry_after_seconds),
    )


def read_lookup(answer: Answer) -> Outcome:
    if answer.error or answer.status != 200:
        return read(LOOKUP, answer)
    transaction = parse_object(answer.body)
    return read_transaction(transaction) if word_of(transaction.get("status")) else LOOKUP.otherwise


def read_transaction(transaction: Mapping[str, Any]) -> Outcome:
    """The body of a status answer, and of a callback."""
    status = word_of(transaction.get("status"))
    outcome, word = STATUSES.get(key_of(status), OTHER_STATUS), status
    if key_of(status) == "FAILED":
        word = reason_of(transaction.get("reason"))
        outcome = REASONS.get(key_of(word), OTHER_REASON)
    payer = transaction.get("payer")
    return replace(
        outcome,
        provider_code=word,
        provider_reference=word_of(transaction.get("financialTransactionId")),
        amount=amount_of(transaction.get("amount")),
        currency=word_of(transaction.get("currency")),
        phone=word_of(payer.get("partyId")) if isinstance(payer, dict) else "",
    )


def unasked(refusal: Outcome) -> Outcome:
    """A lookup that could not even be sent: no news about the payment, whatever the trouble was."""
    return replace(refusal, kind=Kind.UNKNOWN, code="", retry_safe=False)


TOO_LATE = Outcome(
    Kind.REFUSED,
    code="provider_error",
    message="It was not sent: too much time had passed since it was meant to be.",
    retry_safe=True,
    retry_after_seconds=0.0,
)


def missing_credentials(names: list[str]) -> Outcome:
    message = f"The MTN account lacks {', '.join(names)}; nothing was sent."
    return _refused("credentials_rejected", message, alarm=True)


def read_holder(answer: Answer) -> HolderStatus:
    if answer.error or answer.status is None:
        return HolderStatus.UNKNOWN
    found = parse_object(answer.body)
    if answer.status == 200 and isinstance(found.get("result"), bool):
        return HolderStatus.ACTIVE if found["result"] else HolderStatus.INACTIVE
    known = {(404, "RESOURCE_NOT_FOUND"), (500, "PAYER_NOT_FOUND")}
    return HolderStatus.NOT_FOUND if (answer.status, code_of(found)) in known else HolderStatus.UNKNOWN


def read_callback(body: bytes) -> CallbackClaim:
    transaction = parse_object(body)
    if not word_of(transaction.get("status")):
        raise ValueError("not an MTN callback: it has no status")
    claim = read_transaction(transaction)
    return CallbackClaim(
        kind=claim.kind,
        provider_code=claim.provider_code,
        external_id=word_of(transaction.get("externalId")),
        amount=claim.amount,
        currency=claim.currency,
        phone=claim.phone,
        provider_reference=claim.provider_reference,
    )

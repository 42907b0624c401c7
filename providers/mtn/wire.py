"""What MTN's answers mean: one table per operation, read strictly (PROVIDERS.md 1.7).

The rule behind every row: only MTN's own explicit word may end a payment. FAILED needs a refusal documented
as final; REFUSED needs one documented as never accepted. Whatever is missing here is UNKNOWN.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from providers.base import Balance, CallbackClaim, HolderStatus, Kind, Operation, Outcome
from providers.http import Answer
from providers.mtn.parsing import code_of, reason_of
from providers.mtn.reasons import OTHER_REASON, OTHER_STATUS, REASONS, REASONS_OF, STATUSES_OF
from providers.parsing import amount_of, key_of, parse_object, pause_of, word_of
from providers.verdicts import PAUSE_SECONDS, UNTRUSTED, not_now, pending, refused, unknown

ANY = "*"

Rows = Mapping[tuple[int, str], Outcome]

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
REFUSALS_AS_500 = frozenset({*SET_UP_REFUSALS, *BUSINESS_REFUSALS, "login_failed"})


@dataclass(frozen=True, slots=True)
class Reading:
    """How one operation reads whatever came back. `rows` are tried by (status, code), then (status, ANY)."""

    rows: Rows
    otherwise: Outcome
    nothing_sent: Outcome
    cut_off: Outcome  # sent, but no complete answer


def _sending(operation: Operation, accepted: str) -> Reading:
    reasons = REASONS_OF[operation]
    return Reading(
        rows={
            (202, ANY): pending(accepted),
            # Not a failure: this very reference was accepted earlier.
            (409, ANY): pending("MTN had accepted this reference before."),
            (400, ANY): refused("provider_rejected", "MTN found the request invalid.", alarm=True),
            (401, ANY): refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
            (403, ANY): refused("provider_rejected", "MTN's gateway forbade the request.", alarm=True),
            # Nowhere is a 404 documented as "never accepted", not even where a refund's original is unknown.
            (404, ANY): unknown("The address of the request was not found.", alarm=True),
            (429, ANY): not_now("MTN asks us to slow down."),
            # To be repeated under the same reference only: had MTN taken it after all, it will answer 409.
            (503, "SERVICE_UNAVAILABLE"): not_now("MTN is temporarily unavailable.", **UNTRUSTED),
            **{(500, word): replace(reasons[word], kind=Kind.REFUSED) for word in SET_UP_REFUSALS},
            **{(500, word): reasons[word] for word in BUSINESS_REFUSALS},
        },
        otherwise=unknown("MTN's answer does not say whether the request was accepted."),
        nothing_sent=not_now("MTN could not be reached; nothing was sent."),
        cut_off=unknown("The connection failed after the request was sent; MTN may have it."),
    )


COLLECT = _sending(Operation.COLLECT, "MTN accepted the request; the payer must approve.")
TRANSFER = _sending(Operation.TRANSFER, "MTN accepted the payout.")
_REFUND = _sending(Operation.REFUND, "MTN accepted the refund.")
REFUND = replace(
    _REFUND,
    rows={
        **_REFUND.rows,
        (404, "RESOURCE_NOT_FOUND"): unknown(
            "MTN does not know the collection that is to be paid back, or the address.", alarm=True
        ),
    },
)
SENDING: Mapping[Operation, Reading] = {
    Operation.COLLECT: COLLECT,
    Operation.TRANSFER: TRANSFER,
    Operation.REFUND: REFUND,
}

# A lookup that fails says nothing about the payment, so no row here can end one. NOT_FOUND takes MTN's own
# word for it: the 404 of a gateway in front of it only means that we asked at the wrong door.
LOOKUP = Reading(
    rows={
        (404, "RESOURCE_NOT_FOUND"): Outcome(Kind.NOT_FOUND, message="MTN does not know this reference."),
        (404, ANY): unknown("The address of the lookup was not found.", alarm=True),
        (400, ANY): unknown("MTN found the lookup invalid.", alarm=True),
        (401, ANY): unknown("MTN rejected the merchant's credentials.", alarm=True),
        (403, ANY): unknown("MTN's gateway forbade the lookup.", alarm=True),
        (429, ANY): unknown("MTN asks us to slow down.", retry_after_seconds=PAUSE_SECONDS),
        (503, ANY): unknown("MTN is temporarily unavailable.", retry_after_seconds=PAUSE_SECONDS),
        **{(500, word): unknown(REASONS[word].message, alarm=True) for word in SET_UP_REFUSALS},
    },
    otherwise=unknown("MTN's answer to the lookup says nothing."),
    nothing_sent=unknown("MTN could not be reached."),
    cut_off=unknown("MTN did not answer the lookup completely."),
)

# The payment itself was not sent yet, so every failure to get a token is a refusal of the whole operation.
TOKEN = Reading(
    rows={
        (400, ANY): refused("provider_rejected", "MTN found the sign-in invalid.", alarm=True),
        (401, ANY): refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
        (403, ANY): refused("provider_rejected", "MTN's gateway forbade the sign-in.", alarm=True),
        (404, ANY): refused("provider_rejected", "MTN's sign-in address was not found.", alarm=True),
        (500, "login_failed"): refused("credentials_rejected", "MTN rejected the merchant's credentials.", alarm=True),
    },
    otherwise=not_now("MTN did not sign us in; nothing was sent."),
    nothing_sent=not_now("MTN could not be reached; nothing was sent."),
    cut_off=not_now("MTN did not answer the sign-in; nothing was sent.", trouble=True),
)


def read(reading: Reading, answer: Answer) -> Outcome:
    """What an answer means for this operation, by its table."""
    if answer.error or answer.status is None:
        outcome = reading.cut_off if answer.sent else reading.nothing_sent
        return replace(outcome, provider_code="", trouble=True)
    word = code_of(parse_object(answer.body))
    row = reading.rows.get((answer.status, word)) or reading.rows.get((answer.status, ANY), reading.otherwise)
    return replace(
        row,
        provider_code=word or f"HTTP {answer.status}",
        retry_after_seconds=pause_of(answer.headers.get("retry-after", ""), row.retry_after_seconds),
        trouble=_is_trouble(answer.status, word, answer.headers, understood=row is not reading.otherwise),
    )


def _is_trouble(status: int, word: str, headers: Mapping[str, str], *, understood: bool) -> bool:
    """Whether the provider, or what stands before it, did not do its job. Saying no is doing it."""
    if status >= 500:
        return not (status == 500 and word in REFUSALS_AS_500)
    if status == 429 or (understood and status in {202, 409}):
        return False
    is_page = headers.get("content-type", "").lower().startswith("text/html")
    return is_page or (status < 400 and not understood)


def read_lookup(answer: Answer, operation: Operation = Operation.COLLECT) -> Outcome:
    if answer.error or answer.status != 200:
        return read(LOOKUP, answer)
    transaction = parse_object(answer.body)
    if not word_of(transaction.get("status")):
        return replace(LOOKUP.otherwise, trouble=True)
    return read_transaction(transaction, operation)


def read_transaction(transaction: Mapping[str, Any], operation: Operation = Operation.COLLECT) -> Outcome:
    """The body of a status answer, and of a callback. What it leaves out is "" or None."""
    status = word_of(transaction.get("status"))
    outcome, word = STATUSES_OF[operation].get(key_of(status), OTHER_STATUS), status
    if key_of(status) == "FAILED":
        word = reason_of(transaction.get("reason"))
        outcome = REASONS_OF[operation].get(key_of(word), OTHER_REASON)
    return replace(
        outcome,
        provider_code=word,
        provider_reference=word_of(transaction.get("financialTransactionId")),
        amount=amount_of(transaction.get("amount")),
        currency=word_of(transaction.get("currency")),
        phone=_party(transaction, "payer" if operation is Operation.COLLECT else "payee"),
    )


def _party(transaction: Mapping[str, Any], name: str) -> str:
    party = transaction.get(name)
    return word_of(party.get("partyId")) if isinstance(party, dict) else ""


def unasked(refusal: Outcome) -> Outcome:
    """A lookup that could not even be sent: no news about the payment, whatever the trouble was."""
    return replace(refusal, kind=Kind.UNKNOWN, code="", retry_safe=False)


def missing_credentials(names: list[str]) -> Outcome:
    message = f"The MTN account lacks {', '.join(names)}; nothing was sent."
    return refused("credentials_rejected", message, alarm=True)


def read_holder(answer: Answer) -> HolderStatus:
    if answer.error or answer.status is None:
        return HolderStatus.UNKNOWN
    found = parse_object(answer.body)
    if answer.status == 200 and isinstance(found.get("result"), bool):
        return HolderStatus.ACTIVE if found["result"] else HolderStatus.INACTIVE
    known = {(404, "RESOURCE_NOT_FOUND"), (500, "PAYER_NOT_FOUND")}
    return HolderStatus.NOT_FOUND if (answer.status, code_of(found)) in known else HolderStatus.UNKNOWN


def read_balance(answer: Answer) -> Balance | None:
    """None where the account may not ask (`NOT_ALLOWED`), or the answer is not one."""
    found = parse_object(answer.body) if answer.status == 200 and not answer.error else {}
    amount = amount_of(found.get("availableBalance"))
    return None if amount is None else Balance(amount, word_of(found.get("currency")))


def read_report(operation: Operation, body: bytes) -> Outcome | None:
    """Of the body of a status answer; None for the body of a refusal, or of anything else."""
    transaction = parse_object(body)
    return read_transaction(transaction, operation) if word_of(transaction.get("status")) else None


def read_callback(body: bytes) -> CallbackClaim:
    """A callback does not say which operation it is about; that shows in whom it names."""
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
        phone=claim.phone or _party(transaction, "payee"),
        provider_reference=claim.provider_reference,
    )

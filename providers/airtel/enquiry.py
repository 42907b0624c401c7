"""What Airtel's answers to an enquiry mean: `data.transaction.status` decides alone, never the envelope around it."""

from collections.abc import Mapping
from dataclasses import replace

from providers.airtel import codes, gateway
from providers.airtel.gateway import ANY, IP_NOT_ALLOWED, NO_ROUTE, NOT_ENABLED, Reading
from providers.airtel.parsing import Envelope, read_envelope
from providers.airtel.wire import GENERIC_WORDS, reference_of
from providers.base import Kind, Operation, Outcome
from providers.http import Answer
from providers.verdicts import PAUSE_SECONDS, pending, unknown

# An enquiry that fails says nothing about the money, so no row here can end anything.
LOOKUP = Reading(
    rows={
        (401, ANY): unknown("Airtel rejected the merchant's credentials.", alarm=True),
        (403, IP_NOT_ALLOWED): unknown("Airtel does not allow our IP address.", alarm=True),
        (403, NOT_ENABLED): unknown("The application may not use this service.", alarm=True),
        (404, NO_ROUTE): unknown("Airtel's gateway has no such address (now).", alarm=True, trouble=True),
        (429, ANY): unknown("Airtel asks us to slow down.", retry_after_seconds=PAUSE_SECONDS),
        (503, ANY): unknown("Airtel is temporarily unavailable.", retry_after_seconds=PAUSE_SECONDS),
    },
    otherwise=unknown("Airtel's answer to the enquiry says nothing."),
    nothing_sent=unknown("Airtel could not be reached."),
    cut_off=unknown("Airtel did not answer the enquiry completely."),
)

_WAITING = pending("Waiting for the payer.")
_CARRYING_OUT = pending("Airtel is carrying this out.")
_AMBIGUOUS = unknown("Airtel itself cannot say yet how it ended.")

STATES: Mapping[Operation, codes.Words] = {
    Operation.COLLECT: {
        "TS": Outcome(Kind.SUCCEEDED, message="The payer approved."),
        "TE": codes.EXPIRED,
        "TIP": _WAITING,
        "TI": _WAITING,
        "TA": _AMBIGUOUS,
    },
    Operation.TRANSFER: {
        "TS": Outcome(Kind.SUCCEEDED, message="The recipient has the money."),
        "TE": codes.EXPIRED_PAYOUT,
        "TIP": _CARRYING_OUT,
        "TI": _CARRYING_OUT,
        "TA": _AMBIGUOUS,
    },
}
OTHER_STATE = unknown("Airtel gave a status that we do not know.", alarm=True)

NOT_FOUND = Outcome(Kind.NOT_FOUND, message="Airtel does not know this reference.")
NOT_FOUND_WORDS = frozenset({"DP00800001025", "DP00900001015", "ESB000045"})
NOT_FOUND_STATUSES = frozenset({200, 400, 404})

UNMISTAKABLE = 12  # so many characters of a reference are in no other
_OF_ANOTHER = unknown("Airtel answered about another reference than we asked for.", alarm=True)
NO_ENQUIRIES = unknown("Airtel answers no enquiries about refunds.", alarm=True)


def read_lookup(operation: Operation, reference: str, answer: Answer) -> Outcome:
    """The state of an earlier collection or payout. UNKNOWN: nothing was learned."""
    if not gateway.is_complete(answer):
        return gateway.unanswered(LOOKUP, answer)
    if row := gateway.row_of(LOOKUP, answer):
        return gateway.finished(row, answer, word="", understood=True)
    envelope = read_envelope(answer.body)
    if answer.status == 200 and envelope.state:
        return _of_ours(operation, reference, envelope)
    word = next(iter(envelope.words), "")
    outcome = _without_state(operation, envelope, answer) or gateway.otherwise(LOOKUP, answer)
    return gateway.finished(outcome, answer, word=word, understood=bool(word))


def read_transaction(operation: Operation, envelope: Envelope) -> Outcome:
    """Of an envelope that has a state. A failure's reason is all that the words around it are good for."""
    word = envelope.state
    outcome = STATES[operation].get(word, OTHER_STATE)
    if word == "TF":
        word = envelope.response_code or word
        outcome = _reason(operation, envelope)
    return replace(outcome, provider_code=word, provider_reference=reference_of(operation, envelope))


def read_report(operation: Operation, body: bytes) -> Outcome | None:
    """Of the body of an enquiry's answer; None for the body of a refusal, or of anything else."""
    envelope = read_envelope(body)
    return read_transaction(operation, envelope) if envelope.state and operation in STATES else None


def unasked(refusal: Outcome) -> Outcome:
    """An enquiry that could not even be sent: no news about the money, whatever the trouble was."""
    return replace(refusal, kind=Kind.UNKNOWN, code="", retry_safe=False)


def _of_ours(operation: Operation, reference: str, envelope: Envelope) -> Outcome:
    """Payouts are known to come back with their reference cut short, so what was asked must do for them."""
    told, ours = envelope.transaction_id.upper(), reference.upper()
    is_ours = told in {"", ours} or (len(told) >= UNMISTAKABLE and ours.startswith(told))
    if operation is Operation.COLLECT and not is_ours:
        return replace(_OF_ANOTHER, provider_code=envelope.state)
    return read_transaction(operation, envelope)


def _without_state(operation: Operation, envelope: Envelope, answer: Answer) -> Outcome | None:
    if answer.status in NOT_FOUND_STATUSES and _says_not_found(operation, envelope):
        return NOT_FOUND
    refusals = (codes.SENDING[operation].get(word.upper()) for word in envelope.words)
    refusal = next((found for found in refusals if found and found.kind is Kind.REFUSED), None)
    return unknown(refusal.message, alarm=refusal.alarm) if refusal else None


def _says_not_found(operation: Operation, envelope: Envelope) -> bool:
    """In one of the documented forms; beside a state, or behind another word, it contradicts itself."""
    if envelope.state or not envelope.words:
        return False
    if envelope.words[0].upper() in NOT_FOUND_WORDS:
        return True
    is_generic = envelope.response_code.upper() == GENERIC_WORDS[operation] and envelope.code == "400"
    return is_generic and envelope.message == "TRANSACTIONNOTFOUND"


def _reason(operation: Operation, envelope: Envelope) -> Outcome:
    """Why it failed; what would be a refusal in the answer to a send is a failure here."""
    known = {**codes.SENDING[operation], **codes.REASONS[operation]}
    found = (known.get(word.upper()) for word in (envelope.response_code, envelope.result_code))
    ends = (each for each in found if each and each.kind in {Kind.FAILED, Kind.REFUSED})
    return replace(next(ends, codes.OTHER_REASON), kind=Kind.FAILED)

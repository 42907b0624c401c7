"""What Airtel's answers to a send mean, read strictly: whatever is not documented as final is UNKNOWN.

Failures often come with HTTP 200, and envelopes contradict themselves. Where words disagree, the more doubtful one
counts: an enquiry tells later.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from providers.airtel import codes, gateway
from providers.airtel.gateway import ANY, IP_NOT_ALLOWED, NO_ROUTE, NOT_ENABLED, Reading
from providers.airtel.parsing import Envelope, read_envelope
from providers.base import Kind, Operation, Outcome
from providers.http import Answer
from providers.verdicts import UNTRUSTED, failed, not_now, pending, refused, unknown

_DOUBT = {Kind.UNKNOWN: 0, Kind.PENDING: 1, Kind.FAILED: 2, Kind.REFUSED: 2}

# Read by what stands beside them: the same word is in refusals, in failures and in broken-down systems.
GENERIC_WORDS: Mapping[Operation, str] = {
    Operation.COLLECT: "DP00800001005",
    Operation.TRANSFER: "DP00900001005",
    Operation.REFUND: "DP00100001005",
}

_AMBIGUOUS = unknown("Airtel cannot say whether this was carried out.")
_PUSHED = pending("Airtel sent the request to the payer's phone.")
_CARRYING_OUT = pending("Airtel is carrying this out.")

# `data.transaction.status`. Of a collection, SUCCESS only means that the payer was asked.
STATES: Mapping[Operation, codes.Words] = {
    Operation.COLLECT: {"SUCCESS": _PUSHED, "TS": _PUSHED, "TIP": _PUSHED, "TI": _PUSHED, "TA": _AMBIGUOUS},
    Operation.TRANSFER: {
        "TS": Outcome(Kind.SUCCEEDED, message="The recipient has the money."),
        "TIP": _CARRYING_OUT,
        "TI": _CARRYING_OUT,
        "TA": _AMBIGUOUS,
    },
    Operation.REFUND: {
        "SUCCESS": Outcome(Kind.SUCCEEDED, message="The payer has the money back."),
        "FAILED": failed("unspecified", "Airtel failed the refund.", retry_safe=False),
    },
}
# Which words of refusal or failure may stand beside; of themselves, they do not tell a failure from a duplicate.
FAILING_STATES = frozenset({"", "TF", "FAILED"})
# Any other state, or a word that nobody documented, and nothing to go by.
_UNDOCUMENTED = unknown("Airtel's answer does not say whether the request was accepted.")

_ROWS: Mapping[tuple[int, str], Outcome] = {
    (401, ANY): refused("credentials_rejected", "Airtel rejected the merchant's credentials.", alarm=True),
    (403, IP_NOT_ALLOWED): refused("provider_rejected", "Airtel does not allow our IP address.", alarm=True),
    (403, NOT_ENABLED): refused("provider_rejected", "The application may not use this service.", alarm=True),
    # It went no further than the gateway, whose routes are gone, or were never at this address.
    (404, NO_ROUTE): not_now("Airtel's gateway has no such address (now).", alarm=True, trouble=True),
    # Nowhere is it said that what is too much is never carried out: to be repeated under the same reference only.
    (429, ANY): not_now("Airtel asks us to slow down.", **UNTRUSTED),
}

_READING = Reading(
    rows=_ROWS,
    otherwise=_UNDOCUMENTED,
    nothing_sent=not_now("Airtel could not be reached; nothing was sent."),
    cut_off=unknown("The connection failed after the request was sent; Airtel may have it."),
)
READINGS: Mapping[Operation, Reading] = {
    Operation.COLLECT: _READING,
    Operation.TRANSFER: _READING,
    # No reference protects a second one.
    Operation.REFUND: replace(
        _READING, rows={**_ROWS, (429, ANY): unknown("Airtel had too much to do; it may have refunded.", alarm=True)}
    ),
}


def read_send(operation: Operation, answer: Answer) -> Outcome:
    reading = READINGS[operation]
    if not gateway.is_complete(answer):
        return gateway.unanswered(reading, answer)
    if row := gateway.row_of(reading, answer):
        return gateway.finished(row, answer, word="", understood=True)
    envelope = read_envelope(answer.body)
    outcome = _said(operation, envelope, answer.status or 0) or gateway.otherwise(reading, answer)
    word = next(iter(envelope.words), envelope.state)
    return gateway.finished(outcome, answer, word=word, understood=bool(word))


def _said(operation: Operation, envelope: Envelope, status: int) -> Outcome | None:
    """What the body says, where one can rely on it: not when the server broke down, or something redirects."""
    state = STATES[operation].get(envelope.state) or (None if envelope.state in FAILING_STATES else _UNDOCUMENTED)
    if state and state.kind is Kind.SUCCEEDED:
        # Explicit, whatever the envelope adds: official samples say "in process" and "success: false" next to it.
        return replace(state, provider_reference=reference_of(operation, envelope)) if status == 200 else None
    if status != 200 and not gateway.is_objection(status):
        return None
    said = [*_by_words(operation, envelope, has_state=state is not None), *([state] if state else [])]
    return min(said, key=lambda outcome: _DOUBT[outcome.kind], default=None)


def _by_words(operation: Operation, envelope: Envelope, *, has_state: bool) -> Iterator[Outcome]:
    words = codes.SENDING[operation]
    if envelope.response_code.upper() == GENERIC_WORDS[operation]:
        yield _generic(operation, envelope)
    elif envelope.response_code and not has_state:
        yield words.get(envelope.response_code.upper(), _UNDOCUMENTED)
    for word in envelope.words:
        if found := words.get(word.upper()):
            yield found


def _generic(operation: Operation, envelope: Envelope) -> Outcome:
    """Of the ...005 words."""
    if envelope.state == "TF" and operation is not Operation.REFUND:
        return codes.REASONS[operation][GENERIC_WORDS[operation]]
    if envelope.state == "FAILED" and operation is Operation.REFUND:
        return STATES[operation]["FAILED"]
    if envelope.code == "500":
        return unknown("Airtel's system failed; it may have carried this out.", trouble=True)
    return _UNDOCUMENTED if envelope.code != "400" else _refusal(operation, envelope)


def _refusal(operation: Operation, envelope: Envelope) -> Outcome:
    if envelope.message == "TRANSACTIONNOTFOUND":
        if operation is Operation.REFUND:
            message = "Airtel does not know the collection that is to be paid back."
            return refused("provider_rejected", message, alarm=True)
        return codes.SENDING[operation]["ESB000045"]
    if envelope.message == "MSISDNNOTFOUND":
        return refused("payer_not_found", "This number has no Airtel wallet.")
    return refused("provider_rejected", "Airtel found the request invalid.", alarm=True)


def reference_of(operation: Operation, envelope: Envelope) -> str:
    """Airtel's own number. A payout may have only the other one; a collection is refunded by this one alone."""
    return envelope.money_id or (envelope.reference_id if operation is Operation.TRANSFER else "")


TOO_LATE = Outcome(
    Kind.REFUSED,
    code="provider_error",
    message="It was not sent: too much time had passed since it was meant to be.",
    retry_safe=True,
    retry_after_seconds=0.0,
)
UNUSABLE_KEY = refused(
    "credentials_rejected", "Airtel's public key, or the PIN, cannot be used; nothing was sent.", alarm=True
)
NO_ORIGINAL = refused(
    "provider_rejected", "Airtel refunds by its own number of the collection, which is not known; nothing was sent."
)


def missing_credentials(names: list[str]) -> Outcome:
    message = f"The Airtel account lacks {', '.join(names)}; nothing was sent."
    return refused("credentials_rejected", message, alarm=True)

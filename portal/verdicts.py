"""One sentence on where money stands, from recorded facts only: did it move, who acts, what comes next."""

from dataclasses import dataclass
from datetime import UTC, datetime

from payments.decisions import (
    ALIVE_AFTER_FAILED,
    FORGOTTEN,
    HAS_NO_RECORD,
    OTHER_MONEY,
    PAID_AFTER_FAILED,
    SAYS_FAILED,
)
from payments.kinds import PaymentKind
from payments.models import Payment, Resolution
from payments.operations import can_be_asked
from payments.states import Status
from portal.failure_words import failure_words
from portal.words import actor_words, network


@dataclass(frozen=True, slots=True)
class _Speech:
    """What differs between money in, out and back."""

    done: str
    not_done: str
    asked: str  # what the network has been handed it for, and has not said yet
    never_again: str


_SPEECH: dict[PaymentKind, _Speech] = {
    PaymentKind.COLLECTION: _Speech(
        done="Paid.",
        not_done="Not paid.",
        asked="whether the payer approved with a PIN",
        never_again="Do not charge the payer again.",
    ),
    PaymentKind.REFUND: _Speech(
        done="Refunded.",
        not_done="Not refunded.",
        asked="whether the money arrived",
        never_again="Do not pay it back another way.",
    ),
    PaymentKind.PAYOUT: _Speech(
        done="Paid out.",
        not_done="Not paid out.",
        asked="whether the money arrived",
        never_again="Do not pay it out again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known beside the row. alarm: what the open one says; report: asked and reported, as a sentence.

    held: since when it waits and why (portal/held_words.py); settled_by: what two people decided, if it ended so.
    """

    now: datetime
    alarm: str = ""
    report: str = ""
    held: str = ""
    settled_by: Resolution | None = None


def verdict(payment: Payment, known: Situation) -> str:
    """For the top of the page of a payment, refund or payout."""
    speech = _SPEECH[PaymentKind(payment.kind)]
    if known.settled_by is not None:
        return _by_hand(payment, speech, known, known.settled_by)
    return _SENTENCES[Status(payment.status)](payment, speech, known)


def _pending(payment: Payment, _speech: _Speech, known: Situation) -> str:
    name = network(payment.provider)
    if not payment.is_held:
        return f"Accepted and safely stored. {name} does not have it yet, so no money can have moved."
    ends = "It goes out by itself as soon as it can; until then it can be canceled."
    if not PaymentKind(payment.kind).waits:
        ends = "If that does not end while the payer waits, it fails and the payer is not asked."
    return f"Waiting for {name} {known.held}. Nothing was sent and no money moved. {ends}"


def _processing(payment: Payment, speech: _Speech, _known: Situation) -> str:
    return f"Handed to {network(payment.provider)}, which has not said yet {speech.asked}. {_goes_on(payment)}"


def _goes_on(payment: Payment) -> str:
    """What we do meanwhile."""
    if can_be_asked(payment.provider, payment.kind):
        return "We keep asking."
    return f"{network(payment.provider)} cannot be asked: its statement, or two people with evidence, settle it."


def _unknown(payment: Payment, speech: _Speech, known: Situation) -> str:
    name = network(payment.provider)
    ask = f"ask {name} with our reference, then settle it by hand. {speech.never_again}"
    if known.alarm == OTHER_MONEY:
        return f"{known.report} Which of the two is true is not known, so nothing is booked: {ask}".lstrip()
    if known.alarm == FORGOTTEN:
        return f"{name} had accepted it and has no record of it now, so it is not known whether money moved: {ask}"
    if payment.attention_at and payment.attention_at <= known.now:
        return (
            f"It is not known whether money moved, and {name} has not settled it in time. {_goes_on(payment)} "
            f"Contact {name} with our reference. {speech.never_again}"
        )
    return (
        f"{name} has given no clear answer, so it is not known whether money moved. {_goes_on(payment)} "
        f"{speech.never_again}"
    )


def _succeeded(payment: Payment, speech: _Speech, known: Situation) -> str:
    name, at = network(payment.provider), _at(payment.completed_at)
    if known.alarm in _CONTRADICTIONS:
        return (
            f"{speech.done} {name} confirmed {at}, and it is booked. Since then {name} {_CONTRADICTIONS[known.alarm]}: "
            f"ask {name} which is true. {speech.never_again}"
        )
    if known.alarm == PAID_AFTER_FAILED:
        return f"{speech.done} {name} had said that it failed, and confirmed {at} that the money moved. It is booked."
    return f"{speech.done} {name} confirmed {at}."


def _failed(payment: Payment, speech: _Speech, known: Situation) -> str:
    name, words = network(payment.provider), failure_words(payment)
    if known.alarm == ALIVE_AFTER_FAILED:
        return (
            f"{name} had said that it failed, and is working on it all the same. It is not known whether money "
            f"will move. We keep asking. {speech.never_again}"
        )
    meaning = words.meaning if words else payment.failure_message
    # Some never reached the network, so it is quoted only where its own word is on record.
    ended = f"{name} said so" if payment.failure_provider_code else "Ended"
    return f"{speech.not_done} {meaning} {ended} {_at(payment.completed_at)}; no money moved."


def _by_hand(payment: Payment, speech: _Speech, known: Situation, resolution: Resolution) -> str:
    name = network(payment.provider)
    how = speech.done if payment.status == Status.SUCCEEDED else speech.not_done
    people = f"{actor_words(resolution.proposed_by)} and {actor_words(resolution.decided_by)}"
    ended = f"Settled by hand as {how.rstrip('.').lower()} {_at(payment.completed_at)}, by {people}."
    if known.alarm in _CONTRADICTIONS:
        return f"{ended} Since then {name} {_CONTRADICTIONS[known.alarm]}: ask {name} which is true."
    if known.alarm == ALIVE_AFTER_FAILED:
        return f"{ended} {name} is working on it all the same. We keep asking. {speech.never_again}"
    if payment.next_check_at:
        return f"{ended} {name} is still asked for a while; should it say otherwise, an alarm is raised."
    return f"{ended} {name} itself has said nothing final."


def _canceled(payment: Payment, _speech: _Speech, _known: Situation) -> str:
    return f"Withdrawn {_at(payment.completed_at)}, before {network(payment.provider)} had it. No money moved."


def _at(moment: datetime | None) -> str:
    return f"on {moment.astimezone(UTC):%-d %b at %H:%M:%S} UTC" if moment else "earlier"


_CONTRADICTIONS = {SAYS_FAILED: "says that it failed", HAS_NO_RECORD: "says that it has no record of it"}
_SENTENCES = {
    Status.PENDING: _pending,
    Status.PROCESSING: _processing,
    Status.UNKNOWN: _unknown,
    Status.SUCCEEDED: _succeeded,
    Status.FAILED: _failed,
    Status.CANCELED: _canceled,
}

"""One sentence on where money stands, from recorded facts only: did it move, who acts, what comes next."""

from dataclasses import dataclass
from datetime import UTC, datetime

from payments.failures import FAILURES
from payments.kinds import PaymentKind
from payments.models import Payment, Resolution
from payments.states import Status
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


def verdict(payment: Payment, *, now: datetime, settled_by: Resolution | None = None) -> str:
    """For the top of the page of a payment, refund or payout. settled_by: what two people decided, if it ended so."""
    if settled_by is not None:
        return _by_hand(payment, settled_by)
    return _SENTENCES[Status(payment.status)](payment, _SPEECH[PaymentKind(payment.kind)], now)


def _pending(payment: Payment, _speech: _Speech, _now: datetime) -> str:
    if payment.is_held:
        return f"Waiting: {network(payment.provider)} is down. Nothing was sent; it can still be canceled."
    return f"Accepted and safely stored. {network(payment.provider)} does not have it yet, so no money can have moved."


def _processing(payment: Payment, speech: _Speech, _now: datetime) -> str:
    return f"Handed to {network(payment.provider)}, which has not said yet {speech.asked}. We keep asking."


def _unknown(payment: Payment, speech: _Speech, now: datetime) -> str:
    name = network(payment.provider)
    if payment.attention_at and payment.attention_at <= now:
        return (
            f"It is not known whether money moved, and {name} has not settled it in time. We keep asking; "
            f"contact {name} with our reference. {speech.never_again}"
        )
    return (
        f"{name} has given no clear answer, so it is not known whether money moved. We keep asking. "
        f"{speech.never_again}"
    )


def _succeeded(payment: Payment, speech: _Speech, _now: datetime) -> str:
    return f"{speech.done} {network(payment.provider)} confirmed {_at(payment.completed_at)}."


def _failed(payment: Payment, speech: _Speech, _now: datetime) -> str:
    failure = FAILURES.get(payment.failure_code)
    meaning = failure.meaning if failure else payment.failure_message
    # Some never reached the network, so it is quoted only where its own word is on record.
    ended = f"{network(payment.provider)} said so" if payment.failure_provider_code else "Ended"
    return f"{speech.not_done} {meaning} {ended} {_at(payment.completed_at)}; no money moved."


def _by_hand(payment: Payment, resolution: Resolution) -> str:
    name, speech = network(payment.provider), _SPEECH[PaymentKind(payment.kind)]
    how = speech.done if payment.status == Status.SUCCEEDED else speech.not_done
    people = f"{actor_words(resolution.proposed_by)} and {actor_words(resolution.decided_by)}"
    ended = f"Settled by hand as {how.rstrip('.').lower()} {_at(payment.completed_at)}, by {people}."
    if payment.next_check_at:
        return f"{ended} {name} is still asked for a while; should it say otherwise, an alarm is raised."
    return f"{ended} {name} itself has said nothing final."


def _canceled(payment: Payment, _speech: _Speech, _now: datetime) -> str:
    return f"Withdrawn {_at(payment.completed_at)}, before {network(payment.provider)} had it. No money moved."


def _at(moment: datetime | None) -> str:
    return f"on {moment.astimezone(UTC):%-d %b at %H:%M:%S} UTC" if moment else "earlier"


_SENTENCES = {
    Status.PENDING: _pending,
    Status.PROCESSING: _processing,
    Status.UNKNOWN: _unknown,
    Status.SUCCEEDED: _succeeded,
    Status.FAILED: _failed,
    Status.CANCELED: _canceled,
}

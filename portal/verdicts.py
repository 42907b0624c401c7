"""One sentence on where a payment stands, from recorded facts only: did money move, who acts, what comes next."""

from datetime import UTC, datetime

from payments.failures import FAILURES
from payments.models import Payment, Resolution
from payments.states import Status
from portal.words import actor_words, network


def verdict(payment: Payment, *, now: datetime, settled_by: Resolution | None = None) -> str:
    """For the top of the payment's page. settled_by: what two people decided, if the payment ended by that."""
    if settled_by is not None:
        return _by_hand(payment, settled_by)
    return _SENTENCES[Status(payment.status)](payment, now)


def _pending(payment: Payment, _now: datetime) -> str:
    return f"Accepted and safely stored. {network(payment.provider)} does not have it yet, so no money can have moved."


def _processing(payment: Payment, _now: datetime) -> str:
    name = network(payment.provider)
    return f"Handed to {name}, which has not said yet whether the payer approved with a PIN. We keep asking."


def _unknown(payment: Payment, now: datetime) -> str:
    name = network(payment.provider)
    if payment.attention_at and payment.attention_at <= now:
        return (
            f"It is not known whether money moved, and {name} has not settled it in time. We keep asking; "
            f"contact {name} with our reference. Do not charge the payer again."
        )
    return (
        f"{name} has given no clear answer, so it is not known whether money moved. We keep asking. "
        f"Do not charge the payer again."
    )


def _succeeded(payment: Payment, _now: datetime) -> str:
    return f"Paid. {network(payment.provider)} confirmed {_at(payment.completed_at)}."


def _failed(payment: Payment, _now: datetime) -> str:
    failure = FAILURES.get(payment.failure_code)
    meaning = failure.meaning if failure else payment.failure_message
    # Some payments never reached the network, so it is quoted only where its own word is on record.
    ended = f"{network(payment.provider)} said so" if payment.failure_provider_code else "Ended"
    return f"Not paid. {meaning} {ended} {_at(payment.completed_at)}; no money moved."


def _by_hand(payment: Payment, resolution: Resolution) -> str:
    name, paid = network(payment.provider), payment.status == Status.SUCCEEDED
    people = f"{actor_words(resolution.proposed_by)} and {actor_words(resolution.decided_by)}"
    ended = f"Settled by hand as {'paid' if paid else 'not paid'} {_at(payment.completed_at)}, by {people}."
    if payment.next_check_at:
        return f"{ended} {name} is still asked for a while; should it say otherwise, an alarm is raised."
    return f"{ended} {name} itself has said nothing final."


def _canceled(payment: Payment, _now: datetime) -> str:
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

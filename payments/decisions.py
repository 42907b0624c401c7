"""What one outcome means for one payment: a pure function, so that every combination can be tested as a table."""

from dataclasses import dataclass

from payments.models import Transaction
from payments.states import Status
from payments.transitions import FailureFacts
from providers.base import Kind, Outcome

# Twice, and only after the settle window: a request whose answer was lost may still arrive (ENGINEERING.md 2.2).
NOT_FOUND_BELIEVED_AFTER = 2

# What an alarm says. They are on record in audit trails, so their spelling stays.
OTHER_MONEY = "The provider reports success for another amount, currency or number than we asked for."
FORGOTTEN = "The provider had accepted it and now does not know it; somebody must look."
PAID_AFTER_FAILED = "paid after failed"
PAID_AFTER_SWITCH = "the provider before says that it was paid after all, and another one has it now"
ALIVE_AFTER_FAILED = "pending at the provider after it had failed"
SAYS_FAILED = "the provider contradicts the success: it says failed"
HAS_NO_RECORD = "the provider contradicts the success: it has no record of it"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a decision may depend on, gathered under the payment's lock."""

    status: Status
    is_answer: bool  # the direct answer to a send, as opposed to a lookup of any kind
    was_answered: bool  # some word from the provider about this operation was recorded before
    may_have_arrived: bool  # not every send was refused for certain
    earlier_send_is_open: bool  # an answer to one send, while an earlier one is unaccounted for
    is_settled: bool  # the settle window since the last send is over
    not_found_count: int  # believable "not found" answers so far, this one included
    sends: int
    most_sends: int
    refuses_duplicates: bool
    matches: bool  # amount, currency and phone echoed by the provider are ours
    is_superseded: bool = False  # it ended, and another provider was given the payment since


@dataclass(frozen=True, slots=True)
class Decision:
    """What to write. `to` None: the status stays."""

    because: str
    to: Status | None = None
    failure: FailureFacts | None = None
    transaction_state: str = ""  # "": stays
    resend_after_seconds: float | None = None
    alarm: str = ""


def decide(outcome: Outcome, facts: Facts) -> Decision:
    """The decision for an outcome. Never fails a payment without the provider's explicit word or proof of no send."""
    if facts.is_superseded:
        is_alive = outcome.kind in {Kind.SUCCEEDED, Kind.PENDING}
        return Decision(because="Another provider has it now.", alarm=PAID_AFTER_SWITCH if is_alive else "")
    if outcome.kind == Kind.SUCCEEDED:
        return _succeeded(outcome, facts)
    if facts.status == Status.SUCCEEDED:
        return Decision(because="Money that moved stays moved.", alarm=_contradiction(outcome, facts))
    if outcome.kind == Kind.FAILED:
        return _failed(outcome, facts)
    if facts.status == Status.FAILED:
        alarm = ALIVE_AFTER_FAILED if outcome.kind == Kind.PENDING else ""
        return Decision(because="It has failed and nothing proves otherwise.", alarm=alarm)
    return _OPEN_DECISIONS[outcome.kind](outcome, facts)


def _contradiction(outcome: Outcome, facts: Facts) -> str:
    """Of a success, which may have been settled by hand: by an explicit no, or by never having heard of it."""
    if outcome.kind == Kind.FAILED:
        return SAYS_FAILED
    is_unheard_of = outcome.kind == Kind.NOT_FOUND and facts.is_settled
    if is_unheard_of and facts.not_found_count == NOT_FOUND_BELIEVED_AFTER:
        return HAS_NO_RECORD
    return ""


def _succeeded(outcome: Outcome, facts: Facts) -> Decision:
    if facts.status == Status.SUCCEEDED:
        return Decision(because="Confirmed again.")
    if not facts.matches:
        return Decision(because=OTHER_MONEY, to=_doubt(facts), alarm=OTHER_MONEY)
    alarm = PAID_AFTER_FAILED if facts.status == Status.FAILED else ""
    because = outcome.message or "The provider says that the money moved."
    return Decision(because=because, to=Status.SUCCEEDED, transaction_state=Transaction.SUCCEEDED, alarm=alarm)


def _failed(outcome: Outcome, facts: Facts) -> Decision:
    if facts.status == Status.FAILED:
        return Decision(because="Confirmed again.")
    if facts.earlier_send_is_open:
        # It speaks of this send alone; what became of the earlier one, only a look-up of the reference tells.
        because = "This send was refused by the network, but an earlier one may have arrived."
        return Decision(because=because, to=_doubt(facts))
    return Decision(
        because=outcome.message or "The provider says that the payment failed.",
        to=Status.FAILED,
        failure=_failure(outcome),
        transaction_state=Transaction.DEAD,
        alarm=outcome.message if outcome.alarm else "",
    )


def _pending(outcome: Outcome, facts: Facts) -> Decision:
    to = Status.PROCESSING if facts.status == Status.UNKNOWN else None
    return Decision(because=outcome.message or "The provider has it and is waiting for the payer.", to=to)


def _unknown(outcome: Outcome, facts: Facts) -> Decision:
    # A lookup that fails teaches nothing about a payment that the provider had confirmed to have, or never got.
    lost = facts.is_answer or (facts.may_have_arrived and not facts.was_answered)
    because = outcome.message or "The answer was lost; the provider may or may not have it."
    return Decision(because=because, to=_doubt(facts) if lost else None, alarm=because if outcome.alarm else "")


def _refused(outcome: Outcome, facts: Facts) -> Decision:
    if facts.was_answered:
        # Of this send; what the provider confirmed to have is neither sent again nor failed by it.
        return Decision(because="This send was refused, but the provider has confirmed an earlier one.")
    # A refusal that the provider might take back (low trust) is repeated only where a duplicate would be refused.
    is_repeatable = facts.refuses_duplicates or not outcome.low_trust
    if outcome.retry_after_seconds is not None and facts.sends < facts.most_sends and is_repeatable:
        because = outcome.message or "The provider did not take it; it will be sent again under the same reference."
        return Decision(because=because, resend_after_seconds=outcome.retry_after_seconds)
    if facts.may_have_arrived:
        # An earlier send under this reference is unaccounted for: this refusal says nothing about that one.
        because = "This send was refused, but an earlier one may have arrived."
        return Decision(because=because, to=_doubt(facts), alarm=outcome.message if outcome.alarm else "")
    return Decision(
        because=outcome.message or "The provider never accepted the payment.",
        to=Status.FAILED,
        failure=_failure(outcome),
        transaction_state=Transaction.DEAD,
        alarm=outcome.message if outcome.alarm else "",
    )


def _not_found(outcome: Outcome, facts: Facts) -> Decision:
    if facts.was_answered:
        return Decision(because=FORGOTTEN, to=_doubt(facts), alarm=FORGOTTEN)
    if not facts.may_have_arrived:
        return Decision(because="Not found at the provider, which has refused every send so far.")
    if not facts.is_settled or facts.not_found_count < NOT_FOUND_BELIEVED_AFTER:
        because = "Not found at the provider, but the request may still be on its way."
        return Decision(because=because, to=_doubt(facts))
    if facts.refuses_duplicates and facts.sends < facts.most_sends:
        because = "Not found after the settle window; sent again under the same reference, which cannot charge twice."
        return Decision(because=because, to=_doubt(facts), resend_after_seconds=0)
    because = "The provider has no record of it, said twice and long after the last try: it never arrived."
    failure = FailureFacts(code="provider_error", message=because, provider_code=outcome.provider_code, retry_safe=True)
    return Decision(because=because, to=Status.FAILED, failure=failure, transaction_state=Transaction.DEAD)


def _doubt(facts: Facts) -> Status | None:
    return Status.UNKNOWN if facts.status == Status.PROCESSING else None


def _failure(outcome: Outcome) -> FailureFacts:
    return FailureFacts(
        code=outcome.code or "unspecified",
        message=outcome.message,
        provider_code=outcome.provider_code,
        retry_safe=outcome.retry_safe,
    )


_OPEN_DECISIONS = {
    Kind.PENDING: _pending,
    Kind.UNKNOWN: _unknown,
    Kind.REFUSED: _refused,
    Kind.NOT_FOUND: _not_found,
}

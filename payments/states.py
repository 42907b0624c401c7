"""The payment state machine as data: every status, every edge, and the reason an edge exists."""

from enum import StrEnum


class Status(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELED})

TRANSITIONS: dict[tuple[Status, Status], str] = {
    (Status.PENDING, Status.PROCESSING): "A worker commits the intent and hands the payment to the provider.",
    (Status.PENDING, Status.CANCELED): "Withdrawn before any provider had it.",
    (Status.PENDING, Status.FAILED): "It could not be handed to any provider, so nothing can have moved.",
    (Status.PROCESSING, Status.SUCCEEDED): "The provider says explicitly that the money moved.",
    (Status.PROCESSING, Status.FAILED): "The provider says explicitly that it will not move, or never accepted it.",
    (Status.PROCESSING, Status.UNKNOWN): "The call's outcome was lost: the provider may or may not have it.",
    (Status.UNKNOWN, Status.PROCESSING): "Looked up by our reference: the provider has it and is working on it.",
    (Status.UNKNOWN, Status.SUCCEEDED): "Looked up by our reference: the money moved.",
    (Status.UNKNOWN, Status.FAILED): "Looked up by our reference: it did not move and will not.",
    # A provider's late word is never ignored: the customer has paid, whatever we believed.
    (Status.FAILED, Status.SUCCEEDED): "The provider proves, after a failure, that the money moved.",
}


class IllegalTransition(Exception):
    """A change of status that the table does not have."""

    def __init__(self, before: str, after: str) -> None:
        super().__init__(f"a payment cannot go from {before} to {after}")
        self.before, self.after = before, after


def check_transition(before: Status, after: Status) -> None:
    """Raises IllegalTransition unless the table has the edge."""
    if (before, after) not in TRANSITIONS:
        raise IllegalTransition(before, after)

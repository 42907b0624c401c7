"""The three ways money moves here, and what each is called: to callers, to providers, and in ids and events."""

from enum import StrEnum

from providers.base import Operation


class PaymentKind(StrEnum):
    COLLECTION = "collection"
    PAYOUT = "payout"
    REFUND = "refund"

    @property
    def object_name(self) -> str:
        """The API's word: a collection is a `payment` there. Also the first part of its event types."""
        return _OBJECT_NAMES[self]

    @property
    def prefix(self) -> str:
        """What its ids begin with."""
        return _PREFIXES[self]

    @property
    def operation(self) -> Operation:
        """What a provider is asked to do for it."""
        return _OPERATIONS[self]

    @property
    def waits(self) -> bool:
        """Whether it waits for a provider that is down. A payer with the phone in the hand does not."""
        return self != PaymentKind.COLLECTION


_OBJECT_NAMES = {PaymentKind.COLLECTION: "payment", PaymentKind.PAYOUT: "payout", PaymentKind.REFUND: "refund"}
_PREFIXES = {PaymentKind.COLLECTION: "pay", PaymentKind.PAYOUT: "out", PaymentKind.REFUND: "ref"}
_OPERATIONS = {
    PaymentKind.COLLECTION: Operation.COLLECT,
    PaymentKind.PAYOUT: Operation.TRANSFER,
    PaymentKind.REFUND: Operation.REFUND,
}


def kind_of_id(object_id: str) -> PaymentKind | None:
    """Of `out_01k…`, the payout; None for an id of anything else."""
    prefix = object_id.partition("_")[0]
    return next((kind for kind, known in _PREFIXES.items() if known == prefix), None)

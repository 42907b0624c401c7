"""What people call payments, refunds and payouts, where their pages are, and which permission withdraws one."""

from dataclasses import dataclass

from payments.kinds import PaymentKind, kind_of_id


@dataclass(frozen=True, slots=True)
class KindWords:
    """`page` and `pages` are names in portal/urls.py; `icon` is a symbol of static/img/icons.svg."""

    page: str
    pages: str
    icon: str
    phone: str  # whose number it is
    took: str  # the column that says how long it took
    description: str
    empty: str
    cancel_permission: str
    repeat_permission: str  # to make one like it again: money in is asked for by the merchant's servers
    pending: str  # what a status of pending is called in the lists
    canceled: str  # said after it was withdrawn

    @property
    def one(self) -> str:
        return self.page

    @property
    def many(self) -> str:
        return self.pages


KIND_WORDS: dict[PaymentKind, KindWords] = {
    PaymentKind.COLLECTION: KindWords(
        page="payment",
        pages="payments",
        icon="cash",
        phone="Payer",
        took="Confirmed in",
        description="Description",
        empty="Send the first one with this command. It shows up here within seconds.",
        cancel_permission="payments.cancel",
        repeat_permission="payments.cancel",
        pending="Pending",
        canceled="Canceled. No provider had it, so no money moved.",
    ),
    PaymentKind.REFUND: KindWords(
        page="refund",
        pages="refunds",
        icon="arrow-back",
        phone="To",
        took="Refunded in",
        description="Reason",
        empty="Open a payment that succeeded and choose Refund: all of it, or a part.",
        cancel_permission="refunds.create",
        repeat_permission="refunds.create",
        pending="Waiting",
        canceled="Canceled. Nothing was sent, and the amount can be refunded again.",
    ),
    PaymentKind.PAYOUT: KindWords(
        page="payout",
        pages="payouts",
        icon="upload",
        phone="To",
        took="Paid out in",
        description="Description",
        empty="Send money from your wallet at the network to a phone, from here or by the API.",
        cancel_permission="payouts.create",
        repeat_permission="payouts.create",
        pending="Waiting",
        canceled="Canceled. Nothing was sent, so no money moved.",
    ),
}


def page_of(object_id: str) -> str:
    """The name of the page of `pay_…`, `ref_…` or `out_…`; "" for an id that has none."""
    kind = kind_of_id(object_id)
    return KIND_WORDS[kind].page if kind else ""

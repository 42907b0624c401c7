"""Enters the demo's history into the simulated network's own books, so that it can be looked up and refunded there."""

from datetime import datetime
from pathlib import Path

from payments.models import Payment, Transaction
from providers.base import Operation
from providers.mtn.products import RESOURCES
from providers.simulator.books import Books
from providers.simulator.books import Payment as Order
from providers.simulator.journal import Journal

_KINDS = {Operation.COLLECT: "collection", Operation.TRANSFER: "transfer", Operation.REFUND: "refund"}


class Network:
    """The books of a simulator that does not run now. `journal` None: they are forgotten with this object."""

    def __init__(self, journal: Path | None) -> None:
        self._books = Books(Journal(journal, fsync=False))

    def carry_out(
        self, payment: Payment, made: Transaction, *, api_users: dict[str, str], original: str, word: dict[str, str],
        at: datetime,
    ) -> str:  # fmt: skip
        """Take the order and end it by `word`, its status and reason. Returns the network's number for it.

        api_users: by the prefix of their credentials. original: our reference of the collection that is paid back.
        """
        operation = Operation(made.operation)
        self._books.accept(
            Order(
                reference=made.reference, api_user=api_users[RESOURCES[operation].product.prefix], phone=payment.phone,
                party_type="MSISDN", amount=f"{payment.amount:.2f}", currency=payment.currency,
                external_id=payment.id, payer_message=payment.description, payee_note="", callback_url="",
                accepted_at=made.created_at.timestamp(), plan_status=word["status"],
                plan_reason=word.get("reason", ""), settle_at=at.timestamp(), kind=_KINDS[operation],
                original_reference=original,
            )
        )  # fmt: skip
        self._books.settle(made.reference, word["status"], word.get("reason", ""), at=at.timestamp())
        order = self._books.find(made.reference)
        if order is None or order.status != word["status"]:
            raise ValueError(f"the simulated network did not end {payment.id} as its story says")
        return order.financial_id

    def close(self) -> None:
        self._books.close()

"""Every order that was accepted, how it ended, and what it moved."""

import threading
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from providers.simulator.journal import Journal
from providers.simulator.ledger import Ledger

FIRST_FINANCIAL_ID = 1_870_000_000


@dataclass(slots=True)
class Payment:
    """One accepted order: a requesttopay, a transfer or a refund. Times are seconds since the epoch."""

    reference: str
    api_user: str
    phone: str
    party_type: str
    amount: str
    currency: str
    external_id: str
    payer_message: str
    payee_note: str
    callback_url: str
    accepted_at: float
    plan_status: str
    plan_reason: str
    settle_at: float | None
    status: str = "PENDING"
    reason: str = ""
    settled_at: float | None = None
    financial_id: str = ""
    kind: str = "collection"  # | "transfer" | "refund"
    original_reference: str = ""  # of a refund: the collection that it pays back
    float_limit: str = ""  # of money out: all that its user's wallet ever held; "" is no limit
    refund_limited: bool = False  # of a refund: the network itself refuses to pay back more than was collected

    @property
    def direction(self) -> str:
        return "in" if self.kind == "collection" else "out"


class Books:
    """Thread-safe. What is in the journal has happened, whatever the caller got to hear."""

    def __init__(self, journal: Journal) -> None:
        self._lock = threading.RLock()
        self._journal = journal
        self.skipped_seconds = 0.0  # of the clock, before a restart
        self._empty()
        for entry in journal.entries():
            self._replay(entry)

    def accept(self, payment: Payment) -> bool:
        """False when this reference was accepted before."""
        with self._lock:
            if payment.reference in self._payments:
                return False
            self._journal.append("accepted", payment=asdict(payment))
            self._enter(payment)
            return True

    def settle(self, reference: str, status: str, reason: str, *, at: float) -> bool:
        """End a payment, moving its money if it succeeds. False when it had ended before."""
        with self._lock:
            payment = self._payments.get(reference)
            if payment is None or payment.status != "PENDING":
                return False
            if status == "SUCCESSFUL" and (obstacle := self._obstacle(payment)):
                status, reason = "FAILED", obstacle
            financial_id = str(FIRST_FINANCIAL_ID + self._settled + 1)
            facts = {"reference": reference, "status": status, "reason": reason, "at": at}
            self._journal.append("settled", **facts, financial_id=financial_id)
            self._end(payment, status, reason, at, financial_id)
            return True

    def find(self, reference: str) -> Payment | None:
        return self._payments.get(reference)

    def payments(self) -> list[Payment]:
        with self._lock:
            return list(self._payments.values())

    def latest(self, count: int | None, *, waiting: bool = False) -> list[Payment]:
        """The newest first; only those that have not ended if `waiting`."""
        with self._lock:
            source = self._waiting if waiting else self._payments
            return list(islice(reversed(source.values()), count))

    def counts(self) -> dict[str, int]:
        with self._lock:
            return {
                "payments": len(self._payments),
                "waiting": len(self._waiting),
                "movements": len(self._ledger.movements),
            }

    def may_refund(self, api_user: str, original: Payment) -> bool:
        """Whose collections a disbursement user may pay back: those of the users that it was the first to serve."""
        with self._lock:
            return self._refunder.get(original.api_user, api_user) == api_user

    def moved(self, api_user: str, direction: str, currency: str) -> Decimal:
        with self._lock:
            return self._ledger.moved(api_user, direction, currency)

    def ledger(self) -> dict[str, Any]:
        """Every movement, and the counts that make a double charge visible."""
        with self._lock:
            return {**self._ledger.summary(), **self._ledger.counts(), "movements": list(self._ledger.movements)}

    def ledger_since(self, position: int, limit: int | None = None) -> dict[str, Any]:
        """The summary and the movements from a position on; `next` is where the following call goes on."""
        with self._lock:
            end = None if limit is None else position + limit
            movements = self._ledger.movements[position:end]
            return {**self._ledger.summary(), "movements": movements, "next": position + len(movements)}

    def summary(self) -> dict[str, Any]:
        with self._lock:
            return self._ledger.summary()

    def note_clock(self, skipped_seconds: float) -> None:
        """What was skipped stays skipped after a restart; else payments would wait for times long past."""
        with self._lock:
            self._journal.append("clock", skipped_seconds=skipped_seconds)

    def clear(self) -> None:
        with self._lock:
            self._journal.clear()
            self._empty()

    def close(self) -> None:
        with self._lock:
            self._journal.close()

    def _empty(self) -> None:
        self._payments: dict[str, Payment] = {}
        self._waiting: dict[str, Payment] = {}
        self._refunder: dict[str, str] = {}  # collection user -> the disbursement user that pays back for it
        self._ledger = Ledger()
        self._settled = 0

    def _enter(self, payment: Payment) -> None:
        self._payments[payment.reference] = self._waiting[payment.reference] = payment
        if original := self._payments.get(payment.original_reference):
            self._refunder.setdefault(original.api_user, payment.api_user)

    def _obstacle(self, payment: Payment) -> str:
        """The reason why the network cannot move this money after all, or ""."""
        amount = Decimal(payment.amount)
        if payment.float_limit:
            moved = self._ledger.moved(payment.api_user, "out", payment.currency)
            if moved + amount > Decimal(payment.float_limit):
                return "NOT_ENOUGH_FUNDS"
        if payment.refund_limited:
            original = self._payments[payment.original_reference]
            if self._ledger.refunded(original.reference) + amount > Decimal(original.amount):
                return "NOT_ALLOWED"
        return ""

    def _replay(self, entry: dict[str, Any]) -> None:
        if entry["event"] == "accepted":
            self._enter(Payment(**entry["payment"]))
        elif entry["event"] == "clock":
            self.skipped_seconds = entry["skipped_seconds"]
        else:
            payment = self._payments[entry["reference"]]
            self._end(payment, entry["status"], entry["reason"], entry["at"], entry["financial_id"])

    def _end(self, payment: Payment, status: str, reason: str, at: float, financial_id: str) -> None:
        self._settled += 1
        self._waiting.pop(payment.reference, None)
        payment.status, payment.reason, payment.settled_at = status, reason, at
        payment.financial_id = financial_id
        if status == "SUCCESSFUL":
            self._ledger.add(
                {
                    "reference": payment.reference,
                    "external_id": payment.external_id,
                    "direction": payment.direction,
                    "kind": payment.kind,
                    "phone": payment.phone,
                    "amount": payment.amount,
                    "currency": payment.currency,
                    "at": at,
                    "financial_transaction_id": financial_id,
                    "api_user": payment.api_user,
                    "original_reference": payment.original_reference,
                }
            )

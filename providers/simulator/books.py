"""Every order that was accepted, how it ended, and what it moved."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from providers.simulator.journal import Journal
from providers.simulator.ledger import Ledger
from providers.simulator.receipts import NETWORKS, receipt


@dataclass(slots=True)
class Payment:
    """One accepted order: a collection, a transfer or a refund. Times are seconds since the epoch."""

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
    network: str = "mtn"  # | "airtel" | "zamtel"
    repeat: int = 0  # of a network that takes one reference again and again: how often it had come before

    @property
    def key(self) -> str:
        """Names this order among those of all networks."""
        return key_of(self.network, self.reference, self.repeat)

    @property
    def direction(self) -> str:
        return "in" if self.kind == "collection" else "out"


def key_of(network: str, reference: str, repeat: int = 0) -> str:
    """MTN's orders go by their references alone: it was the first network here."""
    key = reference if network == "mtn" else f"{network}:{reference}"
    return f"{key}~{repeat + 1}" if repeat else key


class Books:
    """Thread-safe. What is in the journal has happened, whatever the caller got to hear."""

    def __init__(self, journal: Journal) -> None:
        self._lock = threading.RLock()
        self._journal = journal
        self.skipped_seconds = 0.0  # of the clock, before a restart
        self.accounts: list[dict[str, Any]] = []  # that were registered before a restart
        self._empty()
        for entry in journal.entries():
            self._replay(entry)

    def accept(self, payment: Payment) -> bool:
        """False when this reference was accepted before."""
        with self._lock:
            if payment.key in self._payments:
                return False
            self._journal.append("accepted", payment=asdict(payment))
            self._enter(payment)
            return True

    def accept_again(self, payment: Payment) -> None:
        """As `accept`, for a network that does not mind whether it has seen this reference before."""
        with self._lock:
            while payment.key in self._payments:
                payment.repeat += 1
            self.accept(payment)

    def settle(self, key: str, status: str, reason: str, *, at: float) -> bool:
        """End a payment, moving its money if it succeeds. False when it had ended before."""
        with self._lock:
            payment = self._payments.get(key)
            if payment is None or payment.status != "PENDING":
                return False
            if status == "SUCCESSFUL" and (obstacle := self._obstacle(payment)):
                status, reason = "FAILED", obstacle
            financial_id = receipt(payment.network, payment.kind, self._settled + 1, at)
            facts = {"reference": key, "status": status, "reason": reason, "at": at}
            self._journal.append("settled", **facts, financial_id=financial_id)
            self._end(payment, status, reason, at, financial_id)
            return True

    def find(self, key: str) -> Payment | None:
        return self._payments.get(key)

    def find_by_reference(self, reference: str) -> Payment | None:
        """For people, who name no network."""
        found = (self._payments.get(key_of(network, reference)) for network in NETWORKS)
        return self._payments.get(reference) or next(filter(None, found), None)

    def find_by_receipt(self, network: str, financial_id: str) -> Payment | None:
        """What moved under this id. Not for MTN, which is asked by our references alone."""
        return self._by_receipt.get((network, financial_id))

    def payments(self, network: str = "") -> list[Payment]:
        """Of one network, or of all."""
        with self._lock:
            return [each for each in self._payments.values() if network in {"", each.network}]

    def latest(self, count: int | None, *, waiting: bool = False, network: str = "") -> list[Payment]:
        """The newest first; only those that have not ended if `waiting`."""
        with self._lock:
            source = self._waiting if waiting else self._payments
            chosen = (each for each in reversed(source.values()) if network in {"", each.network})
            return list(islice(chosen, count))

    def counts(self, network: str = "") -> dict[str, int]:
        """Of one network, or of all."""
        with self._lock:
            taken, waiting = self._counts[network], len(self._waiting)
            if network:
                waiting = sum(each.network == network for each in self._waiting.values())
            return {"payments": taken, "waiting": waiting, "movements": len(self._ledgers[network].movements)}

    def may_refund(self, api_user: str, original: Payment) -> bool:
        """Whose collections a disbursement user may pay back: those of the users that it was the first to serve."""
        with self._lock:
            return self._refunder.get(original.api_user, api_user) == api_user

    def moved(self, api_user: str, direction: str, currency: str, *, network: str = "mtn") -> Decimal:
        with self._lock:
            return self._ledgers[network].moved(api_user, direction, currency)

    def refunded(self, original: Payment) -> Decimal:
        with self._lock:
            return self._ledgers[original.network].refunded(original.reference)

    def ledger(self, network: str = "") -> dict[str, Any]:
        """Every movement, and the counts that make a double charge visible. Of one network, or of all."""
        with self._lock:
            ledger = self._ledgers[network]
            return {**ledger.summary(), **ledger.counts(), "movements": list(ledger.movements)}

    def ledger_since(self, position: int, limit: int | None = None, network: str = "") -> dict[str, Any]:
        """The summary and the movements from a position on; `next` is where the following call goes on."""
        with self._lock:
            ledger = self._ledgers[network]
            movements = ledger.movements[position : None if limit is None else position + limit]
            return {**ledger.summary(), "movements": movements, "next": position + len(movements)}

    def summary(self, network: str = "") -> dict[str, Any]:
        with self._lock:
            return self._ledgers[network].summary()

    def note_account(self, facts: dict[str, Any]) -> None:
        """Whom a person registered stays registered after a restart; else callbacks would end there."""
        with self._lock:
            self._journal.append("account", account=facts)

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
        self._by_receipt: dict[tuple[str, str], Payment] = {}
        self._ledgers = {network: Ledger() for network in ("", *NETWORKS)}  # "": all of them
        self._counts: Counter[str] = Counter()  # of orders taken, by network; "": all of them
        self._settled = 0

    def _enter(self, payment: Payment) -> None:
        self._payments[payment.key] = self._waiting[payment.key] = payment
        self._counts.update(("", payment.network))
        if original := self._original(payment):
            self._refunder.setdefault(original.api_user, payment.api_user)

    def _original(self, refund: Payment) -> Payment | None:
        return self._payments.get(key_of(refund.network, refund.original_reference))

    def _obstacle(self, payment: Payment) -> str:
        """The reason why the network cannot move this money after all, or ""."""
        amount = Decimal(payment.amount)
        if payment.float_limit:
            moved = self.moved(payment.api_user, "out", payment.currency, network=payment.network)
            if moved + amount > Decimal(payment.float_limit):
                return "NOT_ENOUGH_FUNDS"
        original = self._original(payment)
        if payment.refund_limited and original and self.refunded(original) + amount > Decimal(original.amount):
            return "NOT_ALLOWED"
        return ""

    def _replay(self, entry: dict[str, Any]) -> None:
        if entry["event"] == "accepted":
            self._enter(Payment(**entry["payment"]))
        elif entry["event"] == "clock":
            self.skipped_seconds = entry["skipped_seconds"]
        elif entry["event"] == "account":
            self.accounts.append(entry["account"])
        else:
            payment = self._payments[entry["reference"]]
            self._end(payment, entry["status"], entry["reason"], entry["at"], entry["financial_id"])

    def _end(self, payment: Payment, status: str, reason: str, at: float, financial_id: str) -> None:
        self._settled += 1
        self._waiting.pop(payment.key, None)
        payment.status, payment.reason, payment.settled_at = status, reason, at
        payment.financial_id = financial_id
        if status == "SUCCESSFUL":
            self._move(payment, at)

    def _move(self, payment: Payment, at: float) -> None:
        movement = {
            "network": payment.network,
            "reference": payment.reference,
            "external_id": payment.external_id,
            "direction": payment.direction,
            "kind": payment.kind,
            "phone": payment.phone,
            "amount": payment.amount,
            "currency": payment.currency,
            "at": at,
            "financial_transaction_id": payment.financial_id,
            "api_user": payment.api_user,
            "original_reference": payment.original_reference,
        }
        for ledger in (self._ledgers[""], self._ledgers[payment.network]):
            ledger.add(movement)
        if payment.network != "mtn":
            self._by_receipt[payment.network, payment.financial_id] = payment

"""The ground truth: every request that was accepted, how it ended, and each movement of money."""

import json
import os
import threading
from collections import Counter
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

FIRST_FINANCIAL_ID = 1_870_000_000


@dataclass(slots=True)
class Payment:
    """One accepted requesttopay. Times are seconds since the epoch."""

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


class Journal:
    """Append-only JSON lines. A line cut short by a crash was never answered for, and is dropped."""

    def __init__(self, path: Path | None, *, fsync: bool) -> None:
        self._fsync = fsync
        self._lines = _open_journal(path) if path else None

    def entries(self) -> list[dict[str, Any]]:
        if self._lines is None:
            return []
        self._lines.seek(0)
        return [json.loads(line) for line in self._lines.read().splitlines()]

    def append(self, event: str, **facts: Any) -> None:
        if self._lines is None:
            return
        self._lines.write(json.dumps({"event": event, **facts}).encode() + b"\n")
        self._lines.flush()
        if self._fsync:
            os.fsync(self._lines.fileno())

    def clear(self) -> None:
        if self._lines is not None:
            self._lines.truncate(0)

    def close(self) -> None:
        if self._lines is not None:
            self._lines.close()


class Books:
    """Thread-safe. What is in the journal has happened, whatever the caller got to hear."""

    def __init__(self, journal: Journal) -> None:
        self._lock = threading.RLock()
        self._journal = journal
        self._payments: dict[str, Payment] = {}
        self._movements: list[dict[str, Any]] = []
        self._settled = 0
        for entry in journal.entries():
            self._replay(entry)

    def accept(self, payment: Payment) -> bool:
        """False when this reference was accepted before."""
        with self._lock:
            if payment.reference in self._payments:
                return False
            self._journal.append("accepted", payment=asdict(payment))
            self._payments[payment.reference] = payment
            return True

    def settle(self, reference: str, status: str, reason: str, *, at: float) -> bool:
        """End a payment, moving its money if it succeeds. False when it had ended before."""
        with self._lock:
            payment = self._payments.get(reference)
            if payment is None or payment.status != "PENDING":
                return False
            financial_id = str(FIRST_FINANCIAL_ID + self._settled + 1)
            facts = {"reference": reference, "status": status, "reason": reason, "at": at}
            self._journal.append("settled", **facts, financial_id=financial_id)
            self._end(payment, status, reason, at, financial_id)
            return True

    def find(self, reference: str) -> Payment | None:
        with self._lock:
            return self._payments.get(reference)

    def payments(self) -> list[Payment]:
        with self._lock:
            return list(self._payments.values())

    def ledger(self) -> dict[str, Any]:
        """Every movement, and the counts that make a double charge visible."""
        with self._lock:
            movements = list(self._movements)
        totals: dict[str, Decimal] = {}
        for each in movements:
            totals[each["currency"]] = totals.get(each["currency"], Decimal(0)) + Decimal(each["amount"])
        by_external_id = Counter(each["external_id"] for each in movements)
        return {
            "count": len(movements),
            "totals": {currency: str(total) for currency, total in totals.items()},
            "by_reference": Counter(each["reference"] for each in movements),
            "by_external_id": by_external_id,
            "doubles": {name: count for name, count in by_external_id.items() if count > 1},
            "movements": movements,
        }

    def movement_count(self) -> int:
        with self._lock:
            return len(self._movements)

    def clear(self) -> None:
        with self._lock:
            self._journal.clear()
            self._payments.clear()
            self._movements.clear()
            self._settled = 0

    def close(self) -> None:
        with self._lock:
            self._journal.close()

    def _replay(self, entry: dict[str, Any]) -> None:
        if entry["event"] == "accepted":
            payment = Payment(**entry["payment"])
            self._payments[payment.reference] = payment
        else:
            payment = self._payments[entry["reference"]]
            self._end(payment, entry["status"], entry["reason"], entry["at"], entry["financial_id"])

    def _end(self, payment: Payment, status: str, reason: str, at: float, financial_id: str) -> None:
        self._settled += 1
        payment.status, payment.reason, payment.settled_at = status, reason, at
        payment.financial_id = financial_id
        if status == "SUCCESSFUL":
            self._movements.append(
                {
                    "reference": payment.reference,
                    "external_id": payment.external_id,
                    "phone": payment.phone,
                    "amount": payment.amount,
                    "currency": payment.currency,
                    "at": at,
                    "financial_transaction_id": financial_id,
                    "api_user": payment.api_user,
                }
            )


def _open_journal(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.open("ab+")
    lines.seek(0)
    lines.truncate(lines.read().rfind(b"\n") + 1)
    return lines

"""A merchant's books of one day, in bulk, and the statement a provider would send about it: right in every line."""

import csv
import io
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection

from payments.models import LedgerEntry, Payment, ProviderAccount, Statement, Transaction
from payments.statements.importing import Period, import_statement, upload
from payments.statements.layout import UNPROVEN_MTN, Layout
from tests.portal.rows import id_at

LUSAKA = timezone(timedelta(hours=2))
DAY = datetime(2026, 3, 10, tzinfo=LUSAKA)
PERIOD = Period(DAY, DAY + timedelta(days=1))
FEE = Decimal("1.50")
HEADING = (
    "Date", "Financial Transaction Id", "External Id", "MSISDN", "Amount", "Fee", "Type", "Currency", "Status",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """One line of the file, cell by cell."""

    at: datetime
    provider_reference: str
    our_reference: str
    phone: str
    amount: Decimal
    fee: Decimal | None = FEE  # None: an empty cell
    type: str = "Collection"
    currency: str = "ZMW"
    status: str = "SUCCESSFUL"

    def but(self, **changes: Any) -> "Written":
        return replace(self, **changes)

    def cells(self) -> tuple[str, ...]:
        return (
            self.at.astimezone(LUSAKA).strftime("%Y-%m-%d %H:%M:%S"), self.provider_reference, self.our_reference,
            self.phone, f"{self.amount:.2f}", "" if self.fee is None else f"{self.fee:.2f}", self.type, self.currency,
            self.status,
        )  # fmt: skip


@dataclass
class Books:
    """Rows to be inserted; `line_of` has the right line of each payment that succeeded."""

    account: ProviderAccount
    payments: list[Payment] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    line_of: dict[str, Written] = field(default_factory=dict)
    _count: int = 0

    def add(
        self, *, at: datetime | None = None, kind: str = "collection", status: str = "succeeded", booked: bool = True,
        fee: Decimal = FEE, account_id: str = "", original: Payment | None = None, **fields: Any,
    ) -> Payment:  # fmt: skip
        """A payment that ended at that moment, with its operation and postings."""
        self._count += 1
        number = self._count
        at = at or DAY + timedelta(seconds=4 * number % 80_000 + 60)
        is_final = status in {"succeeded", "failed", "canceled"}
        prefix, word, operation, sign = _KINDS[kind]
        payment = Payment(
            **{
                "id": id_at(prefix, at), "kind": kind, "livemode": self.account.livemode, "currency": "ZMW",
                "amount": Decimal(number % 9_000 + 10) + Decimal(number % 100) / 100, "status": status,
                "phone": f"26096{number:07}", "provider": "mtn", "created_by": "test", "created_at": at,
                "updated_at": at, "completed_at": at if is_final else None, "original": original,
                "failure_code": "unspecified" if status == "failed" else "",
                "provider_reference": f"{5_000_000 + number}" if status == "succeeded" else "",
                **fields,
            }
        )  # fmt: skip
        made = Transaction(
            payment=payment, number=1, operation=operation, provider="mtn", account_id=account_id or self.account.pk,
            base_url="http://127.0.0.1:9", reference=str(uuid4()), sends=1, created_at=at,
            state={"succeeded": "succeeded", "failed": "dead", "canceled": "dead"}.get(status, "open"),
        )  # fmt: skip
        self.payments.append(payment)
        self.transactions.append(made)
        if status == "succeeded" and booked:
            self._post(payment, made, payment.amount * sign, fee)
        self.line_of[payment.pk] = Written(
            at=at + timedelta(seconds=number % 3), provider_reference=f"{5_000_000 + number}",
            our_reference=payment.pk if number % 2 else made.reference, phone=payment.phone, type=word,
            amount=payment.amount * sign, fee=fee,
        )  # fmt: skip
        return payment

    def _post(self, payment: Payment, made: Transaction, amount: Decimal, fee: Decimal) -> None:
        pairs = [("succeeded", "collected" if amount > 0 else "paid_out", amount), ("fee", "fees", -fee)]
        for what, contra, signed in pairs:
            for account, value in (("provider_balance", signed), (contra, -signed)):
                if value:
                    self.entries.append(
                        LedgerEntry(
                            posting=f"{payment.pk}:{what}", livemode=payment.livemode, provider="mtn",
                            provider_account_id=made.account_id, account=account, amount=value,
                            currency=payment.currency, object_id=payment.pk, created_at=payment.updated_at,
                        )
                    )  # fmt: skip

    def insert(self) -> None:
        originals = [payment for payment in self.payments if payment.kind == "collection"]
        for rows in (originals, [payment for payment in self.payments if payment.kind != "collection"]):
            Payment.objects.bulk_create(rows, batch_size=2000)
        Transaction.objects.bulk_create(self.transactions, batch_size=2000)
        LedgerEntry.objects.bulk_create(self.entries, batch_size=2000)
        with connection.cursor() as cursor:  # as autovacuum would have, had these rows come one by one
            cursor.execute("ANALYZE payments_payment, payments_transaction, payments_ledgerentry")


_KINDS = {
    "collection": ("pay", "Collection", "collect", 1),
    "payout": ("out", "Disbursement", "transfer", -1),
    "refund": ("ref", "Refund", "refund", -1),
}


def account_of(livemode: bool = False) -> ProviderAccount:
    return ProviderAccount.objects.get(livemode=livemode, retired_at=None)


def csv_of(lines: list[Written], *, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADING)
    writer.writerows(line.cells() for line in lines)
    return out.getvalue().encode()


def imported(
    lines: list[Written], *, period: Period = PERIOD, layout: Layout = UNPROVEN_MTN.layout, livemode: bool = False
) -> Statement:
    """The file of these lines, uploaded and imported through our preset."""
    kept = upload(
        provider_account_id=account_of(livemode).pk, livemode=livemode, file_name="march.csv", content=csv_of(lines),
        actor="user:1 mary",
    )  # fmt: skip
    return import_statement(
        statement_id=kept.pk, livemode=livemode, layout=layout, layout_name=UNPROVEN_MTN.name, period=period,
        actor="user:1 mary",
    )  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)

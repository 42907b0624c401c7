"""Our books as the machine reads them after every step."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.db.models import Sum

from payments.kinds import PaymentKind
from payments.models import Event, LedgerEntry, Payment, Transaction
from payments.rescue import orphans
from payments.states import FINAL
from tenants.models import Circuit, Job
from tests.world import Merchant

# Per kind: percentage and fixed part, as tests/model/machine.py sets them up.
FEES = {PaymentKind.COLLECTION: (Decimal("1.5"), Decimal("0.25")), PaymentKind.PAYOUT: (Decimal(0), Decimal("0.50"))}
MOVEMENT_OF = {PaymentKind.COLLECTION: "collection", PaymentKind.PAYOUT: "transfer", PaymentKind.REFUND: "refund"}


@dataclass
class Snapshot:
    payments: dict[str, Payment]
    events: dict[str, list[tuple[int, str]]]  # version and status of each event of an object, by version
    references: dict[str, list[str]]  # what a provider may have been asked under
    ledger: dict[str, Decimal]  # by account
    orphans: list[tuple[str, str, str]]
    open_circuits_without_probe: list[Circuit]
    forgotten: list[str] = field(default_factory=list)  # final, to be looked at again, and without a job for it


def read(merchant: Merchant) -> Snapshot:
    with merchant.entered():
        # Every step ends as a commit would: with all deferred constraints checked.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        payments = {payment.id: payment for payment in Payment.objects.order_by("id")}
        events, references = defaultdict(list), defaultdict(list)
        for event in Event.objects.filter(object_id__in=payments).order_by("object_version"):
            events[event.object_id].append((event.object_version, event.status))
        looked_at_again = []
        for operation in Transaction.objects.order_by("number"):
            references[operation.payment_id].append(operation.reference)
            if operation.follow_ups_left and payments[operation.payment_id].status in FINAL:
                looked_at_again.append(operation.payment_id)
        ledger = LedgerEntry.objects.values_list("account").annotate(Sum("amount"))
        with_job = set(Job.objects.filter(kind__in=("poll", "probe")).values_list("subject", flat=True))
        return Snapshot(
            payments,
            events,
            references,
            dict(ledger),
            orphans(merchant.tenant.pk, older_than_seconds=0),
            [each for each in Circuit.objects.exclude(state=Circuit.CLOSED) if str(each.pk) not in with_job],
            [each for each in looked_at_again if each not in with_job],
        )


def expected_ledger(payments: dict[str, Payment]) -> dict[str, Decimal]:
    """What the books must hold for all that we know to have succeeded, reckoned another way than payments/ does."""
    moved: dict[PaymentKind, Decimal] = defaultdict(Decimal)
    fees = Decimal(0)
    for payment in payments.values():
        if payment.status == "succeeded":
            kind = PaymentKind(payment.kind)
            moved[kind] += payment.amount
            fees += fee(kind, payment.amount)
    balance = moved[PaymentKind.COLLECTION] - moved[PaymentKind.PAYOUT] - moved[PaymentKind.REFUND] - fees
    accounts = {
        LedgerEntry.PROVIDER_BALANCE: balance,
        LedgerEntry.COLLECTED: -moved[PaymentKind.COLLECTION],
        LedgerEntry.PAID_OUT: moved[PaymentKind.PAYOUT],
        LedgerEntry.REFUNDED: moved[PaymentKind.REFUND],
        LedgerEntry.FEES: fees,
    }
    return {account: amount for account, amount in accounts.items() if amount}


def fee(kind: PaymentKind, amount: Decimal) -> Decimal:
    percentage, fixed = FEES.get(kind, (Decimal(0), Decimal(0)))
    return (amount * percentage / 100 + fixed).quantize(Decimal("0.01"), ROUND_HALF_UP)

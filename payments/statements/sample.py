"""A statement to try with: the merchant's own successes of some days in our unproven layout, some of it wrong."""

import csv
import io
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from payments.kinds import PaymentKind
from payments.models import LedgerEntry, Payment, ProviderAccount
from payments.statements.layout import UNPROVEN_MTN
from payments.states import Status

DAYS = 7
MOST_LINES = 2_000
_TYPES = {PaymentKind.COLLECTION: "Collection", PaymentKind.PAYOUT: "Disbursement", PaymentKind.REFUND: "Refund"}
_HEADING = [column for column in UNPROVEN_MTN.layout.columns().values() if column]


def sample_statement(account: ProviderAccount, *, until: datetime) -> str:
    """CSV of the DAYS full days before `until`, which is the midnight of a day in the layout's zone."""
    zone = timezone(timedelta(minutes=UNPROVEN_MTN.layout.utc_offset_minutes))
    rows = (
        Payment.objects.filter(
            livemode=account.livemode, status=Status.SUCCEEDED, completed_at__gte=until - timedelta(days=DAYS),
            completed_at__lt=until, transactions__account_id=account.pk,
        )
        .distinct()
        .order_by("completed_at")[:MOST_LINES]
    )  # fmt: skip
    found = list(rows)
    booked = LedgerEntry.objects.filter(account=LedgerEntry.FEES, object_id__in=[payment.pk for payment in found])
    fees = dict(booked.values_list("object_id", "amount"))
    lines = [_line(payment, zone, fees.get(payment.pk, Decimal(0))) for payment in found]
    _spoil(lines, until, zone)
    out = io.StringIO()
    writer = csv.DictWriter(out, _HEADING)
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def _line(payment: Payment, zone: timezone, fee: Decimal) -> dict[str, str]:
    kind = PaymentKind(payment.kind)
    sign = "" if kind == PaymentKind.COLLECTION else "-"
    at = (payment.completed_at or payment.created_at).astimezone(zone)
    return {
        "Date": f"{at:%Y-%m-%d %H:%M:%S}",
        "Financial Transaction Id": payment.provider_reference,
        "External Id": payment.pk,
        "MSISDN": payment.phone,
        "Amount": f"{sign}{payment.amount:.2f}",
        "Fee": f"{fee:.2f}",
        "Type": _TYPES[kind],
        "Currency": payment.currency,
        "Status": "SUCCESSFUL",
    }


def _spoil(lines: list[dict[str, str]], until: datetime, zone: timezone) -> None:
    """What a person should find: a stranger and a settlement always; the others where there are lines enough."""
    last = until.astimezone(zone)
    stranger = {
        "Date": f"{last - timedelta(hours=9):%Y-%m-%d %H:%M:%S}", "Financial Transaction Id": "SAMPLE-0001",
        "External Id": "order-of-someone-else", "MSISDN": "260966555000", "Amount": "85.00", "Fee": "0.00",
        "Type": "Collection", "Currency": "ZMW", "Status": "SUCCESSFUL",
    }  # fmt: skip
    settlement = stranger | {
        "Date": f"{last - timedelta(hours=1):%Y-%m-%d %H:%M:%S}", "Financial Transaction Id": "SAMPLE-0002",
        "External Id": "", "MSISDN": "", "Amount": "-1500.00", "Type": "Settlement",
    }  # fmt: skip
    if len(lines) >= 8:
        lines[1]["Amount"] = f"{Decimal(lines[1]['Amount']) + 5:.2f}"
        lines[2]["Fee"] = f"{Decimal(lines[2]['Fee']) + Decimal('1.50'):.2f}"
        lines[4] |= {"External Id": "", "Financial Transaction Id": "SAMPLE-0003"}
        lines.append(dict(lines[5]))
        del lines[3]
    lines += [stranger, settlement]

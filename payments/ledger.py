"""Books what moved, as balanced postings in the transaction of the provider's word. Nothing else writes the ledger."""

from decimal import Decimal

from django.db.models.functions import Now

from payments.fees import fee_of
from payments.kinds import PaymentKind
from payments.models import LedgerEntry, Payment, Statement, StatementLine, Transaction

# Where the money of a success came from or went to, beside the balance at the provider.
_CONTRA = {
    PaymentKind.COLLECTION: LedgerEntry.COLLECTED,
    PaymentKind.PAYOUT: LedgerEntry.PAID_OUT,
    PaymentKind.REFUND: LedgerEntry.REFUNDED,
}


def post_success(payment: Payment, made_with: Transaction) -> None:
    """Book a payment, payout or refund that succeeded, and its fee. The database refuses to book it twice."""
    fee = fee_of(
        livemode=payment.livemode, provider=payment.provider, operation=made_with.operation, amount=payment.amount,
        currency=payment.currency,
    )  # fmt: skip
    LedgerEntry.objects.bulk_create(success_lines(payment, account_id=made_with.account_id, fee=fee))


def success_lines(payment: Payment, *, account_id: str, fee: Decimal) -> list[LedgerEntry]:
    """The lines of a success, not saved: two for the amount, and two for the fee unless it is zero."""
    kind = PaymentKind(payment.kind)
    amount = payment.amount if kind == PaymentKind.COLLECTION else -payment.amount
    lines = _posting(payment, account_id, "succeeded", contra=_CONTRA[kind], amount=amount)
    if fee:
        lines += _posting(payment, account_id, "fee", contra=LedgerEntry.FEES, amount=-fee)
    return lines


def post_settlement(line: StatementLine, statement: Statement) -> None:
    """Book money that a provider moved to the merchant's bank, once: the line names the posting."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            posting=f"{line.id}:settled", livemode=statement.livemode, provider=statement.provider,
            provider_account_id=statement.provider_account_id, account=account, amount=signed, currency=line.currency,
            object_id=statement.id, description=line.provider_reference,
        )
        for account, signed in (
            (LedgerEntry.PROVIDER_BALANCE, line.amount - line.fee),
            (LedgerEntry.SETTLED, -line.amount),
            (LedgerEntry.FEES, line.fee),
        )
        if signed
    )  # fmt: skip


def _posting(payment: Payment, account_id: str, what: str, *, contra: str, amount: Decimal) -> list[LedgerEntry]:
    """Two lines: `amount` on the balance at the provider, and its opposite on the other account.

    Of the very moment that the payment ended: a success around midnight must not lie in two periods.
    """
    return [
        LedgerEntry(
            posting=f"{payment.id}:{what}", livemode=payment.livemode, provider=payment.provider,
            provider_account_id=account_id, account=account, amount=signed, currency=payment.currency,
            object_id=payment.id, created_at=payment.completed_at or Now(),
        )
        for account, signed in ((LedgerEntry.PROVIDER_BALANCE, amount), (contra, -amount))
    ]  # fmt: skip

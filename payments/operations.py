"""Which operation at which account carries out a payment, payout or refund."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from payments import ids
from payments.accounts import find_account
from payments.kinds import PaymentKind
from payments.models import Payment, ProviderAccount, Transaction
from payments.transitions import FailureFacts
from providers.base import Operation
from providers.names import network_name
from providers.registry import get_provider


class CannotBeSent(Exception):
    """No account can carry it out any more; nothing was sent."""

    def __init__(self, failure: FailureFacts) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Planned:
    """An operation that may be sent, and all that a call needs to know beside the payment."""

    operation: Transaction
    account: ProviderAccount
    collected: Transaction | None = None  # what a refund pays back


def next_operation(payment: Payment) -> Planned:
    """A new operation, not saved: the first, or the first at another provider. Raises CannotBeSent."""
    network = network_name(payment.provider)
    if payment.kind == PaymentKind.REFUND:
        # Only the account and platform that collected know what is to be paid back.
        collected = _collected(payment)
        account = ProviderAccount.objects.get(pk=collected.account_id)
        base_url, operation = collected.base_url, refund_operation(collected.payment, amount=payment.amount)
    else:
        found = find_account(provider=payment.provider, livemode=payment.livemode)
        if found is None:
            raise _cannot(f"No {network} account is connected any more; connect one and start again.")
        account, base_url, collected = found, found.base_url, None
        operation = PaymentKind(payment.kind).operation
    if operation not in account.operations:
        raise _cannot(f"The {network} account has no credentials to {operation} any more; add them.")
    made = Transaction(
        id=ids.transaction_id(),
        payment=payment,
        number=payment.transactions.count() + 1,
        operation=operation,
        provider=payment.provider,
        account_id=account.id,
        base_url=base_url,
        reference=get_provider(payment.provider).new_reference(),
        created_at=timezone.now(),
    )
    return Planned(made, account, collected)


def refund_operation(original: Payment, *, amount: Decimal) -> Operation:
    """By what this much of a collection is paid back; a payout where the provider has no such refund."""
    return get_provider(original.provider).refund_operation(is_partial=amount < original.amount)


def can_be_asked(provider: str, kind: str) -> bool:
    """Whether the provider answers enquiries about things of this kind."""
    return get_provider(provider).answers_lookups(PaymentKind(kind).operation)


def operation_to_send(payment: Payment) -> Planned | None:
    """A new operation for a payment that has none, or the one whose reference may be sent again, if proven safe.

    The payment is locked, so of its operations none begins or ends meanwhile. Raises CannotBeSent.
    """
    if payment.is_final:
        return None
    operation = payment.transactions.select_for_update(of=("self",)).exclude(state=Transaction.DEAD).first()
    if operation is None:
        return next_operation(payment)
    # Only after proof that nothing is under way: see decisions.py, resend_after_seconds.
    if not operation.may_resend:
        return None
    account = ProviderAccount.objects.get(pk=operation.account_id)
    return Planned(operation, account, _collected(payment) if payment.kind == PaymentKind.REFUND else None)


def _collected(refund: Payment) -> Transaction:
    collections = Transaction.objects.select_related("payment")
    return collections.get(payment_id=refund.original_id, state=Transaction.SUCCEEDED)


def _cannot(message: str) -> CannotBeSent:
    return CannotBeSent(FailureFacts(code="credentials_rejected", message=message, retry_safe=True))

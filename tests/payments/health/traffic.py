"""Orders as the engine would have left them: sent, answered or not, ended, and called back about."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from payments.models import Callback, ProviderAccount, Transaction
from tests.portal.rows import id_at, make_exchange, make_payment, make_transaction
from tests.world import Merchant


def account_of(merchant: Merchant, *, livemode: bool = False) -> str:
    with merchant.entered():
        return ProviderAccount.objects.get(livemode=livemode, provider="mtn", retired_at=None).id


def make_orders(
    merchant: Merchant,
    count: int = 1,
    *,
    livemode: bool = False,
    operation: str = "collect",
    call: str = "",
    minutes_ago: float = 1,
    called_back_after: float | None = None,
    has_ended: bool = False,
    **answer: Any,
) -> None:
    """`call`: what the exchange was, when not the order itself; `answer`: its other fields, such as duration_ms,
    verdict, is_trouble. `called_back_after`: seconds."""
    account_id, at = account_of(merchant, livemode=livemode), timezone.now() - timedelta(minutes=minutes_ago)
    with merchant.entered():
        for _ in range(count):
            payment = make_payment(status="pending", created_at=at, livemode=livemode)
            made = make_transaction(
                payment, id=id_at("txn", at), operation=operation, account_id=account_id, last_sent_at=at,
                answered_at=at if has_ended else None, settled_at=at + timedelta(seconds=4) if has_ended else None,
            )  # fmt: skip
            make_exchange(payment, transaction_id=made.id, operation=call or operation, **{"started_at": at, **answer})
            if called_back_after is not None:
                call_back(made, seconds=called_back_after)


def call_back(made: Transaction, *, seconds: float, is_signed: bool = True) -> None:
    assert made.last_sent_at
    at = made.last_sent_at + timedelta(seconds=seconds)
    Callback.objects.create(
        id=id_at("cb", at), provider=made.provider, is_signed=is_signed, transaction_id=made.id, method="PUT",
        payment_id=made.payment_id, headers={}, body=b"{}", body_sha256=uuid4().hex, received_at=at,
    )  # fmt: skip

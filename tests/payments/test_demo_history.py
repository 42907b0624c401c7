"""The demo's history holds what the engine would have left: postings for every success, and a network that knows it."""

from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from payments.demo.history import History
from payments.demo.network import Network
from payments.demo.shoppers import purchases
from payments.demo.traders import payouts, refunds
from payments.fees import set_fee
from payments.models import LedgerEntry, Payment, ProviderAccount, Transaction
from payments.selectors.ledger import list_balances
from providers.base import Operation
from providers.simulator.books import Books
from providers.simulator.journal import Journal

NOW = datetime(2026, 3, 20, 15, tzinfo=UTC)  # a Friday, when wages are paid


@pytest.fixture
def told(acme, tmp_path):
    """Two weeks of business in live mode, written for acme; the journal of the simulated network."""
    journal = tmp_path / "simulator.jsonl"
    network = Network(journal)
    with acme.entered():
        fee = set_fee(
            livemode=True, provider="mtn", operation=Operation.COLLECT, currency="ZMW", percentage=Decimal("2.5"),
            fixed=Decimal(0), actor="test", valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        history = History(
            account=ProviderAccount.objects.get(livemode=True),
            api_users={"": "acme-user", "disbursement_": "acme-out-user"},
            fees={Operation.COLLECT: fee},
            network=network,
        )
        bought = list(purchases(seed="x", until=NOW, days=14, per_day=30))
        business = [
            *bought,
            *payouts(seed="x", until=NOW, days=14, per_day=30),
            *refunds(bought, seed="x", until=NOW),
        ]
        for wish in sorted(business, key=lambda wish: wish.at):
            history.tell(wish)
        history.rows.insert()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        network.close()
        yield journal


def test_every_success_and_nothing_else_is_posted_at_its_time_and_all_sums_to_zero(told):
    succeeded = dict(Payment.objects.filter(status="succeeded").values_list("id", "completed_at"))
    posted = dict(LedgerEntry.objects.filter(posting__endswith=":succeeded").values_list("object_id", "created_at"))
    assert posted == succeeded
    assert {payment.kind for payment in Payment.objects.filter(id__in=posted)} == {"collection", "payout", "refund"}
    assert LedgerEntry.objects.aggregate(total=Sum("amount"))["total"] == Decimal("0.00")


def test_the_balance_is_what_the_payments_say_and_never_less_than_nothing(told):
    [balance] = list_balances(livemode=True)
    sums = Payment.objects.filter(status="succeeded").values_list("kind").annotate(Sum("amount"))
    assert dict(sums) == {
        "collection": balance.collected, "payout": balance.paid_out, "refund": balance.refunded
    }  # fmt: skip
    assert balance.fees > 0
    assert balance.available > 0


def test_refunds_are_counted_on_the_payments_they_pay_back(told):
    refunded = Payment.objects.filter(kind="refund", status="succeeded")
    assert refunded
    for payment in Payment.objects.filter(amount_refunded__gt=0):
        paid_back = refunded.filter(original=payment).aggregate(total=Sum("amount"))["total"]
        assert payment.amount_refunded == paid_back <= payment.amount


def test_the_network_knows_every_operation_and_moved_what_succeeded(told):
    with closing(Books(Journal(told, fsync=False))) as books:
        for made in Transaction.objects.select_related("payment"):
            order = books.find(made.reference)
            assert order is not None
            assert order.status == ("SUCCESSFUL" if made.state == "succeeded" else "FAILED")
            assert (order.amount, order.phone) == (f"{made.payment.amount:.2f}", made.payment.phone)
        truth = books.ledger()
    assert truth["over_refunded"] == {}
    assert len(truth["movements"]) == Payment.objects.filter(status="succeeded").count()

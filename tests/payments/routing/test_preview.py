"""What other rules would have done to the traffic of the last 30 days."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payments.routing.preview import EXAMPLES, Preview, compare, recent_traffic
from payments.routing.rules import Rule
from payments.routing.selection import select
from providers.base import Operation
from tests.portal.rows import make_payment, make_payout, make_refund
from tests.world import Merchant

COLLECT, TRANSFER = Operation.COLLECT, Operation.TRANSFER
BOTH = frozenset((name, str(operation)) for name in ("mtn", "airtel") for operation in (COLLECT, TRANSFER))
TO_AIRTEL = Rule("mtn", COLLECT, "airtel")


@pytest.fixture
def inside(acme: Merchant) -> Iterator[Merchant]:
    with acme.entered():
        yield acme


def by(*then: Rule, today: tuple[Rule, ...] = (), livemode: bool = False, most: int = 5000, **facts: Any) -> Preview:
    traffic = recent_traffic(livemode=livemode, most=most)
    return compare(traffic, today=today, then=then, **{"routes": BOTH, **facts})


def sums(preview: Preview) -> dict[str, tuple[int, int, Decimal]]:
    """Kind and provider → how many today, how many then, and how much then."""
    return {
        f"{line.kind} {line.provider or 'nobody'}": (line.today.count, line.then.count, line.then.amount)
        for line in preview.lines
    }


def test_payments_and_payouts_are_counted_and_summed_for_each_provider(inside: Merchant) -> None:
    for amount in ("10.00", "20.00"):
        make_payment(amount=Decimal(amount))
    make_payout()
    assert sums(by(TO_AIRTEL)) == {
        "collection airtel": (0, 2, Decimal("30.00")),
        "collection mtn": (2, 0, Decimal(0)),
        "payout mtn": (1, 1, Decimal("50.00")),
    }


def test_amounts_of_two_currencies_are_not_added(inside: Merchant) -> None:
    make_payment()
    make_payment(currency="EUR")
    assert [(line.currency, line.then.count) for line in by().lines] == [("EUR", 1), ("ZMW", 1)]


def test_refunds_are_left_out_because_no_rule_is_about_them(inside: Merchant) -> None:
    make_refund(make_payment())
    assert by().count == 1


def test_only_the_last_30_days_and_the_own_mode_count(inside: Merchant) -> None:
    make_payment(created_at=timezone.now() - timedelta(days=31))
    make_payment(livemode=True)
    assert by().count == 0
    make_payment(created_at=timezone.now() - timedelta(days=29))
    assert by().count == 1


def test_another_merchants_traffic_does_not_count(inside: Merchant, globex: Merchant) -> None:
    with globex.entered():
        make_payment()
    assert by().count == 0


def test_of_more_than_are_looked_at_the_newest_count(inside: Merchant) -> None:
    now = timezone.now()
    make_payment(created_at=now - timedelta(hours=2), amount=Decimal("1.00"))
    make_payout(created_at=now - timedelta(hours=1))
    make_payment(created_at=now, amount=Decimal("3.00"))
    preview = by(most=2)
    assert (preview.count, preview.is_cut) == (2, True)
    assert sums(preview)["collection mtn"] == (1, 1, Decimal("3.00"))
    assert not by(most=3).is_cut


def test_a_number_of_no_network_was_routed_by_its_caller(inside: Merchant) -> None:
    make_payment(phone="260988000123")
    assert by().count == 0


def test_what_nobody_could_take_is_counted_and_shown_first(inside: Merchant) -> None:
    make_payment(amount=Decimal("5.00"))
    lost = make_payment(amount=Decimal("500.00"), created_at=timezone.now() - timedelta(hours=1))
    preview = by(Rule("mtn", COLLECT, "airtel", amount_max=Decimal(100)))
    assert (preview.changed, preview.lost, preview.without_route) == (2, 1, 1)
    first, second = preview.examples
    assert (first.past.id, first.today, first.then) == (lost.id, "mtn", "")
    assert first.because == "Airtel: rule 1 does not take 500.00"
    assert (second.then, second.because) == ("airtel", "rule 1, priority 1")


def test_what_nobody_takes_today_either_is_not_lost(inside: Merchant) -> None:
    make_payment()
    preview = by(routes=frozenset())
    assert (preview.without_route, preview.lost, preview.changed) == (1, 0, 0)


def test_two_statements_read_however_much_there_is(inside: Merchant, django_assert_num_queries: Any) -> None:
    for _ in range(20):
        make_payment()
    with django_assert_num_queries(2):
        assert by().count == 20


def test_no_more_than_ten_examples_are_given(inside: Merchant) -> None:
    for _ in range(EXAMPLES + 2):
        make_payment()
    preview = by(TO_AIRTEL)
    assert (preview.changed, len(preview.examples)) == (EXAMPLES + 2, EXAMPLES)


def test_shares_are_drawn_as_the_engine_draws_them_by_the_id(inside: Merchant) -> None:
    rules = (Rule("mtn", COLLECT, "mtn", share=50), Rule("mtn", COLLECT, "airtel", share=50))
    payments = [make_payment() for _ in range(20)]
    drawn = [
        select(
            provider="", network="mtn", operation=COLLECT, amount=payment.amount, rules=rules, routes=BOTH,
            blocked=frozenset(), key=payment.id,
        ).choices[0].provider
        for payment in payments
    ]  # fmt: skip
    expected = {f"collection {name}": drawn.count(name) for name in set(drawn)}
    assert {place: then for place, (_, then, _) in sums(by(*rules)).items() if then} == expected
    assert by(*rules) == by(*rules)
    assert by(*rules, today=rules).changed == 0

"""What is counted of the traffic of a provider account, and what is not."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.accounts import connect_provider
from payments.health.figures import Callbacks, Sends
from payments.health.overview import OperationHealth, health_of
from payments.models import Callback, Transaction
from payments.selectors.circuits import list_accounts
from providers.base import CallsBack
from providers.registry import get_provider
from tests.payments.health.traffic import call_back, make_orders
from tests.world import Merchant, mtn_credentials, run_jobs


def health(merchant: Merchant, operation: str = "collect", *, livemode: bool = False) -> OperationHealth:
    with merchant.entered():
        accounts = [each for each in list_accounts(livemode=livemode) if each.retired_at is None]
        [account] = health_of(accounts)
    return next(each for each in account.operations if each.operation == operation)


def sends(merchant: Merchant, operation: str = "collect", *, livemode: bool = False) -> Sends:
    return health(merchant, operation, livemode=livemode).sends


def callbacks(merchant: Merchant) -> Callbacks:
    found = health(merchant).callbacks
    assert found
    return found


def test_sends_are_counted_in_a_quarter_of_an_hour_and_in_a_day(acme: Merchant) -> None:
    make_orders(acme, 2, minutes_ago=14)
    make_orders(acme, 3, minutes_ago=16)
    make_orders(acme, 4, minutes_ago=24 * 60 - 1)
    make_orders(acme, 5, minutes_ago=24 * 60 + 1)
    assert (sends(acme).recent_count, sends(acme).count) == (2, 9)


def test_each_operation_is_counted_apart(acme: Merchant) -> None:
    make_orders(acme, 1, operation="collect")
    make_orders(acme, 2, operation="transfer", is_trouble=True)
    assert (sends(acme).count, sends(acme, "transfer").count, sends(acme, "refund").count) == (1, 2, 0)
    assert (sends(acme).share, sends(acme, "transfer").share, sends(acme, "refund").share) == (1, 0, None)


def test_calls_that_sent_no_order_do_not_count(acme: Merchant) -> None:
    make_orders(acme, 1, call="lookup", source="poll")
    make_orders(acme, 1, call="token", verdict="")
    assert sends(acme) == Sends()


@pytest.mark.parametrize("answer", [{"status": None}, {"status": 503, "call": "token", "verdict": "refused"}])
def test_an_order_without_an_answer_of_its_own_counts_but_not_among_answer_times(acme: Merchant, answer: Any) -> None:
    make_orders(acme, 1, duration_ms=100)
    make_orders(acme, 1, is_trouble=True, duration_ms=30_000, **answer)
    assert (sends(acme).count, sends(acme).failed, sends(acme).median_ms, sends(acme).p95_ms) == (2, 1, 100, 100)


def test_answer_times_are_those_of_the_day(acme: Merchant) -> None:
    for ms in (100, 200, 300):
        make_orders(acme, duration_ms=ms, minutes_ago=60)
    make_orders(acme, duration_ms=9_000, minutes_ago=25 * 60)
    assert sends(acme).median_ms == 200
    assert sends(acme).p95_ms == pytest.approx(290)
    assert sends(acme).recent_p95_ms is None


def test_an_answer_that_waited_for_the_payer_is_not_slow(acme: Merchant) -> None:
    make_orders(acme, 20, duration_ms=60_000, verdict="succeeded")
    make_orders(acme, 20, duration_ms=60_000, verdict="succeeded", operation="transfer")
    assert health(acme).state == "operational"
    assert health(acme, "transfer").state == "degraded"
    assert sends(acme).median_ms == 60_000


def test_trouble_of_the_network_is_a_failure(acme: Merchant, mtn) -> None:
    mtn.misbehave(operation="collect", times=1, answer="bad_gateway_502")
    acme.pay()
    run_jobs()
    assert (sends(acme).recent_count, sends(acme).recent_failed) == (1, 1)


@pytest.mark.parametrize("phone", ["+260966000451", "+260966000450"])
def test_a_payer_who_declines_or_a_wallet_that_is_not_there_is_a_success_of_the_network(acme, mtn, phone) -> None:
    acme.pay(phone=phone)
    run_jobs(rounds=3)
    assert (sends(acme).count, sends(acme).failed) == (1, 0)


def test_a_network_that_is_not_there_fails_every_send_and_has_no_answer_time(acme: Merchant, closed_port: str) -> None:
    acme.connect(base_url=closed_port)
    acme.pay()
    run_jobs()
    assert (sends(acme).count, sends(acme).failed, sends(acme).p95_ms) == (1, 1, None)


def test_a_whole_payment_leaves_its_send_and_its_callback(acme: Merchant, mtn) -> None:
    acme.pay()
    run_jobs(rounds=3)
    assert (sends(acme).count, sends(acme).share, callbacks(acme).ended) == (1, 1, 1)
    assert 0 < (sends(acme).median_ms or 0) <= (sends(acme).p95_ms or 0)


def test_callbacks_are_counted_for_orders_that_the_network_took_and_that_ended(acme: Merchant) -> None:
    make_orders(acme, 3, has_ended=True, called_back_after=6)
    make_orders(acme, 1, has_ended=True)
    make_orders(acme, 2)
    make_orders(acme, 1, has_ended=True, minutes_ago=25 * 60)
    assert callbacks(acme) == Callbacks(ended=4, came=3, median_seconds=6)
    assert callbacks(acme).share == 0.75


def test_of_several_callbacks_about_one_order_the_first_is_timed(acme: Merchant) -> None:
    make_orders(acme, 1, has_ended=True, called_back_after=2)
    with acme.entered():
        call_back(Transaction.objects.get(), seconds=50)
    assert callbacks(acme) == Callbacks(ended=1, came=1, median_seconds=2)


def test_a_message_of_a_stranger_is_no_callback(acme: Merchant) -> None:
    make_orders(acme, 1, has_ended=True)
    with acme.entered():
        call_back(Transaction.objects.get(), seconds=2, is_signed=False)
        assert Callback.objects.exists()
    assert callbacks(acme) == Callbacks(ended=1, came=0, median_seconds=None)


def test_of_a_network_that_never_calls_back_no_callback_is_missed(acme: Merchant, monkeypatch) -> None:
    make_orders(acme, 1, has_ended=True)
    monkeypatch.setattr(type(get_provider("mtn")), "calls_back", CallsBack.NEVER)
    assert health(acme).callbacks is None


def test_the_other_mode_and_the_other_merchant_count_for_themselves(acme: Merchant, globex: Merchant) -> None:
    make_orders(acme, 1, has_ended=True, called_back_after=2)
    make_orders(acme, 2, livemode=True, is_trouble=True)
    make_orders(globex, 30, is_trouble=True, has_ended=True)
    assert (sends(acme).count, sends(acme, livemode=True).count, sends(globex).count) == (1, 2, 30)
    assert (health(acme).state, health(globex).state) == ("operational", "degraded")
    assert callbacks(acme).share == 1


def test_what_went_through_a_retired_account_does_not_count_for_the_new_one(acme: Merchant) -> None:
    make_orders(acme, 30, is_trouble=True)
    with acme.entered():
        connect_provider(
            provider="mtn", livemode=False, credentials=mtn_credentials("other"), base_url=acme.simulator_url,
            actor="test",
        )  # fmt: skip
    assert sends(acme) == Sends()


def test_two_statements_are_enough_for_any_number_of_accounts(acme: Merchant) -> None:
    with acme.entered():
        accounts = list_accounts(livemode=False) + list_accounts(livemode=True)
        for some in (accounts[:1], accounts * 5):
            with CaptureQueriesContext(connection) as captured:
                assert len(health_of(some)) == len(some)
            assert len(captured) == 2


def test_the_sends_are_found_by_their_index(acme: Merchant) -> None:
    with acme.entered(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            """EXPLAIN SELECT 1 FROM payments_exchange
                WHERE source = 'answer' AND verdict <> '' AND started_at >= now() - interval '1 day'"""
        )
        assert "exchange_sends" in "\n".join(line for (line,) in cursor.fetchall())

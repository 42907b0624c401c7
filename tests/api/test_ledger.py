"""GET /v1/balance and GET /v1/ledger_entries: always in balance, and only the merchant's own."""

from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

import pytest

from payments.fees import set_fee
from tests.api.conftest import assert_problem, fields_of
from tests.world import run_jobs


def entries(merchant, key="", **query):
    answer = merchant.api("GET", f"/v1/ledger_entries?{urlencode({'limit': 100} | query)}", key=key)
    assert answer.status_code == 200, answer.content
    return answer.json()["data"]


def total(lines):
    return str(sum((Decimal(line["amount"]) for line in lines), Decimal("0.00")))


@pytest.fixture
def busy(acme, mtn):
    """K 150 and K 150 in, of which 40 go back; K 50 out; with fees on what comes in and what goes out."""
    with acme.entered():
        for operation, percentage, fixed in (("collect", "2.5", "0"), ("transfer", "0", "1.50")):
            set_fee(
                livemode=False, provider="mtn", operation=operation, currency="ZMW", percentage=Decimal(percentage),
                fixed=Decimal(fixed), actor="test",
            )  # fmt: skip
    first, _second, declined = acme.pay(), acme.pay(), acme.pay(phone="+260966000451")
    run_jobs(rounds=3)
    refund, payout = acme.refund(first.json()["id"], amount="40.00"), acme.pay_out()
    run_jobs(rounds=3)
    return {name: answer.json()["id"] for name, answer in locals().items() if name in ("first", "refund", "payout")} | {
        "declined": declined.json()["id"]
    }


def test_before_the_first_success_there_is_no_balance(acme):
    acme.pay()
    assert acme.api("GET", "/v1/balance").json() == {"object": "balance", "livemode": False, "data": []}


def test_the_balance_says_what_is_there_and_where_it_came_from_and_went(acme, busy):
    [balance] = acme.api("GET", "/v1/balance").json()["data"]
    assert balance.pop("provider_account").startswith("pa_")
    assert balance == {
        "provider": "mtn", "currency": "ZMW", "available": "201.00", "collected": "300.00", "refunded": "40.00",
        "paid_out": "50.00", "fees": "9.00", "settled": "0.00",
    }  # fmt: skip


def test_all_entries_together_and_those_of_each_posting_sum_to_zero(acme, busy):
    lines = entries(acme)
    assert total(lines) == "0.00"
    for posting in {line["posting"] for line in lines}:
        assert total([line for line in lines if line["posting"] == posting]) == "0.00"


def test_the_balance_is_the_sum_of_the_entries(acme, busy):
    [balance] = acme.api("GET", "/v1/balance").json()["data"]
    assert total(entries(acme, account="provider_balance")) == balance["available"]
    assert total(entries(acme, account="collected")) == f"-{balance['collected']}"
    for account in ("refunded", "paid_out", "fees"):
        assert total(entries(acme, account=account)) == balance[account]


def test_an_entry_is_answered_whole(acme, busy):
    [line] = entries(acme, source=busy["payout"], account="paid_out")
    assert line.pop("id").startswith("le_")
    assert line.pop("provider_account").startswith("pa_")
    assert datetime.fromisoformat(line.pop("created_at"))
    assert line == {
        "object": "ledger_entry", "livemode": False, "posting": f"{busy['payout']}:succeeded", "account": "paid_out",
        "amount": "50.00", "currency": "ZMW", "provider": "mtn", "source": busy["payout"], "description": "",
    }  # fmt: skip


def test_entries_of_one_object_are_those_of_its_success_and_its_fee(acme, busy):
    lines = [(line["account"], line["amount"]) for line in entries(acme, source=busy["first"])][::-1]
    assert sorted(lines) == [
        ("collected", "-150.00"), ("fees", "3.75"), ("provider_balance", "-3.75"), ("provider_balance", "150.00"),
    ]  # fmt: skip
    assert entries(acme, source=busy["declined"]) == []


def test_entries_come_newest_first_page_by_page(acme, busy):
    everything = entries(acme)
    first = acme.api("GET", "/v1/ledger_entries?limit=3").json()
    second = acme.api("GET", f"/v1/ledger_entries?limit=100&cursor={first['next_cursor']}").json()
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert first["data"] + second["data"] == everything
    assert [line["created_at"] for line in everything] == sorted((e["created_at"] for e in everything), reverse=True)


def test_entries_are_filtered_by_provider_currency_and_time(acme, busy):
    everything = entries(acme)
    assert entries(acme, provider="mtn", currency="ZMW") == everything
    assert entries(acme, provider="airtel") == entries(acme, currency="EUR") == []
    newest = everything[0]["created_at"]
    later = (datetime.fromisoformat(newest) + timedelta(microseconds=1)).isoformat()
    assert everything[0] in entries(acme, created_from=newest)
    assert entries(acme, created_to=newest) == everything
    assert entries(acme, created_from=later) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("account=cash", "account"),
        ("provider=vodafone", "provider"),
        ("currency=KWACHA", "currency"),
        ("created_from=yesterday", "created_from"),
        ("source=%00", "source"),
        ("object=pay_0", "object"),
        ("limit=101", "limit"),
        ("cursor=x", "cursor"),
        ("status=succeeded", "status"),
    ],
)
def test_a_filter_that_makes_no_sense_is_400_and_named(acme, query, field):
    answer = acme.api("GET", f"/v1/ledger_entries?{query}")
    assert_problem(answer, 400, "validation_failed")
    assert list(fields_of(answer)) == [field]


def test_the_balance_takes_no_parameters(acme):
    assert_problem(acme.api("GET", "/v1/balance?currency=ZMW"), 400, "validation_failed")


def test_modes_and_merchants_never_see_each_others_books(acme, globex, busy):
    for key in (acme.live_key, globex.test_key, globex.live_key):
        assert acme.api("GET", "/v1/balance", key=key).json()["data"] == []
        assert entries(acme, key=key) == entries(acme, key=key, source=busy["first"]) == []

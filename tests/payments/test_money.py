"""Amounts are exact decimals; whatever is not, is refused with a reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.money import InvalidAmount, parse_money


@pytest.mark.parametrize(("text", "amount"), [("150.00", "150.00"), ("1", "1.00"), ("0.5", "0.50"), ("007", "7.00")])
def test_plain_decimal_strings_become_exact_amounts(text, amount):
    assert str(parse_money(text, "ZMW").amount) == amount


@pytest.mark.parametrize(
    "text",
    ["0", "0.00", "-1", "+1", "1.001", "1e3", " 1", "1 ", "1,000.00", "", ".5", "1.", "NaN", "Infinity", "٣", "1" * 11],
)
def test_everything_else_is_refused(text):
    with pytest.raises(InvalidAmount):
        parse_money(text, "ZMW")


def test_an_unknown_currency_is_refused():
    with pytest.raises(KeyError):
        parse_money("1.00", "USD")


@given(st.integers(min_value=1, max_value=10**12 - 1))
def test_every_amount_in_ngwee_survives_the_trip_through_text(ngwee):
    money = parse_money(f"{ngwee // 100}.{ngwee % 100:02}", "ZMW")
    assert money.amount == Decimal(ngwee) / 100
    assert parse_money(money.text(), "ZMW") == money

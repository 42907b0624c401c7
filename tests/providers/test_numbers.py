"""What people type as a phone number, and what we make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import numbers


@pytest.mark.parametrize(
    "text",
    [
        "260961234567", "+260961234567", "00260961234567", "0961234567", "961234567", "+260 96 123-4567",
        "(096) 123.4567", " 0961 234 567 ", "260 96/1234567",
    ],
)  # fmt: skip
def test_every_usual_spelling_gives_the_same_number(text: str) -> None:
    assert numbers.normalise(text) == "260961234567"


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "260", "96123456", "9612345678", "+26096123456", "+2600961234567", "0260961234567", "260991234567",
        "260211234567", "+46733123450", "46733123450", "+447911123456", "09612345six", "+", "++260961234567",
        "٠٩٦١٢٣٤٥٦٧", "0961234567" * 5, "260961234567;ext=1", "96 123 4567\x00",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(numbers.InvalidPhoneError):
        numbers.normalise(text)


@pytest.mark.parametrize(
    ("phone", "network"),
    [
        ("260961234567", "mtn"), ("260761234567", "mtn"), ("260561234567", "mtn"),
        ("260971234567", "airtel"), ("260771234567", "airtel"), ("260571234567", "airtel"),
        ("260951234567", "zamtel"), ("260751234567", "zamtel"), ("260551234567", "zamtel"),
        ("260981234567", None), ("447911123456", None), ("", None), ("46733123450", "mtn"),
    ],
)  # fmt: skip
def test_the_prefix_names_the_network(phone: str, network: str | None) -> None:
    assert numbers.network_of(phone) == network


def test_sandbox_numbers_pass_only_when_they_are_allowed() -> None:
    assert numbers.normalise("+46733123450", allow_sandbox=True) == "46733123450"
    assert numbers.normalise("46733123464", allow_sandbox=True) == "46733123464"
    with pytest.raises(numbers.InvalidPhoneError):
        numbers.normalise("46733123465", allow_sandbox=True)


def test_every_served_prefix_is_a_valid_mobile_number() -> None:
    for prefix in numbers.NETWORK_BY_PREFIX:
        assert numbers.normalise(f"0{prefix}1234567") == f"260{prefix}1234567"


@given(st.text(max_size=40))
def test_any_text_gives_twelve_digits_or_a_refusal(text: str) -> None:
    try:
        phone = numbers.normalise(text)
    except numbers.InvalidPhoneError:
        return
    assert len(phone) == 12
    assert numbers.normalise(phone) == phone

"""Every answer of Zamtel and what it is taken to mean: no doubtful answer may end a payment."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Kind, Operation, Outcome
from providers.zamtel import codes, wire
from providers.zamtel.shape_a import SHAPE_A
from providers.zamtel.shape_b import SHAPE_B
from tests.providers.answers import answer
from tests.providers.zamtel_world import OUTWARD, body_a, body_b, make_order

CONTRACT_CODES = {
    "", "payer_not_found", "payer_barred", "insufficient_funds", "limit_reached", "payer_declined",
    "payer_timeout", "wrong_pin", "amount_out_of_range", "currency_not_supported",
    "merchant_funds_insufficient", "credentials_rejected", "provider_rejected", "provider_error", "unspecified",
}  # fmt: skip
COLLECT, TRANSFER = OUTWARD
EITHER = pytest.mark.parametrize(("shape", "body_of"), [(SHAPE_A, body_a), (SHAPE_B, body_b)], ids=["a", "b"])


def read(shape: Any, body: bytes, operation: Operation = COLLECT, status: int | None = 200, **more: Any) -> Outcome:
    return wire.read(answer(status, body, **more), make_order(operation), shape.said)


@EITHER
@pytest.mark.parametrize(
    ("operation", "word", "kind", "code", "alarm"),
    [
        (COLLECT, "0", Kind.SUCCEEDED, "", False),
        (COLLECT, "E8003", Kind.FAILED, "wrong_pin", False),
        (COLLECT, "2006", Kind.FAILED, "insufficient_funds", False),
        (COLLECT, "2004", Kind.FAILED, "amount_out_of_range", False),
        (COLLECT, "2005", Kind.FAILED, "limit_reached", False),
        (COLLECT, "E8036", Kind.FAILED, "payer_not_found", False),
        (COLLECT, "2001", Kind.REFUSED, "credentials_rejected", True),
        (COLLECT, "E8027", Kind.UNKNOWN, "", True),
        (COLLECT, "-1", Kind.UNKNOWN, "", False),
        (COLLECT, "E9999", Kind.UNKNOWN, "", False),
        (COLLECT, "system time out", Kind.UNKNOWN, "", False),
        (TRANSFER, "0", Kind.SUCCEEDED, "", False),
        (TRANSFER, "2006", Kind.FAILED, "merchant_funds_insufficient", True),
        (TRANSFER, "2004", Kind.FAILED, "amount_out_of_range", False),
        (TRANSFER, "2005", Kind.FAILED, "limit_reached", False),
        (TRANSFER, "E8036", Kind.FAILED, "payer_not_found", False),
        (TRANSFER, "2001", Kind.REFUSED, "credentials_rejected", True),
        (TRANSFER, "E8003", Kind.UNKNOWN, "", False),
        (TRANSFER, "E8027", Kind.UNKNOWN, "", True),
        (TRANSFER, "-1", Kind.UNKNOWN, "", False),
    ],
)
def test_a_code_means_the_same_in_both_shapes(
    shape: Any, body_of: Any, operation: Operation, word: str, kind: Kind, code: str, alarm: bool
) -> None:
    outcome = read(shape, body_of(word), operation)
    assert (outcome.kind, outcome.code, outcome.alarm, outcome.provider_code) == (kind, code, alarm, word)
    assert (outcome.low_trust, outcome.retry_after_seconds) == (False, None)
    assert outcome.retry_safe is (kind in {Kind.FAILED, Kind.REFUSED})


@EITHER
@pytest.mark.parametrize("operation", OUTWARD)
def test_no_code_counts_under_any_http_status_but_200(shape: Any, body_of: Any, operation: Operation) -> None:
    others = [*range(100, 200), *range(201, 600)]
    for status, word in [*product(others, ["0"]), *product((202, 400, 500, 503), codes.CODES[operation])]:
        outcome = read(shape, body_of(word), operation, status)
        assert (outcome.kind, outcome.provider_code) == (Kind.UNKNOWN, word)


@EITHER
@pytest.mark.parametrize("word", codes.CODES[COLLECT])
def test_an_answer_that_was_cut_short_is_never_believed(shape: Any, body_of: Any, word: str) -> None:
    outcome = read(shape, body_of(word), error="answer cut short")
    assert (outcome.kind, outcome.provider_code, outcome.retry_after_seconds) == (Kind.UNKNOWN, "", None)


@pytest.mark.parametrize("status", range(300, 400))
def test_a_redirect_is_unknown_and_somebody_must_look(status: int) -> None:
    outcome = read(SHAPE_A, body_a(), status=status)
    assert (outcome.kind, outcome.alarm, outcome.trouble) == (Kind.UNKNOWN, True, True)


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_a_gateway_that_says_no_proves_nothing_and_somebody_must_look(status: int) -> None:
    outcome = read(SHAPE_A, b"", status=status)
    assert (outcome.kind, outcome.alarm, outcome.provider_code) == (Kind.UNKNOWN, True, f"HTTP {status}")


def test_what_never_left_may_be_sent_again_and_is_believed() -> None:
    outcome = read(SHAPE_A, b"", status=None, sent=False, error="connection refused")
    assert (outcome.kind, outcome.code, outcome.trouble) == (Kind.REFUSED, "provider_error", True)
    assert (outcome.retry_safe, outcome.low_trust, outcome.retry_after_seconds) == (True, False, 2.0)


def test_what_may_have_left_is_unknown_and_never_sent_again() -> None:
    outcome = read(SHAPE_A, b"", status=None, sent=True, error="read timeout after 90.0 s")
    assert (outcome.kind, outcome.code, outcome.trouble, outcome.retry_after_seconds) == (Kind.UNKNOWN, "", True, None)


@pytest.mark.parametrize(
    ("status", "body", "html", "trouble"),
    [
        (200, body_a("0"), False, False),
        (200, body_a("0"), True, False),
        (200, body_a("2006"), False, False),
        (200, body_a("2001"), False, False),
        (200, body_a("E9999"), False, False),
        (200, body_a("E8027"), False, True),
        (200, body_a("-1"), False, True),
        (200, b"", False, True),
        (200, b"<html>", True, True),
        (202, body_a("0"), False, True),
        (302, b"", False, True),
        (401, b"", False, False),
        (403, b"", True, True),
        (404, b"", True, True),
        (429, b"", True, False),
        (500, body_a("2006"), False, True),
        (502, b"", False, True),
        (503, b"", True, True),
    ],
)
def test_trouble_is_when_zamtel_did_not_do_its_job(status: int, body: bytes, html: bool, trouble: bool) -> None:
    assert read(SHAPE_A, body, status=status, html=html).trouble is trouble


@EITHER
@given(body=st.binary(max_size=200), status=st.integers(100, 599))
def test_no_noise_ever_ends_a_payment_or_raises(shape: Any, body_of: Any, body: bytes, status: int) -> None:
    outcome = read(shape, body, status=status)
    assert outcome.kind is Kind.UNKNOWN


@given(word=st.text(max_size=20))
def test_no_word_but_the_documented_ones_ends_a_payment(word: str) -> None:
    for operation in OUTWARD:
        outcome = read(SHAPE_A, body_a(word), operation)
        assert outcome.kind is Kind.UNKNOWN or outcome.provider_code in codes.CODES[operation]
        outcome.provider_code.encode()


def test_every_code_is_one_of_the_contract_and_every_failure_has_one() -> None:
    rows = [row for table in codes.CODES.values() for row in table.values()]
    rows += [value for value in vars(wire).values() if isinstance(value, Outcome)]
    assert len(rows) > 20
    for outcome in rows:
        assert outcome.code in CONTRACT_CODES
        assert bool(outcome.code) == (outcome.kind in {Kind.FAILED, Kind.REFUSED})
        assert outcome.message.endswith(".")
        assert not outcome.low_trust

"""Every answer of MTN and what it is taken to mean: no doubtful answer may end a payment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import HolderStatus, Kind, Operation
from providers.http import Answer
from providers.mtn import wire
from providers.mtn.reasons import REASONS_OF, STATUSES_OF
from providers.parsing import amount_of, parse_object
from tests.providers.answers import answer

CONTRACT_CODES = {
    "", "payer_not_found", "payer_barred", "insufficient_funds", "limit_reached", "payer_declined",
    "payer_timeout", "wrong_pin", "amount_out_of_range", "currency_not_supported",
    "merchant_funds_insufficient", "credentials_rejected", "provider_rejected", "provider_error", "unspecified",
}  # fmt: skip


def collect(status: int | None, code: str = "", **more: Any) -> Any:
    return wire.read(wire.COLLECT, answer(status, {"code": code} if code else b"", **more))


def failed(reason: Any) -> Any:
    return wire.read_lookup(answer(200, {"status": "FAILED", "reason": reason}))


# --- the request itself


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (202, "", Kind.PENDING),
        (409, "RESOURCE_ALREADY_EXIST", Kind.PENDING),
        (409, "", Kind.PENDING),
        (400, "", Kind.REFUSED),
        (401, "", Kind.REFUSED),
        (403, "FORBIDDEN_IP", Kind.REFUSED),
        (429, "", Kind.REFUSED),
        (500, "NOT_ALLOWED_TARGET_ENVIRONMENT", Kind.REFUSED),
        (500, "INVALID_CALLBACK_URL_HOST", Kind.REFUSED),
        (500, "INVALID_CURRENCY", Kind.REFUSED),
        (500, "NOT_ALLOWED", Kind.REFUSED),
        (500, "PAYER_NOT_FOUND", Kind.FAILED),
        (500, "PAYEE_NOT_FOUND", Kind.FAILED),
        (500, "PAYEE_NOT_ALLOWED_TO_RECEIVE", Kind.FAILED),
        (500, "NOT_ENOUGH_FUNDS", Kind.FAILED),
        (500, "PAYER_LIMIT_REACHED", Kind.FAILED),
        (503, "SERVICE_UNAVAILABLE", Kind.REFUSED),
        (503, "", Kind.UNKNOWN),
        (500, "SERVICE_UNAVAILABLE", Kind.UNKNOWN),
        (500, "INTERNAL_PROCESSING_ERROR", Kind.UNKNOWN),
        (500, "SOMETHING_NEW", Kind.UNKNOWN),
        (500, "", Kind.UNKNOWN),
        (502, "NOT_ALLOWED", Kind.UNKNOWN),
        (504, "", Kind.UNKNOWN),
        (200, "", Kind.UNKNOWN),
        (302, "", Kind.UNKNOWN),
        (404, "RESOURCE_NOT_FOUND", Kind.UNKNOWN),
        (408, "", Kind.UNKNOWN),
    ],
)
def test_an_answer_to_a_collection_means(status: int, code: str, kind: Kind) -> None:
    assert collect(status, code).kind is kind


DOCUMENTED = {(status, code) for status, code in wire.COLLECT.rows}


@pytest.mark.parametrize("operation", Operation)
def test_only_documented_rows_can_refuse_or_fail_an_order(operation: Operation) -> None:
    for status, code in product(range(100, 600), ("", "SOMETHING_NEW", *wire.REASONS)):
        if (status, code) not in DOCUMENTED and (status, wire.ANY) not in DOCUMENTED:
            outcome = wire.read(wire.SENDING[operation], answer(status, {"code": code}))
            assert outcome.kind is Kind.UNKNOWN


def test_nothing_sent_may_be_sent_again_and_cut_off_may_have_arrived() -> None:
    refused = collect(None, sent=False, error="connection refused")
    assert (refused.kind, refused.retry_safe, refused.retry_after_seconds) == (Kind.REFUSED, True, 2.0)
    assert collect(None, sent=True, error="connection reset").kind is Kind.UNKNOWN


@pytest.mark.parametrize("status", [202, 400, 401, 403, 409, 429, 500, 503])
def test_an_answer_that_was_cut_short_is_never_believed(status: int) -> None:
    assert collect(status, "NOT_ENOUGH_FUNDS", error="answer cut short").kind is Kind.UNKNOWN


def test_a_temporary_refusal_says_when_to_send_the_same_reference_again() -> None:
    busy = wire.read(wire.COLLECT, answer(429, b"", retry_after="7"))
    assert (busy.retry_after_seconds, busy.retry_safe, busy.low_trust) == (7.0, True, False)
    down = collect(503, "SERVICE_UNAVAILABLE")
    assert (down.retry_after_seconds, down.retry_safe, down.low_trust) == (2.0, False, True)
    assert collect(400).retry_after_seconds is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("99999999", 3600.0), ("soon", 2.0), ("-5", 2.0), ("", 2.0), ("²", 2.0), ("Mon, 99 Foo", 2.0)],
)
def test_retry_after_is_bounded_and_nonsense_is_ignored(header: str, seconds: float) -> None:
    assert wire.read(wire.COLLECT, answer(429, b"", retry_after=header)).retry_after_seconds == seconds


def test_retry_after_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    pause = wire.read(wire.COLLECT, answer(429, b"", retry_after=later)).retry_after_seconds
    assert pause is not None
    assert 25 < pause <= 30


def test_every_code_is_one_of_the_contract_and_every_failure_has_one() -> None:
    tables = (*wire.SENDING.values(), wire.LOOKUP, wire.TOKEN)
    outcomes = [row for table in tables for row in table.rows.values()]
    outcomes += [outcome for words in (*REASONS_OF.values(), *STATUSES_OF.values()) for outcome in words.values()]
    outcomes += [wire.OTHER_REASON, wire.missing_credentials(["api_key"])]
    for outcome in outcomes:
        assert outcome.code in CONTRACT_CODES
        assert bool(outcome.code) == (outcome.kind in {Kind.FAILED, Kind.REFUSED})
        assert outcome.message.endswith(".")


# --- the lookup


def test_a_failing_lookup_never_ends_a_payment() -> None:
    for status, code in product(range(100, 600), ("", *wire.REASONS)):
        is_the_one = (status, code) == (404, "RESOURCE_NOT_FOUND")
        outcome = wire.read_lookup(answer(status, {"code": code}))
        assert outcome.kind is (Kind.NOT_FOUND if is_the_one else Kind.UNKNOWN)


def test_not_found_takes_the_api_at_its_word_and_no_gateway() -> None:
    assert wire.read_lookup(answer(404, {"code": "RESOURCE_NOT_FOUND"})).kind is Kind.NOT_FOUND
    for body in (b"", b"<html>404</html>", b'{"statusCode":404,"message":"Resource not found"}'):
        outcome = wire.read_lookup(answer(404, body))
        assert (outcome.kind, outcome.alarm) == (Kind.UNKNOWN, True)


def test_success_echoes_what_the_caller_compares() -> None:
    body = {
        "financialTransactionId": 1870012345, "externalId": "INV-1", "amount": "150.00", "currency": "ZMW",
        "payer": {"partyIdType": "MSISDN", "partyId": "260961234567"}, "status": "SUCCESSFUL",
    }  # fmt: skip
    outcome = wire.read_lookup(answer(200, body))
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "1870012345")
    assert (outcome.amount, outcome.currency, outcome.phone) == (Decimal("150.00"), "ZMW", "260961234567")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("PAYER_NOT_FOUND", "payer_not_found"), ("NOT_ENOUGH_FUNDS", "insufficient_funds"),
        ("PAYER_LIMIT_REACHED", "limit_reached"), ("PAYEE_LIMIT_REACHED", "limit_reached"),
        ("LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED", "insufficient_funds"),
        ("SENDER_ACCOUNT_NOT_ACTIVE", "payer_barred"), ("APPROVAL_REJECTED", "payer_declined"),
        ("PAYMENT_NOT_APPROVED", "payer_declined"), ("EXPIRED", "payer_timeout"),
        ("COULD_NOT_PERFORM_TRANSACTION", "payer_timeout"), ("TRANSACTION_CANCELED", "provider_rejected"),
        ("INTERNAL_PROCESSING_ERROR", "provider_error"), ("SERVICE_UNAVAILABLE", "provider_error"),
        ("NOT_ALLOWED", "provider_rejected"), ("INVALID_CURRENCY", "currency_not_supported"),
        ("transfertype unknown", "provider_rejected"), ("A_NEW_WORD", "unspecified"), (None, "unspecified"),
        (["odd"], "unspecified"),
    ],
)  # fmt: skip
def test_a_reason_is_read_from_a_string_and_from_an_object(reason: Any, code: str) -> None:
    for shape in (reason, {"code": reason, "message": "…"}):
        outcome = failed(shape)
        assert (outcome.kind, outcome.code) == (Kind.FAILED, code)
        assert outcome.provider_code == (reason if isinstance(reason, str) else "")


@pytest.mark.parametrize("reason", ["RESOURCE_NOT_FOUND", "TRANSACTION_NOT_FOUND", "NOT_FOUND"])
def test_a_failure_about_the_question_is_no_failure_of_the_payment(reason: str) -> None:
    assert failed(reason).kind is Kind.UNKNOWN


@pytest.mark.parametrize("reason", ["TRANSACTION_NOT_COMPLETED", "RESOURCE_ALREADY_EXIST"])
def test_an_unfinished_transaction_stays_pending(reason: str) -> None:
    assert failed(reason).kind is Kind.PENDING


def test_catch_all_reasons_are_asked_for_again_and_do_not_invite_a_new_payment() -> None:
    for reason in ("INTERNAL_PROCESSING_ERROR", "SERVICE_UNAVAILABLE", "A_NEW_WORD"):
        assert (failed(reason).low_trust, failed(reason).retry_safe) == (True, False)
    assert (failed("APPROVAL_REJECTED").low_trust, failed("APPROVAL_REJECTED").retry_safe) == (False, True)
    assert failed("COULD_NOT_PERFORM_TRANSACTION").low_trust


@pytest.mark.parametrize("status", ["CANCELLED", "REJECTED", "TIMEOUT", "SUCCESSFULL", "???"])
def test_an_unknown_status_is_pending_and_raises_an_alarm(status: str) -> None:
    outcome = wire.read_lookup(answer(200, {"status": status, "reason": "APPROVAL_REJECTED"}))
    assert (outcome.kind, outcome.alarm, outcome.provider_code) == (Kind.PENDING, True, status)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"<html>", b"{", b"\xff\xfe", b'{"status":null}', b'{"status":{}}', b'{"status":true}',
     b"[" * 100_000, b'{"n":' + b"9" * 10_000 + b"}"],
)  # fmt: skip
def test_an_unreadable_body_teaches_nothing(body: bytes) -> None:
    assert wire.read_lookup(answer(200, body)).kind is Kind.UNKNOWN
    with pytest.raises(ValueError, match="no status"):
        wire.read_callback(body)


@given(st.binary(max_size=200))
def test_no_bytes_can_break_the_parsers(body: bytes) -> None:
    assert wire.read_lookup(answer(200, body)).kind in {Kind.UNKNOWN, Kind.PENDING}
    assert isinstance(parse_object(body), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(), values, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["status", "reason", "amount", "currency", "payer", "code"]), JSON))
def test_no_json_can_break_the_parsers_or_succeed_by_accident(body: dict[str, Any]) -> None:
    for status, read in product((200, 500), (wire.read_lookup, lambda given: wire.read(wire.COLLECT, given))):
        assert read(answer(status, body)).kind is not Kind.SUCCEEDED


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("150.00", Decimal("150.00")), ("150", Decimal(150)), (150, Decimal(150)), (Decimal("1.5"), Decimal("1.5")),
        ("1_000", None), ("NaN", None), ("1e9999999", None), ("-5", None), (True, None), (None, None), ({}, None),
        (1.5, None), ("9" * 60, None),
    ],
)  # fmt: skip
def test_an_amount_is_read_only_in_plain_digits(value: Any, amount: Decimal | None) -> None:
    assert amount_of(value) == amount


def test_words_are_short_printable_and_storable() -> None:
    outcome = wire.read_lookup(answer(200, b'{"status":"A\\u0000\\ud800B' + b"x" * 500 + b'"}'))
    assert outcome.provider_code == "AB" + "x" * 62


# --- callbacks and account holders


def test_a_callback_is_read_as_a_claim() -> None:
    claim = wire.read_callback(
        b'{"externalId":"INV-1","amount":150.00,"currency":"ZMW","payer":{"partyId":"260961234567"},'
        b'"status":"FAILED","reason":{"code":"EXPIRED","message":"late"},"financialTransactionId":"9"}'
    )
    assert (claim.kind, claim.provider_code, claim.external_id) == (Kind.FAILED, "EXPIRED", "INV-1")
    assert (claim.amount, claim.currency, claim.phone) == (Decimal("150.00"), "ZMW", "260961234567")
    assert claim.provider_reference == "9"


@pytest.mark.parametrize(
    ("given_answer", "status"),
    [
        (answer(200, {"result": True}), HolderStatus.ACTIVE),
        (answer(200, {"result": False}), HolderStatus.INACTIVE),
        (answer(200, {"result": "true"}), HolderStatus.UNKNOWN),
        (answer(404, {"code": "RESOURCE_NOT_FOUND"}), HolderStatus.NOT_FOUND),
        (answer(500, {"code": "PAYER_NOT_FOUND"}), HolderStatus.NOT_FOUND),
        (answer(404, b"<html>"), HolderStatus.UNKNOWN),
        (answer(500, {"code": "NOT_ALLOWED"}), HolderStatus.UNKNOWN),
        (answer(None, error="reset"), HolderStatus.UNKNOWN),
    ],
)
def test_an_account_holder_is_judged_by_explicit_answers_only(given_answer: Answer, status: HolderStatus) -> None:
    assert wire.read_holder(given_answer) is status

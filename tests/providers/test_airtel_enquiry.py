"""What Airtel's answers to an enquiry mean: the transaction's own status decides, whatever the envelope says."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.airtel import codes, enquiry
from providers.base import Kind, Operation, Outcome
from tests.providers.airtel_world import envelope
from tests.providers.answers import answer
from tests.providers.test_mtn_wire import JSON

COLLECT, TRANSFER, REFUND = Operation.COLLECT, Operation.TRANSFER, Operation.REFUND
ASKED = (COLLECT, TRANSFER)


def read(operation: Operation, body: Any = b"", status: int | None = 200, **more: Any) -> Outcome:
    return enquiry.read_lookup(operation, "N1", answer(status, body, **more))


CONTRADICTIONS: list[dict[str, Any]] = [
    {"response_code": "DP00800001006", "success": False},
    {"response_code": "DP00800001005", "code": "400", "message": "TransactionNot Found"},
    {"response_code": "DP00800001025"},
    {"response_code": "DP00900001007", "code": "500"},
    {"result_code": "ESB000011"},
    {},
]


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("TS", Kind.SUCCEEDED), ("TF", Kind.FAILED), ("TE", Kind.FAILED), ("TIP", Kind.PENDING), ("TI", Kind.PENDING),
        ("TA", Kind.UNKNOWN), ("SUCCESS", Kind.UNKNOWN), ("FAILED", Kind.UNKNOWN), ("SOMETHING", Kind.UNKNOWN),
    ],
)  # fmt: skip
def test_the_transactions_status_decides_alone(operation: Operation, state: str, kind: Kind) -> None:
    for status in CONTRADICTIONS:
        outcome = read(operation, envelope(state, **status))
        assert (outcome.kind, outcome.trouble) == (kind, False)
    assert read(operation, envelope(state.lower())).kind is kind


def test_a_success_names_airtels_number_and_its_placeholder_is_none() -> None:
    body = envelope("TS")
    body["data"]["transaction"]["airtel_money_id"] = "MP260702.2347.B23113"
    assert read(COLLECT, body).provider_reference == "MP260702.2347.B23113"
    for nothing in ("NA", "na", "", None):
        body["data"]["transaction"] |= {"airtel_money_id": nothing, "reference_id": "R1"}
        assert (read(COLLECT, body).kind, read(COLLECT, body).provider_reference) == (Kind.SUCCEEDED, "")
        assert read(TRANSFER, body).provider_reference == "R1"


def test_airtel_repeats_no_amount_and_no_number() -> None:
    outcome = read(COLLECT, envelope("TS"))
    assert (outcome.amount, outcome.currency, outcome.phone) == (None, "", "")


@pytest.mark.parametrize(
    ("operation", "word", "code", "alarm"),
    [
        (COLLECT, "DP00800001002", "wrong_pin", False), (COLLECT, "DP00800001003", "limit_reached", False),
        (COLLECT, "DP00800001005", "payer_declined", False), (COLLECT, "DP00800001007", "insufficient_funds", False),
        (COLLECT, "DP00800001024", "payer_timeout", False), (COLLECT, "DP00800001026", "credentials_rejected", True),
        (COLLECT, "DP008001016", "payer_barred", False), (COLLECT, "DP00800001006", "unspecified", False),
        (COLLECT, "DP00800001000", "unspecified", False), (COLLECT, "A_NEW_WORD", "unspecified", False),
        (COLLECT, "", "unspecified", False), (TRANSFER, "DP00900001005", "provider_rejected", False),
        (TRANSFER, "DP00900001007", "merchant_funds_insufficient", True),
        (TRANSFER, "DP00900001014", "provider_error", False), (TRANSFER, "DP00900001017", "unspecified", False),
        (TRANSFER, "ROUTER115", "credentials_rejected", True),
    ],
)  # fmt: skip
def test_of_a_failure_the_envelope_gives_the_reason(operation: Operation, word: str, code: str, alarm: bool) -> None:
    outcome = read(operation, envelope("TF", response_code=word, success=False))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.FAILED, code, alarm)
    assert outcome.provider_code == (word or "TF")
    assert (outcome.low_trust, outcome.retry_safe) == ((True, False) if code == "unspecified" else (False, True))
    assert outcome.retry_after_seconds is None


def test_what_expired_is_looked_at_once_more() -> None:
    collection, payout = read(COLLECT, envelope("TE")), read(TRANSFER, envelope("TE"))
    assert (collection.code, collection.low_trust, collection.retry_safe) == ("payer_timeout", True, False)
    assert (payout.code, payout.low_trust) == ("provider_error", True)


NOT_FOUND: list[tuple[Operation, dict[str, Any]]] = [
    (COLLECT, {"response_code": "DP00800001005", "code": "400", "success": False, "message": "TransactionNot Found"}),
    (COLLECT, {"response_code": "DP00800001005", "code": 400, "message": "Transaction not found"}),
    (COLLECT, {"response_code": "DP00800001025"}),
    (COLLECT, {"result_code": "ESB000045"}),
    (TRANSFER, {"response_code": "DP00900001005", "code": "400", "message": "TransactionNot Found"}),
    (TRANSFER, {"response_code": "DP00900001015"}),
]


@pytest.mark.parametrize(("operation", "status"), NOT_FOUND)
def test_not_found_in_its_documented_forms(operation: Operation, status: dict[str, Any]) -> None:
    for http in (200, 400, 404):
        outcome = read(operation, envelope(**status), http)
        assert (outcome.kind, outcome.trouble, outcome.alarm) == (Kind.NOT_FOUND, False, False)
    for http in (201, 302, 403, 405, 408, 429, 500, 502, 503, 504):
        assert read(operation, envelope(**status), http).kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("http", "body"),
    [
        (404, {"message": "no Route matched with those values"}),
        (404, b"<html>404</html>"),
        (404, b""),
        (200, envelope(response_code="DP00800001005", code="500", message="TransactionNot Found")),
        (200, envelope(response_code="DP00800001005", code="400", message="Something Went Wrong")),
        (200, envelope(response_code="DP00800001005", code="400", message="Msisdn Not Found")),
        (200, envelope(code="400", message="TransactionNot Found")),
        (200, envelope(response_code="DP00800001006", result_code="ESB000045")),
        (404, envelope("TIP", response_code="DP00800001025")),
        (200, {"data": {"transaction": {"id": "N1"}}}),
        (200, b""),
    ],
)
def test_whatever_else_looks_like_it_is_not_taken_for_not_found(http: int, body: Any) -> None:
    assert read(COLLECT, body, http).kind is Kind.UNKNOWN


@pytest.mark.parametrize("operation", ASKED)
def test_a_failing_enquiry_never_ends_a_payment(operation: Operation) -> None:
    words = [*codes.SENDING[operation], "DP00800001005", "DP00900001005", ""]
    for status, word, state in product(
        (201, 302, 400, 401, 403, 404, 405, 429, 500, 503), words, ("", "TS", "TF", "TE")
    ):
        outcome = read(operation, envelope(state, response_code=word, code="400"), status)
        is_one = status in {400, 404} and word in enquiry.NOT_FOUND_WORDS and not state
        assert outcome.kind is (Kind.NOT_FOUND if is_one else Kind.UNKNOWN)


@pytest.mark.parametrize("operation", ASKED)
def test_without_an_answer_nothing_was_learned(operation: Operation) -> None:
    for answered in ({"status": None, "error": "reset"}, {"status": 200, "error": "answer cut short"}):
        outcome = read(operation, envelope("TS"), **answered)
        assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)
    assert read(operation, status=None, sent=False, error="refused").kind is Kind.UNKNOWN


def test_trouble_with_the_account_is_said_and_raises_an_alarm() -> None:
    for outcome in (
        read(COLLECT, {"error": "invalid_token"}, 401),
        read(COLLECT, {"message": "IP address not allowed: 1.2.3.4"}, 403),
        read(COLLECT, envelope(response_code="ROUTER007")),
        read(COLLECT, b"", 405),
    ):
        assert (outcome.kind, outcome.alarm, outcome.trouble) == (Kind.UNKNOWN, True, False)
    assert read(COLLECT, status=429, retry_after="9").retry_after_seconds == 9.0


def test_an_answer_about_another_collection_is_not_taken_for_ours() -> None:
    body = envelope("TS")
    body["data"]["transaction"]["id"] = "N2"
    outcome = read(COLLECT, body)
    assert (outcome.kind, outcome.alarm) == (Kind.UNKNOWN, True)
    assert read(TRANSFER, body).kind is Kind.SUCCEEDED  # payouts come back with their reference cut short
    for ours in ("n1", "N1", "", None):
        body["data"]["transaction"]["id"] = ours
        assert read(COLLECT, body).kind is Kind.SUCCEEDED


@pytest.mark.parametrize(("told", "kind"), [("N7NGE7XWRWDA", Kind.SUCCEEDED), ("N7NGE7XWRWD", Kind.UNKNOWN)])
def test_a_reference_cut_short_is_ours_while_it_is_unmistakable(told: str, kind: Kind) -> None:
    body = {"data": {"transaction": {"id": told, "status": "TS"}}}
    assert enquiry.read_lookup(COLLECT, "N7NGE7XWRWDAOEHKBBU6JQCG", answer(200, body)).kind is kind


# --- reports


def test_a_report_says_what_an_enquiry_said() -> None:
    body = answer(200, envelope("TF", response_code="DP00800001007")).body
    report = enquiry.read_report(COLLECT, body)
    assert report is not None
    assert (report.kind, report.code) == (Kind.FAILED, "insufficient_funds")
    assert enquiry.read_report(REFUND, body) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", answer(200, envelope(response_code="DP00800001025")).body])
def test_a_report_that_says_nothing_is_none(body: bytes) -> None:
    assert enquiry.read_report(COLLECT, body) is None


@given(st.binary(max_size=200))
def test_no_bytes_can_break_the_reader(body: bytes) -> None:
    assert read(COLLECT, body).kind is Kind.UNKNOWN


@given(st.dictionaries(st.sampled_from(["status", "id", "airtel_money_id", "message", "code", "response_code"]), JSON))
def test_no_json_can_break_the_reader_or_succeed_by_accident(body: dict[str, Any]) -> None:
    for given_body in (body, {"data": body}, {"data": {"transaction": body}, "status": body}):
        assert read(COLLECT, given_body).kind is Kind.UNKNOWN

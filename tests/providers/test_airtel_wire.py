"""Every answer of Airtel to a send and what it is taken to mean: no doubtful answer may end a payment."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers import verdicts
from providers.airtel import codes, enquiry, gateway, keys, tokens, wire
from providers.base import Kind, Operation, Outcome
from tests.providers.airtel_world import IN_PROCESS, envelope
from tests.providers.answers import answer
from tests.providers.test_mtn_wire import CONTRACT_CODES, JSON

COLLECT, TRANSFER, REFUND = Operation.COLLECT, Operation.TRANSFER, Operation.REFUND


def read(operation: Operation, body: Any = b"", status: int | None = 200, **more: Any) -> Outcome:
    return wire.read_send(operation, answer(status, body, **more))


def worded(operation: Operation, word: str, state: str = "", **more: Any) -> Outcome:
    return read(operation, envelope(state, response_code=word, success=False, **more))


# --- documented answers


def test_a_push_that_was_sent_is_not_paid() -> None:
    outcome = read(COLLECT, envelope("SUCCESS", **IN_PROCESS))
    assert (outcome.kind, outcome.provider_code) == (Kind.PENDING, "DP00800001006")
    assert read(COLLECT, envelope("SUCCESS", code="200", result_code="ESB000010", success=True)).kind is Kind.PENDING


@pytest.mark.parametrize("state", ["TS", "SUCCESS", "TIP", "TI", "", "TA"])
@pytest.mark.parametrize("word", ["DP00800001001", "DP00800001006", "DP00800001000", "", "ESB000010"])
def test_no_answer_to_a_collection_is_taken_for_its_success(state: str, word: str) -> None:
    assert worded(COLLECT, word, state).kind in {Kind.PENDING, Kind.UNKNOWN}


def test_a_payout_that_succeeded_names_airtels_number() -> None:
    transaction = {"reference_id": "R1", "airtel_money_id": "CI260702.1", "id": "N7NGE7", "status": "TS"}
    body = {"data": {"transaction": transaction}, "status": {"response_code": "DP00900001001", "success": True}}
    assert read(TRANSFER, body).provider_reference == "CI260702.1"
    transaction["airtel_money_id"] = "NA"
    outcome = read(TRANSFER, body)
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "R1")


def test_what_a_payouts_message_says_goes_no_further() -> None:
    body = envelope("TS", response_code="DP00900001001", message="Your balance is ZMW 9,999.10", success=True)
    body["data"]["transaction"]["message"] = "Your balance is ZMW 9,999.10"
    assert "9,999" not in repr(read(TRANSFER, body))


def test_a_refund_is_believed_by_its_own_word() -> None:
    body = {"data": {"transaction": {"airtel_money_id": "CI260702.2350.C11002", "status": "SUCCESS"}}}
    outcome = read(REFUND, body | {"status": IN_PROCESS})
    assert (outcome.kind, outcome.provider_reference) == (Kind.SUCCEEDED, "CI260702.2350.C11002")
    failed = read(REFUND, envelope("FAILED", success=False))
    assert (failed.kind, failed.retry_safe) == (Kind.FAILED, False)
    assert worded(REFUND, "DP00100001005", "FAILED").kind is Kind.FAILED
    assert worded(REFUND, "ROUTER117", "FAILED").kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("operation", "state", "code", "message", "kind", "our_code"),
    [
        (COLLECT, "TF", "200", "", Kind.FAILED, "payer_declined"),
        (COLLECT, "", "400", "Msisdn Not Found", Kind.REFUSED, "payer_not_found"),
        (COLLECT, "", "400", "Something", Kind.REFUSED, "provider_rejected"),
        (COLLECT, "", "400", "TransactionNot Found", Kind.UNKNOWN, ""),
        (COLLECT, "", "500", "Something Went Wrong", Kind.UNKNOWN, ""),
        (COLLECT, "", "", "", Kind.UNKNOWN, ""),
        (COLLECT, "SUCCESS", "400", "", Kind.PENDING, ""),
        (TRANSFER, "TF", "200", "", Kind.FAILED, "provider_rejected"),
        (TRANSFER, "", "400", "Msisdn Not Found", Kind.REFUSED, "payer_not_found"),
        (TRANSFER, "", "500", "Something Went Wrong", Kind.UNKNOWN, ""),
        (TRANSFER, "TA", "400", "Msisdn Not Found", Kind.UNKNOWN, ""),
        (REFUND, "", "400", "TransactionNot Found", Kind.REFUSED, "provider_rejected"),
        (REFUND, "", "500", "Something Went Wrong", Kind.UNKNOWN, ""),
        (REFUND, "", "200", "", Kind.UNKNOWN, ""),
        (REFUND, "TF", "200", "", Kind.UNKNOWN, ""),
    ],
)
def test_a_generic_word_is_read_by_what_stands_beside_it(
    *, operation: Operation, state: str, code: str, message: str, kind: Kind, our_code: str
) -> None:
    outcome = worded(operation, wire.GENERIC_WORDS[operation], state, code=code, message=message)
    assert (outcome.kind, outcome.code) == (kind, our_code)


CODES = [
    (COLLECT, "DP00800001000", Kind.UNKNOWN, ""), (COLLECT, "DP00800001001", Kind.PENDING, ""),
    (COLLECT, "DP00800001002", Kind.FAILED, "wrong_pin"), (COLLECT, "DP00800001003", Kind.FAILED, "limit_reached"),
    (COLLECT, "DP00800001004", Kind.FAILED, "amount_out_of_range"), (COLLECT, "DP00800001006", Kind.PENDING, ""),
    (COLLECT, "DP00800001007", Kind.FAILED, "insufficient_funds"),
    (COLLECT, "DP00800001008", Kind.FAILED, "payer_declined"),
    (COLLECT, "DP00800001009", Kind.FAILED, "provider_rejected"),
    (COLLECT, "DP00800001010", Kind.FAILED, "payer_barred"), (COLLECT, "DP00800001013", Kind.FAILED, "payer_declined"),
    (COLLECT, "DP00800001024", Kind.UNKNOWN, ""), (COLLECT, "DP00800001025", Kind.UNKNOWN, ""),
    (COLLECT, "DP00800001026", Kind.REFUSED, "credentials_rejected"),
    (COLLECT, "DP00800001029", Kind.FAILED, "payer_timeout"), (COLLECT, "DP008001013", Kind.FAILED, "payer_declined"),
    (COLLECT, "DP008001016", Kind.FAILED, "payer_barred"), (COLLECT, "DP008001021", Kind.FAILED, "insufficient_funds"),
    (COLLECT, "DP008001023", Kind.UNKNOWN, ""), (COLLECT, "DP00900001007", Kind.UNKNOWN, ""),
    (TRANSFER, "DP00900001000", Kind.UNKNOWN, ""), (TRANSFER, "DP00900001001", Kind.PENDING, ""),
    (TRANSFER, "DP00900001003", Kind.FAILED, "limit_reached"),
    (TRANSFER, "DP00900001004", Kind.FAILED, "amount_out_of_range"), (TRANSFER, "DP00900001006", Kind.PENDING, ""),
    (TRANSFER, "DP00900001007", Kind.FAILED, "merchant_funds_insufficient"),
    (TRANSFER, "DP00900001009", Kind.FAILED, "payer_not_found"),
    (TRANSFER, "DP00900001010", Kind.FAILED, "payer_barred"), (TRANSFER, "DP00900001011", Kind.PENDING, ""),
    (TRANSFER, "DP00900001012", Kind.FAILED, "payer_not_found"),
    (TRANSFER, "DP00900001013", Kind.FAILED, "provider_rejected"), (TRANSFER, "DP00900001014", Kind.UNKNOWN, ""),
    (TRANSFER, "DP00900001015", Kind.UNKNOWN, ""), (TRANSFER, "DP00900001016", Kind.REFUSED, "credentials_rejected"),
    (TRANSFER, "DP00900001017", Kind.PENDING, ""), (TRANSFER, "DP00900001018", Kind.REFUSED, "credentials_rejected"),
    (TRANSFER, "DP00900001019", Kind.FAILED, "provider_rejected"), (TRANSFER, "DP00800001007", Kind.UNKNOWN, ""),
    (REFUND, "DP00900001007", Kind.UNKNOWN, ""), (REFUND, "ESB000041", Kind.UNKNOWN, ""),
    (REFUND, "ESB000045", Kind.UNKNOWN, ""),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "word", "kind", "code"), CODES)
def test_each_documented_word_means(operation: Operation, word: str, kind: Kind, code: str) -> None:
    outcome = worded(operation, word)
    assert (outcome.kind, outcome.code, outcome.provider_code) == (kind, code, word)
    assert worded(operation, word.lower()).kind is kind


COMMON = [
    ("ROUTER001", Kind.REFUSED, "provider_rejected"), ("ROUTER003", Kind.REFUSED, "provider_rejected"),
    ("ROUTER005", Kind.REFUSED, "provider_rejected"), ("ROUTER006", Kind.REFUSED, "provider_rejected"),
    ("ROUTER007", Kind.REFUSED, "provider_rejected"), ("ROUTER112", Kind.REFUSED, "currency_not_supported"),
    ("ROUTER119", Kind.REFUSED, "currency_not_supported"), ("ROUTER114", Kind.REFUSED, "credentials_rejected"),
    ("ROUTER115", Kind.REFUSED, "credentials_rejected"), ("ROUTER116", Kind.REFUSED, "credentials_rejected"),
    ("ROUTER117", Kind.UNKNOWN, ""), ("ESB000001", Kind.UNKNOWN, ""), ("ESB000004", Kind.UNKNOWN, ""),
    ("ESB000008", Kind.UNKNOWN, ""), ("ESB000014", Kind.UNKNOWN, ""), ("0000900", Kind.UNKNOWN, ""),
    ("ESB000033", Kind.REFUSED, "provider_rejected"), ("ESB000036", Kind.REFUSED, "provider_rejected"),
    ("ESB000034", Kind.REFUSED, "provider_rejected"), ("ESB000035", Kind.REFUSED, "currency_not_supported"),
    ("ESB000039", Kind.REFUSED, "provider_rejected"), ("ESB000010", Kind.UNKNOWN, ""), ("ESB000011", Kind.UNKNOWN, ""),
]  # fmt: skip


@pytest.mark.parametrize(("word", "kind", "code"), COMMON)
@pytest.mark.parametrize("operation", Operation)
def test_a_common_word_means_the_same_wherever_it_stands(
    operation: Operation, word: str, kind: Kind, code: str
) -> None:
    for place in ("response_code", "result_code", "code"):
        outcome = read(operation, envelope(**{place: word}))
        assert (outcome.kind, outcome.code, outcome.alarm) == (kind, code, kind is Kind.REFUSED)
    flat = read(operation, {"status_code": word, "status_message": "…"}, 400)
    assert (flat.kind, flat.provider_code) == (kind, word)


def test_a_reference_that_exists_already_was_accepted_earlier() -> None:
    for operation, words in (
        (COLLECT, ["ESB000041"]),
        (TRANSFER, ["ESB000041", "DP00900001011", "DP00900001017"]),
    ):
        for word, state in product(words, ("", "TF")):
            assert worded(operation, word, state).kind is Kind.PENDING


# --- doubt


@pytest.mark.parametrize(
    ("operation", "state", "words"),
    [
        (COLLECT, "SUCCESS", {"response_code": "DP00800001007"}),
        (COLLECT, "", {"response_code": "DP00800001007", "result_code": "ESB000014"}),
        (COLLECT, "", {"response_code": "DP00800001000", "result_code": "ESB000033"}),
        (COLLECT, "", {"response_code": "DP00800001099", "result_code": "ESB000033"}),
        (COLLECT, "TF", {"response_code": "DP00800001099"}),
        (COLLECT, "TF", {}),
        (COLLECT, "ODD", {"response_code": "DP00800001024"}),
        (COLLECT, "ODD", {"response_code": "DP00800001007"}),
        (TRANSFER, "SUCCESS", {"response_code": "ROUTER115"}),
        (REFUND, "TS", {"response_code": "ROUTER001"}),
        (TRANSFER, "TF", {"response_code": "DP00900001014"}),
        (TRANSFER, "TIP", {"response_code": "DP00900001007"}),
        (TRANSFER, "TF", {}),
        (REFUND, "TS", {"response_code": "DP00800001001"}),
    ],
)
def test_where_words_disagree_the_more_doubtful_one_counts(
    operation: Operation, state: str, words: dict[str, str]
) -> None:
    assert read(operation, envelope(state, **words)).kind in {Kind.UNKNOWN, Kind.PENDING}


def test_an_old_result_word_beside_a_current_one_takes_nothing_away() -> None:
    outcome = read(COLLECT, envelope("TF", response_code="DP00800001007", result_code="ESB000011"))
    assert (outcome.kind, outcome.code) == (Kind.FAILED, "insufficient_funds")


@pytest.mark.parametrize("operation", Operation)
def test_a_server_that_broke_down_is_not_believed(operation: Operation) -> None:
    words = [*codes.SENDING[operation], wire.GENERIC_WORDS[operation], ""]
    for status, word, state in product(
        (500, 502, 503, 504, 408, 302, 201), words, ("", "TS", "TF", "SUCCESS", "FAILED")
    ):
        outcome = read(operation, envelope(state, response_code=word, code="400"), status)
        assert outcome.kind is Kind.UNKNOWN


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_success_comes_with_http_200_only(status: int) -> None:
    assert read(TRANSFER, envelope("TS", response_code="DP00900001001"), status).kind is Kind.UNKNOWN
    assert read(REFUND, envelope("SUCCESS"), status).kind is Kind.UNKNOWN


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
def test_an_answer_that_was_cut_short_is_never_believed(operation: Operation, status: int) -> None:
    body = envelope("TS", response_code="DP00900001007")
    outcome = read(operation, body, status, error="answer cut short")
    assert (outcome.kind, outcome.trouble) == (Kind.UNKNOWN, True)


@pytest.mark.parametrize("operation", Operation)
def test_nothing_sent_may_be_sent_again_and_cut_off_may_have_arrived(operation: Operation) -> None:
    refused = read(operation, status=None, sent=False, error="connection refused")
    assert (refused.kind, refused.retry_safe, refused.retry_after_seconds) == (Kind.REFUSED, True, 2.0)
    assert not refused.low_trust
    assert read(operation, status=None, error="connection reset").kind is Kind.UNKNOWN


# --- the gateway


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"error": "invalid_token", "error_description": "…"}, Kind.REFUSED, "credentials_rejected"),
        (401, b"", Kind.REFUSED, "credentials_rejected"),
        (403, {"message": "IP address not allowed: 41.72.1.1"}, Kind.REFUSED, "provider_rejected"),
        (403, {"message": "You cannot consume this service"}, Kind.REFUSED, "provider_rejected"),
        (403, b"<html>Forbidden</html>", Kind.UNKNOWN, ""),
        (403, b"", Kind.UNKNOWN, ""),
        (404, {"message": "no Route matched with those values"}, Kind.REFUSED, "provider_error"),
        (404, b"<html>not found</html>", Kind.UNKNOWN, ""),
        (400, b"", Kind.UNKNOWN, ""),
        (405, b"", Kind.UNKNOWN, ""),
        (302, b"", Kind.UNKNOWN, ""),
    ],
)
def test_what_the_gateway_says_for_certain_and_what_not(
    operation: Operation, status: int, body: Any, kind: Kind, code: str
) -> None:
    outcome = read(operation, body, status)
    assert (outcome.kind, outcome.code, outcome.alarm) == (kind, code, True)
    assert outcome.provider_code == f"HTTP {status}"


def test_a_gateway_without_a_route_is_asked_again_and_a_refused_address_is_not() -> None:
    lost = read(REFUND, {"message": "no Route matched with those values"}, 404)
    assert (lost.retry_after_seconds, lost.retry_safe, lost.low_trust, lost.trouble) == (2.0, True, False, True)
    assert read(COLLECT, {"message": "IP address not allowed: 1.2.3.4"}, 403).retry_after_seconds is None
    assert read(COLLECT, {"message": "IP address not allowed: 1.2.3.4"}, 200).kind is Kind.UNKNOWN


def test_too_many_requests_may_be_repeated_only_where_a_reference_protects() -> None:
    for operation in (COLLECT, TRANSFER):
        busy = read(operation, status=429, retry_after="7")
        assert (busy.kind, busy.retry_after_seconds, busy.low_trust) == (Kind.REFUSED, 7.0, True)
    refund = read(REFUND, status=429, retry_after="7")
    assert (refund.kind, refund.retry_after_seconds) == (Kind.UNKNOWN, None)


@pytest.mark.parametrize("operation", Operation)
def test_a_doubtful_refund_or_order_names_no_time_to_repeat_it(operation: Operation) -> None:
    for status in range(200, 600):
        outcome = read(operation, b"", status, retry_after="1")
        if outcome.kind is Kind.UNKNOWN:
            assert outcome.retry_after_seconds is None


# --- everything


def test_every_code_is_one_of_the_contract_and_every_failure_has_one() -> None:
    outcomes = [
        row for reading in (*wire.READINGS.values(), tokens.READING, keys.READING) for row in reading.rows.values()
    ]
    outcomes += [each for words in (*codes.SENDING.values(), *codes.REASONS.values()) for each in words.values()]
    outcomes += [each for words in (*wire.STATES.values(), *enquiry.STATES.values()) for each in words.values()]
    outcomes += [
        *enquiry.LOOKUP.rows.values(),
        codes.OTHER_REASON,
        verdicts.TOO_LATE,
        wire.UNUSABLE_KEY,
        wire.NO_ORIGINAL,
    ]
    outcomes += [tokens.READING.otherwise, wire.missing_credentials(["pin"]), enquiry.NOT_FOUND, enquiry.OTHER_STATE]
    for outcome in outcomes:
        assert outcome.code in CONTRACT_CODES
        assert bool(outcome.code) == (outcome.kind in {Kind.FAILED, Kind.REFUSED})
        assert outcome.message.endswith(".")


@given(st.binary(max_size=200), st.sampled_from(Operation))
def test_no_bytes_can_end_an_order(body: bytes, operation: Operation) -> None:
    assert read(operation, body).kind is Kind.UNKNOWN
    assert isinstance(gateway.row_of(wire.READINGS[operation], answer(404, body)), Outcome | None)


@given(
    st.dictionaries(st.sampled_from(["data", "status", "transaction", "response_code", "code", "message"]), JSON),
    st.sampled_from(Operation),
)
def test_no_json_can_break_the_reader_or_succeed_by_accident(body: dict[str, Any], operation: Operation) -> None:
    for given_body in (body, {"data": {"transaction": body}, "status": body}):
        assert read(operation, given_body).kind is Kind.UNKNOWN

"""Did Airtel do its job? Circuit breakers count the answers that say it did not."""

import pytest

from providers import verdicts
from providers.airtel import enquiry, wire
from providers.base import Operation
from providers.http import Answer
from tests.providers.airtel_world import IN_PROCESS, envelope
from tests.providers.answers import answer

NO_ROUTE = {"message": "no Route matched with those values"}

# What came, and whether it is trouble to a send and to an enquiry.
TROUBLE = [
    (answer(None, sent=False, error="connection refused"), True),
    (answer(None, error="read timeout after 30.0 s"), True),
    (answer(200, envelope("TS"), error="answer cut short"), True),
    (answer(500), True),
    (answer(500, envelope(response_code="DP00800001007")), True),
    (answer(502, html=True), True),
    (answer(503, html=True), True),
    (answer(504, html=True), True),
    (answer(408), True),
    (answer(403, html=True), True),
    (answer(404, html=True), True),
    (answer(404, NO_ROUTE), True),
    (answer(302), True),
    (answer(200, b"<<<not json"), True),
    (answer(200), True),
    (answer(400), False),
    (answer(401), False),
    (answer(403, {"message": "IP address not allowed: 1.2.3.4"}), False),
    (answer(403, {"message": "You cannot consume this service"}), False),
    (answer(405), False),
    (answer(429), False),
    (answer(429, html=True), False),
    (answer(200, envelope(response_code="ROUTER001")), False),
    (answer(200, envelope(response_code="A_NEW_WORD")), False),
    (answer(200, envelope("TA", response_code="DP00900001000")), False),
    (answer(200, envelope("SUCCESS", **IN_PROCESS)), False),
]


@pytest.mark.parametrize(("given_answer", "trouble"), TROUBLE)
def test_trouble_is_when_airtel_did_not_do_its_job(given_answer: Answer, trouble: bool) -> None:
    for operation in Operation:
        assert wire.read_send(operation, given_answer).trouble is trouble
    for operation in (Operation.COLLECT, Operation.TRANSFER):
        assert enquiry.read_lookup(operation, "N1", given_answer).trouble is trouble


@pytest.mark.parametrize("word", ["DP00800001005", "ROUTER117"])
def test_a_system_that_is_down_is_trouble_though_it_says_so_with_http_200(word: str) -> None:
    down = answer(200, envelope(response_code=word, code="500", message="Something Went Wrong"))
    assert wire.read_send(Operation.COLLECT, down).trouble


def test_what_was_never_asked_is_no_trouble_of_airtels() -> None:
    for outcome in (wire.missing_credentials(["pin"]), verdicts.TOO_LATE, wire.NO_ORIGINAL, wire.UNUSABLE_KEY):
        assert not outcome.trouble

"""Did the provider do its job? Circuit breakers count the answers that say it did not."""

import pytest

from providers import verdicts
from providers.http import Answer
from providers.mtn import wire
from tests.providers.answers import answer

TROUBLE = [
    (answer(None, sent=False, error="connection refused"), True),
    (answer(None, sent=False, error="TLS failure"), True),
    (answer(None, sent=False, error="host name not found"), True),
    (answer(None, error="read timeout after 30.0 s"), True),
    (answer(202, error="answer cut short"), True),
    (answer(500, {"code": "INTERNAL_PROCESSING_ERROR"}), True),
    (answer(500), True),
    (answer(502, {"code": "NOT_ALLOWED"}), True),
    (answer(503, {"code": "SERVICE_UNAVAILABLE"}), True),
    (answer(503, html=True), True),
    (answer(504, html=True), True),
    (answer(403, html=True), True),
    (answer(404, html=True), True),
    (answer(302, html=True), True),
    (answer(302), True),
    (answer(200, b"<<<not json"), True),
    (answer(400), False),
    (answer(401), False),
    (answer(403, {"code": "FORBIDDEN_IP"}), False),
    (answer(404, {"code": "RESOURCE_NOT_FOUND"}), False),
    (answer(429), False),
    (answer(429, html=True), False),
    (answer(500, {"code": "NOT_ALLOWED"}), False),
    (answer(500, {"code": "NOT_ENOUGH_FUNDS"}), False),
]


@pytest.mark.parametrize(("given_answer", "trouble"), TROUBLE)
def test_trouble_is_when_the_provider_did_not_do_its_job(given_answer: Answer, trouble: bool) -> None:
    for reading in wire.SENDING.values():
        assert wire.read(reading, given_answer).trouble is trouble
    assert wire.read(wire.TOKEN, given_answer).trouble is trouble
    assert wire.read_lookup(given_answer).trouble is trouble


def test_an_order_that_was_taken_and_a_rejected_sign_in_are_no_trouble() -> None:
    for taken in (answer(202), answer(409)):
        assert not wire.read(wire.COLLECT, taken).trouble
    for rejected in (answer(401), answer(500, {"error": "login_failed"})):
        assert not wire.read(wire.TOKEN, rejected).trouble
    assert not wire.read_lookup(answer(200, {"status": "FAILED", "reason": "EXPIRED"})).trouble
    assert not wire.missing_credentials(["api_key"]).trouble
    assert not verdicts.TOO_LATE.trouble
    assert wire.TOKEN.cut_off.trouble

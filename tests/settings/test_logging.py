"""Log lines are JSON on standard error, and no secret or phone number gets into them, whichever way it comes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

PHONE, KEY = "260966000123", "ndl_live_abcd1234" + "x" * 38
LOG = """
import logging, structlog
import deploy.settings
log, library = structlog.get_logger("ours"), logging.getLogger("library")
"""
Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lines(start) -> Lines:
    """lines("log.info('x')"): what that code logs."""

    def run(code: str, **changes: str) -> list[dict[str, Any]]:
        ended = start(LOG + code, **changes)
        assert (ended.status, ended.out) == (0, ""), ended.err
        return [json.loads(line) for line in ended.err.splitlines()]

    return run


def test_our_events_and_a_librarys_have_the_same_shape(lines: Lines) -> None:
    ours, theirs = lines("log.info('moved', payment='pay_1')\nlibrary.warning('slow: %s s', 3)")
    assert (ours["event"], ours["payment"], ours["level"], ours["logger"]) == ("moved", "pay_1", "info", "ours")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow: 3 s", "warning", "library")
    assert ours["timestamp"].endswith("Z")
    assert ours.keys() - {"payment"} == theirs.keys()


def test_what_is_bound_to_a_request_is_on_every_line_even_a_librarys(lines: Lines) -> None:
    code = "structlog.contextvars.bind_contextvars(request_id='req-7')\nlog.info('a')\nlibrary.warning('b')"
    assert [line["request_id"] for line in lines(code)] == ["req-7", "req-7"]


def test_an_exception_is_one_line(lines: Lines) -> None:
    [line] = lines("try:\n  1 / 0\nexcept ZeroDivisionError:\n  log.exception('failed')")
    assert "ZeroDivisionError: division by zero" in line["exception"]


def test_the_level_is_the_settings(lines: Lines) -> None:
    assert lines("log.info('a')\nlog.warning('b')", LOG_LEVEL="warning")[0]["event"] == "b"
    assert lines("log.debug('a')") == []


def test_a_secret_is_known_by_its_name(lines: Lines) -> None:
    names = [
        "authorization", "Authorization", "cookie", "set_cookie", "password", "new_password", "secret", "client_secret",
        "token", "access_token", "api_key", "apikey", "subscription_key", "pin", "user_pin", "msisdn", "phone",
        "payer_phone",
    ]  # fmt: skip
    for name, line in zip(names, lines(f"for name in {names}: log.info('x', **{{name: 'hunter2'}})"), strict=True):
        assert line[name] == "[redacted]"


@pytest.mark.parametrize(
    "secret", [KEY, KEY.replace("live", "test"), "whsec_C2FtcGxl", "Bearer abc.def-ghi", "bearer  abc.def-ghi"]
)
def test_a_secret_is_known_by_its_shape_wherever_it_stands(lines: Lines, secret: str) -> None:
    code = (
        f"log.info('a', note='got {secret} here')\nlog.info('got {secret} here')\nlibrary.warning('got %s', '{secret}')"
    )
    for line in lines(code):
        assert secret.rpartition(" ")[2] not in str(line)
        assert "[redacted]" in str(line)


def test_a_secret_in_an_exception_is_redacted(lines: Lines) -> None:
    code = f"try:\n  raise ValueError('no such key: {KEY}, phone +{PHONE}')\nexcept ValueError:\n"
    for line in lines(code + "  log.exception('failed')\n  library.exception('failed')"):
        assert "ValueError: no such key: [redacted]" in line["exception"]
        assert KEY not in str(line)
        assert PHONE not in str(line)


@pytest.mark.parametrize("phone", ["260966000123", "+260971234567", "260551234567"])
def test_a_phone_number_keeps_its_network_and_its_end(lines: Lines, phone: str) -> None:
    [line] = lines(f"log.info('paid by {phone}.', note='({phone})')")
    digits = phone.lstrip("+")
    assert digits not in str(line)
    assert f"{digits[:5]}••••{digits[-3:]}" in line["event"]
    assert line["note"].startswith("(")


@pytest.mark.parametrize("harmless", ["pay_01k2609660001234567890", "1260966000123", "2609660001234"])
def test_numbers_that_are_no_phone_stay(lines: Lines, harmless: str) -> None:
    assert lines(f"log.info('x', payment='{harmless}')")[0]["payment"] == harmless

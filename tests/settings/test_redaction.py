"""Nothing secret gets into a log line whichever way it comes, and what only looks like a secret stays as it is."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from deploy.redaction import redact_text
from tests.settings.test_logging import KEY, LOG, PHONE

Line = Callable[[str], dict[str, Any]]

WAYS = [
    ("abc.def", "log.info('a', headers={'Authorization': 'Bearer abc.def'})"),
    ("hunter2", "log.info('a', headers={'Ocp-Apim-Subscription-Key': 'hunter2'})"),
    ("hunter2", "log.info('a', body={'credentials': {'api_key': 'hunter2'}})"),
    ("hunter2", "log.info('a', body=[{'a': ({'api_key': 'hunter2'},)}])"),
    (PHONE, f"log.info('a', body={{'phone': '{PHONE}'}})"),
    (PHONE, f"log.info('a', body={{'{PHONE}': 1}}, note='{PHONE}')"),
    (PHONE, f"log.info('a', numbers=['x', '{PHONE}'])"),
    (PHONE, f"log.info('a', numbers={{'{PHONE}'}})"),
    (PHONE, f"log.info('a', phone={PHONE})"),
    (PHONE, f"log.info('a', payer={PHONE})"),
    (KEY, f"log.info('a', keys=('{KEY}',))"),
    (KEY, f"log.info('a', error=ValueError('{KEY}'))"),
    (KEY, f"log.info('a', body=b'key {KEY}')"),
    ("1234", "structlog.get_logger('x').info('a', pin=1234)"),
    ("hunter2", "log.info('a', password=b'hunter2')"),
    ("0966000123", "log.info('from 0966000123')"),
    ("6000123", "log.info('from +260 96 6000123')"),
    ("966000123", "log.info('/x?payer=%2B260966000123')"),
    ("hunter2", "log.info('postgresql://u:hunter2@db/x')"),
    ("hunter2", "log.info('redis://:hunter2@redis/0')"),
    ("dXNlcjpwYXNz", "log.info('sent Basic dXNlcjpwYXNz')"),
    ("eyJhbGciOiJIUzI1NiJ9", "log.info('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2ln')"),
    ("c2lnbmF0dXJl", "log.info('POST /hooks/mtn/ab12cd34/txn_01k2/c2lnbmF0dXJl')"),
    ("hunter2", "library.warning('%s', {'password': 'hunter2'})"),
    ("hunter2", r"""library.warning('%s', {'body': '{"pin": "hunter2"}'})"""),
    ("hunter2", r"""library.warning(r'"{\"pin\": \"hunter2\"}"')"""),
    ("hunter2", r"""library.warning("Account(api_key='it\\'s hunter2')")"""),
    ("hunter2", "library.warning('/x?client_secret=hunter2&a=b')"),
    ("hunter2", "library.warning('password: hunter2')"),
    ("hunter2", "library.warning('Cookie: session=a; csrf=hunter2')"),
    (
        "hunter2",
        "try:\n  password = 'hunter2'; raise ValueError\nexcept ValueError:\n  log.exception('password=hunter2')",
    ),
]
ORDINARY = [
    "pay_01k2609660001234567890abcd", "key_01k2w3x4y5z6a7b8c9d0e1f2g3", "req_01a2091e47ad75a2bc37e5128e605d90",
    "0966000123ab45c6a7b8c9d0e1f2a3b4", "01a2091e-47ad-75a2-bc37-260966000123", "150.00", "260966000123.50",
    "2026-01-31T09:00:00.096600Z", "v1/payments/<id>/check", "/v1/tokens", "token_refresh", "dispatch",
    "Unexpected token: expected a comma", "Basic settings of a shop", "https://pay.example.zm:8000/a@b",
    "postgresql://nobody@127.0.0.1/none", "token_seconds=30.0", "api_key_id=key_01", "mapping=1 spin=2",
    "key=key_01k2w3x4y5z6a7b8c9d0e1f2g3", "{'operation': 'token', 'status': 200}", "the phone is off", "Zikomo ☀",
]  # fmt: skip
VALUES = [
    ("200", 200), ("12.3", 12.3), ("1769849999123", 1769849999123), ("None", None), ("True", True), ("-1", -1),
    ("2**70", 2**70), ("__import__('decimal').Decimal('150.00')", "150.00"), ("(1, 'a')", [1, "a"]), ("b'a'", "a"),
    ("ValueError('a')", "ValueError('a')"), ("{1: {'b': None}}", {"1": {"b": None}}), ("'\\ud800'", "\ud800"),
    ("__import__('uuid').UUID(int=7)", "00000000-0000-0000-0000-000000000007"),
]  # fmt: skip


@pytest.fixture
def line(start) -> Line:
    """line("log.info('x')"): what that code logs."""

    def run(code: str) -> dict[str, Any]:
        ended = start(LOG + code)
        assert (ended.status, ended.out) == (0, ""), ended.err
        found: dict[str, Any] = json.loads(ended.err)
        return found

    return run


@pytest.mark.parametrize(("secret", "code"), WAYS)
def test_there_is_no_way_around_the_redaction(line: Line, secret: str, code: str) -> None:
    found = line(code)
    found.pop("timestamp")
    assert "[redacted]" in str(found) or "••••" in str(found)
    assert secret not in str(found)


@pytest.mark.parametrize("network", ["96", "76", "97", "77", "95", "75"])
def test_a_local_phone_number_keeps_its_network_and_its_end(line: Line, network: str) -> None:
    assert line(f"log.info('paid by 0{network}6000123.')")["event"] == f"paid by 0{network}••••123."


@pytest.mark.parametrize("ordinary", ORDINARY)
def test_ordinary_text_survives(line: Line, ordinary: str) -> None:
    found = line(f"log.info({ordinary!r}, key={ordinary!r}, deep={{'payment': [{ordinary!r}]}})")
    assert (found["event"], found["key"], found["deep"]) == (ordinary, ordinary, {"payment": [ordinary]})


@pytest.mark.parametrize(("code", "expected"), VALUES)
def test_ordinary_values_stay_what_they_are(line: Line, code: str, expected: object) -> None:
    assert line(f"log.info('x', value={code})")["value"] == expected


def test_names_that_only_speak_about_secrets_keep_their_values(line: Line) -> None:
    values = {"token_seconds": 30, "api_key_id": "key_1", "has_token": True, "token": None, "phone": "", "shipping": 3}
    found = line(f"log.info('x', **{values})")
    assert {name: found[name] for name in values} == values


def test_what_holds_itself_and_what_cannot_be_shown_still_make_a_line(line: Line) -> None:
    bad = "class Bad:\n  def __str__(self): raise OSError\n"
    found = line(bad + "loop = []\nloop.append(loop)\nlog.info('x', loop=loop, bad=Bad())")
    assert (found["event"], found["bad"]) == ("x", "<Bad>")


@pytest.mark.parametrize("piece", ["a", "token", "'", '"', "password=", "\\", "://a:", "0", "260 ", "basic ", "pin=["])
def test_much_text_is_redacted_in_a_moment(piece: str) -> None:
    started = time.perf_counter()
    redact_text(piece * (64_000 // len(piece)) + " token")
    assert time.perf_counter() - started < 1

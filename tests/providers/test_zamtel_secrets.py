"""Zamtel's secrets stand in addresses and in XML, and nothing that we keep may show them."""

import html
import json
import logging
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

import pytest

from deploy.redaction import redact_text
from providers.base import Exchange, Kind, Operation, Outcome
from providers.http import HttpClient
from providers.redaction import REDACTED
from providers.zamtel.adapter import ZamtelAdapter
from providers.zamtel.records import clean, spellings
from tests.providers.answers import EXCHANGE
from tests.providers.raw_server import Behaviour, hang, http_answer, reply
from tests.providers.zamtel_world import account_at, answers, body_a, closed_port, make_order

HOSTILE = {
    "third_party_id": "Caller & Söhne/1",
    "password": "p w&d=50%+\"'<é>;#[x]",
    "initiator_credential": "crédit%20&amp;\\ ȘĀ=",
}
SHORT = {"third_party_id": "Z9", "password": "q7&", "initiator_credential": "x%8"}


@pytest.fixture
def zamtel(client: HttpClient) -> ZamtelAdapter:
    return ZamtelAdapter(client=client)


def written(outcome: Outcome) -> str:
    """Everything that is kept of a call."""
    exchanges = [
        [each.url, each.request_headers, each.request_body, each.response_headers, each.response_body, each.error]
        for each in outcome.exchanges
    ]
    assert exchanges
    return json.dumps([exchanges, outcome.message, outcome.provider_code], ensure_ascii=False) + repr(outcome)


def all_spellings(secret: str) -> set[str]:
    forms = {secret, quote(secret, safe=""), quote_plus(secret), escape(secret), html.escape(secret)}
    return forms | {json.dumps(form, ensure_ascii=False)[1:-1] for form in forms} | {json.dumps(secret)[1:-1]}


def assert_hidden(text: str, credentials: dict[str, str]) -> None:
    for secret in credentials.values():
        assert [form for form in all_spellings(secret) if form in text] == []
    assert REDACTED in text


@pytest.mark.parametrize("shape", ["a", "b"])
@pytest.mark.parametrize("credentials", [HOSTILE, SHORT], ids=["hostile", "short"])
def test_a_record_of_an_order_shows_no_secret(
    zamtel: ZamtelAdapter, raw_server: Any, shape: str, credentials: dict[str, str]
) -> None:
    server = raw_server(answers(body_a()))
    outcome = zamtel.send(account_at(server.url, shape=shape, **credentials), make_order(Operation.TRANSFER))
    assert_hidden(written(outcome), credentials)
    assert "260955000123" in written(outcome)


def test_a_recorded_address_keeps_what_people_need_to_find_the_transaction(
    zamtel: ZamtelAdapter, raw_server: Any
) -> None:
    server = raw_server(answers(body_a()))
    outcome = zamtel.send(account_at(server.url, **HOSTILE), make_order(Operation.TRANSFER))
    assert outcome.exchanges[0].url == (
        f"{server.url}/B2CReq?ThirdPartyID=[redacted]&Password=[redacted]&Amount=150&Msisdn=260955000123"
        "&Shortcode=000001&ConversationId=NPGW01HZX7&identifier=shop-operator&credential=[redacted]"
    )


def test_a_recorded_message_keeps_what_people_need_too(zamtel: ZamtelAdapter, raw_server: Any) -> None:
    server = raw_server(answers(b""))
    outcome = zamtel.send(account_at(server.url, shape="b", **SHORT), make_order(Operation.TRANSFER))
    body = outcome.exchanges[0].request_body
    assert "<req:ThirdPartyID>[redacted]</req:ThirdPartyID><req:Password>[redacted]</req:Password>" in body
    assert "<req:SecurityCredential>[redacted]</req:SecurityCredential><req:ShortCode>000001</req:ShortCode>" in body


@pytest.mark.parametrize("shape", ["a", "b"])
@pytest.mark.parametrize("credentials", [HOSTILE, SHORT], ids=["hostile", "short"])
def test_an_error_page_that_repeats_our_request_is_recorded_without_secrets(
    zamtel: ZamtelAdapter, raw_server: Any, shape: str, credentials: dict[str, str]
) -> None:
    def repeat(connection: Any, _: Any) -> None:
        request: bytes = server.requests[0]
        line = request.partition(b"\r\n")[0].decode()
        connection.sendall(http_answer(500, request, f"X-Asked: {line}", f"Location: /again{line[8:]}"))

    server = raw_server(repeat)
    outcome = zamtel.send(account_at(server.url, shape=shape, **credentials), make_order(Operation.TRANSFER))
    assert outcome.exchanges[0].status == 500
    assert_hidden(written(outcome), credentials)


@pytest.mark.parametrize("form", sorted({form for secret in HOSTILE.values() for form in all_spellings(secret)}))
def test_a_secret_in_any_spelling_is_hidden_in_free_text(zamtel: ZamtelAdapter, raw_server: Any, form: str) -> None:
    server = raw_server(answers(f"we saw {form} from you".encode(), 500))
    outcome = zamtel.send(account_at(server.url, **HOSTILE), make_order())
    assert outcome.exchanges[0].response_body == "we saw [redacted] from you"


def test_secrets_are_known_by_name_in_broken_texts_as_well() -> None:
    text = '{"thirdPartyID": "a\\"b", "PASSWORD":"c d'
    cleaned = clean(_recorded(text + "<x:Password a='1'>e f"))
    assert cleaned.response_body == '{"thirdPartyID": "[redacted]", "PASSWORD":"[redacted]'
    assert clean(_recorded("<Password>e f")).response_body == "<Password>[redacted]"
    assert clean(_recorded("?a=1&password=x&b=2")).response_body == "?a=1&password=[redacted]&b=2"


def test_words_that_only_speak_of_secrets_stay() -> None:
    text = 'Password rejected; <PasswordPolicy>8</PasswordPolicy> {"passwords": "2"} ?nopassword=1'
    assert clean(_recorded(text)).response_body == text


def test_nothing_is_known_of_an_account_without_secrets() -> None:
    assert spellings(()) == ()


@pytest.mark.parametrize("behaviour", [hang, reply(b""), reply(b"garbage\r\n\r\n")])
def test_an_error_never_quotes_the_address(zamtel: ZamtelAdapter, raw_server: Any, behaviour: Behaviour) -> None:
    outcome = zamtel.send(account_at(raw_server(behaviour).url, **HOSTILE), make_order())
    assert outcome.kind is Kind.UNKNOWN
    assert_hidden(written(outcome), HOSTILE)
    assert not any(word in outcome.exchanges[0].error for word in ("Req", "Password", "?"))


def test_a_refused_connection_never_quotes_the_address(zamtel: ZamtelAdapter) -> None:
    outcome = zamtel.send(account_at(f"http://127.0.0.1:{closed_port()}", **HOSTILE), make_order())
    assert outcome.exchanges[0].error == "connection refused"
    assert_hidden(written(outcome), HOSTILE)


def test_a_probe_records_no_secret_that_an_answer_repeats(zamtel: ZamtelAdapter, raw_server: Any) -> None:
    server = raw_server(answers(HOSTILE["password"].encode(), 404))
    outcome = zamtel.probe(account_at(server.url, **HOSTILE), Operation.COLLECT)
    assert outcome.exchanges[0].response_body == "[redacted]"


@pytest.mark.parametrize(
    "behaviour",
    [answers(body_a()), reply(b"HTTP/1.1 200 OK\r\nnot a header\r\nContent-Length: 2\r\n\r\n{}"), hang],
    ids=["answer", "broken header", "hang"],
)
def test_a_log_holds_no_password_even_where_the_http_library_tells_the_whole_address(
    zamtel: ZamtelAdapter, raw_server: Any, caplog: pytest.LogCaptureFixture, behaviour: Behaviour
) -> None:
    caplog.set_level(logging.DEBUG)
    zamtel.send(account_at(raw_server(behaviour).url, **HOSTILE), make_order(Operation.TRANSFER))
    assert {each.name.partition(".")[0] for each in caplog.records} == {"urllib3"}
    logged = "".join(redact_text(each.getMessage()) for each in caplog.records)
    for secret in (HOSTILE["password"], HOSTILE["initiator_credential"]):
        assert [form for form in all_spellings(secret) if form in logged] == []


def _recorded(text: str) -> Exchange:
    return replace(EXCHANGE, response_body=text)

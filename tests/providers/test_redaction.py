"""Secrets stay out of what is recorded, wherever they are hidden."""

from datetime import UTC, datetime

import pytest

from providers import redaction
from providers.recording import MAX_RECORDED_CHARACTERS, Request, record


def test_secret_headers_lose_their_value_and_keep_their_scheme() -> None:
    headers = {
        "Authorization": "Bearer eyJ0", "OCP-APIM-Subscription-Key": "abc", "Set-Cookie": "a=b", "Accept": "*/*"
    }  # fmt: skip
    assert redaction.redact_headers(headers) == {
        "Authorization": "Bearer [redacted]",
        "OCP-APIM-Subscription-Key": "[redacted]",
        "Set-Cookie": "[redacted]",
        "Accept": "*/*",
    }


def test_a_signed_callback_address_loses_its_signature() -> None:
    headers = {"X-Callback-Url": "https://pay.example/hooks/mtn/ab12cd34/txn_1/s1gnature"}
    assert redaction.redact_headers(headers)["X-Callback-Url"].endswith("/txn_1/[redacted]")


@pytest.mark.parametrize(
    "body",
    [
        '{"access_token":"SECRET","expires_in":3600}',
        '{"access_token" : "SECRET',
        '{"nested": {"apiKey": "SECRET"}}',
        '{"Password":"SEC\\"RET"}',
        '{"pin": 1234}',
    ],
)
def test_secret_fields_are_redacted_in_whole_and_in_broken_json(body: str) -> None:
    redacted = redaction.redact_body(body)
    assert not any(secret in redacted for secret in ("SEC", "RET", "1234"))
    assert redaction.REDACTED in redacted


def test_phone_numbers_stay_readable() -> None:
    assert "260961234567" in redaction.redact_body('{"payer":{"partyId":"260961234567"}}')


def test_secrets_in_an_address_are_redacted() -> None:
    url = "https://user:hush@host.example/Req?ThirdPartyID=1&Password=hush&Amount=150"
    assert redaction.redact_url(url) == "https://host.example/Req?ThirdPartyID=1&Password=[redacted]&Amount=150"
    assert redaction.redact_url("http://[broken") == redaction.REDACTED


def test_known_values_are_masked_anywhere_longest_first() -> None:
    text = redaction.mask_values("key abcdefgh and abcdef, not abc", ["abcdef", "abcdefgh", "abc"])
    assert text == "key [redacted] and [redacted], not abc"


def test_a_record_is_cut_only_after_it_was_redacted_and_holds_no_nul() -> None:
    secret = "s3cr3t-value"
    body = b"x" * (MAX_RECORDED_CHARACTERS - 4) + secret.encode() + b"\0"
    exchange = record(
        Request("lookup", "GET", "http://h/", {}, secrets=(secret,)),
        headers={"X-Echo": f"a{secret}\0"},
        status=200,
        response_headers={},
        response_body=body,
        started_at=datetime.now(UTC),
        seconds=0.0015,
        error="",
    )
    assert len(exchange.response_body) == MAX_RECORDED_CHARACTERS
    assert exchange.response_body.endswith("xx[red")
    assert exchange.request_headers["X-Echo"] == "a[redacted]\ufffd"
    assert exchange.duration_ms == 2

"""What we send to Airtel, byte for byte where it matters."""

import base64
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from providers.airtel import encryption, messages
from providers.airtel.adapter import PROBE_REFERENCE, AirtelAdapter
from providers.base import Operation
from tests.providers.airtel_world import PUBLIC_KEY, account_at, decrypt

REFERENCE = "N7NGE7XWRWDAOEHKBBU6JQCG"


def sent(order: Any, **credentials: str) -> Any:
    account = account_at("https://airtel.example/", **credentials)
    return messages.order(account, order, PUBLIC_KEY).request(account, "bearer-0123")


@pytest.fixture
def collection(make_request: Any) -> Any:
    return make_request(reference=REFERENCE, phone="260977000123", amount=Decimal("150.50"))


def test_a_collection_is_written_as_documented(collection: Any) -> None:
    request = sent(collection)
    assert (request.method, request.url) == ("POST", "https://airtel.example/merchant/v1/payments/")
    assert request.body == (
        b'{"reference":"Order1001","subscriber":{"country":"ZM","currency":"ZMW","msisdn":"977000123"},'
        b'"transaction":{"amount":150.5,"country":"ZM","currency":"ZMW","id":"N7NGE7XWRWDAOEHKBBU6JQCG"}}'
    )
    assert request.headers == {
        "Authorization": "Bearer bearer-0123",
        "X-Country": "ZM",
        "X-Currency": "ZMW",
        "Content-Type": "application/json",
    }


def test_a_payout_carries_the_encrypted_pin(collection: Any) -> None:
    request = sent(replace(collection, operation=Operation.TRANSFER, amount=Decimal("200.00")))
    assert request.url == "https://airtel.example/standard/v3/disbursements"
    body = json.loads(request.body)
    assert decrypt(body.pop("pin")) == b"481632"
    assert body == {
        "payee": {"msisdn": "977000123", "wallet_type": "NORMAL"},
        "reference": "Order1001",
        "transaction": {"amount": 200, "id": REFERENCE, "type": "B2C"},
    }
    assert "x-signature" not in request.headers


def test_a_refund_names_the_collection_by_airtels_own_number(collection: Any) -> None:
    order = replace(collection, operation=Operation.REFUND, original_provider_reference="MP260702.2347.B23113")
    request = sent(order, message_signing="on")
    assert request.url == "https://airtel.example/standard/v1/payments/refund"
    assert request.body == b'{"transaction":{"airtel_money_id":"MP260702.2347.B23113"}}'
    assert "x-signature" not in request.headers


@pytest.mark.parametrize("setting", ["on", "ON", " on "])
def test_with_signing_on_the_exact_bytes_are_signed(collection: Any, setting: str) -> None:
    for operation, path in (
        (Operation.COLLECT, "/merchant/v2/payments/"),
        (Operation.TRANSFER, "/standard/v3/disbursements"),
    ):
        request = sent(replace(collection, operation=operation), message_signing=setting)
        assert request.url == f"https://airtel.example{path}"
        aes_key, iv = (base64.b64decode(part) for part in decrypt(request.headers["x-key"]).split(b":"))
        assert request.headers["x-signature"] == encryption.signature(request.body, aes_key, iv)


@pytest.mark.parametrize("setting", ["off", "", "no"])
def test_without_signing_a_collection_goes_the_first_way(collection: Any, setting: str) -> None:
    request = sent(collection, message_signing=setting)
    assert "/merchant/v1/" in request.url
    assert "x-key" not in request.headers


@pytest.mark.parametrize(
    ("amount", "digits"),
    [
        ("150.50", b"150.5"), ("150.49", b"150.49"), ("150.10", b"150.1"), ("0.05", b"0.05"), ("100", b"100"),
        ("100.00", b"100"), ("1E+3", b"1000"), ("20000.00", b"20000"), ("1234567890123.45", b"1234567890123.45"),
        ("0.10", b"0.1"), ("99999999999999999.99", b"99999999999999999.99"),
    ],
)  # fmt: skip
def test_an_amount_is_a_json_number_with_the_very_digits(collection: Any, amount: str, digits: bytes) -> None:
    body = sent(replace(collection, amount=Decimal(amount))).body
    assert b'"amount":' + digits + b"," in body
    assert json.loads(body, parse_float=Decimal)["transaction"]["amount"] == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Order 1001", "Order1001"),
        ("Café Zoë & chips", "CafeZoechips"),
        ("A" * 40, "A" * 24),
        ("PO77", "PO77"),
        ("PO7", REFERENCE),
        ("🙂", REFERENCE),
        ("", REFERENCE),
    ],
)
def test_the_text_for_goods_is_4_to_24_letters_and_digits(collection: Any, text: str, expected: str) -> None:
    assert json.loads(sent(replace(collection, payer_message=text)).body)["reference"] == expected


def test_a_reference_is_24_letters_and_digits_and_unlike_any_other() -> None:
    references = {AirtelAdapter().new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert all(re.fullmatch(r"[A-Z0-9]{24}", each) for each in {*references, PROBE_REFERENCE})


def test_addresses_have_no_double_slash_and_no_way_out_of_the_path() -> None:
    account = account_at("https://airtel.example/")
    assert messages.lookup(account, "b", Operation.COLLECT, "../x?y").url == (
        "https://airtel.example/standard/v1/payments/..%2Fx%3Fy"
    )
    assert messages.lookup(account, "b", Operation.TRANSFER, "N1").url.endswith("/standard/v3/disbursements/N1")
    assert messages.account_holder(account, "b", "260977000123").url.endswith("/standard/v1/users/977000123")
    assert messages.balance(account, "b").url.endswith("/standard/v1/users/balance")


def test_every_question_names_country_and_currency() -> None:
    headers = messages.lookup(account_at("https://airtel.example"), "b", Operation.COLLECT, "N1").headers
    assert (headers["X-Country"], headers["X-Currency"]) == ("ZM", "ZMW")


def test_the_sign_in_is_asked_for_by_client_credentials() -> None:
    request = messages.token(account_at("https://airtel.example"))
    assert (request.method, request.url) == ("POST", "https://airtel.example/auth/oauth2/token")
    assert json.loads(request.body or b"") == {
        "client_id": "c0ffee00-0000-4000-8000-000000000001",
        "client_secret": "client-secret-0123456789",
        "grant_type": "client_credentials",
    }


def test_nothing_that_is_sent_shows_its_secrets_when_printed(collection: Any) -> None:
    account = account_at("https://airtel.example", message_signing="on")
    order = messages.order(account, replace(collection, operation=Operation.TRANSFER), PUBLIC_KEY)
    for printed in (repr(order), repr(order.request(account, "b")), repr(messages.token(account))):
        assert "secret" not in printed
        assert order.headers["x-key"] not in printed

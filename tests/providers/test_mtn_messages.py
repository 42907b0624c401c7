"""What we send to MTN, byte for byte where it matters."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from providers.base import Account, Instruction, Operation
from providers.mtn import messages


def sent(make_account: Callable[..., Account], request: Instruction) -> tuple[dict[str, str], dict[str, Any]]:
    message = messages.instruction(make_account("https://mtn.example/"), "bearer", request)
    return dict(message.headers), json.loads(message.body or b"")


def test_an_amount_is_a_plain_decimal_string(make_account: Any, make_request: Any) -> None:
    for amount, text in ((Decimal("150.00"), "150.00"), (Decimal("1E+3"), "1000"), (Decimal("0.05"), "0.05")):
        assert sent(make_account, make_request(amount=amount))[1]["amount"] == text


def test_an_empty_callback_address_is_left_out(make_account: Any, make_request: Any) -> None:
    assert "X-Callback-Url" not in sent(make_account, make_request(callback_url=""))[0]
    headers, _ = sent(make_account, make_request(callback_url="https://pay.example/h/1"))
    assert headers["X-Callback-Url"] == "https://pay.example/h/1"


def test_addresses_have_no_double_slash_and_no_way_out_of_the_path(make_account: Any) -> None:
    account = make_account("https://mtn.example/")
    assert messages.lookup(account, "b", Operation.COLLECT, "../x?y").url == (
        "https://mtn.example/collection/v1_0/requesttopay/..%2Fx%3Fy"
    )


def test_the_sign_in_has_no_body_and_its_user_is_not_url_encoded(make_account: Any) -> None:
    account = make_account("https://mtn.example", api_user="dXNlcg==", api_key="k/e+y=")
    message = messages.token(account)
    assert message.body is None
    assert base64.b64decode(message.headers["Authorization"].removeprefix("Basic ")) == b"dXNlcg==:k/e+y="


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Order 1001", "Order 1001"),
        ("Fish & chips, it's O'Neil", "Fish chips, it s O Neil"),
        ("Café Zoë", "Cafe Zoe"),
        ("\n<b>1</b>\x00", "b 1 b"),
        ("🙂", ""),
        ("a" * 200, "a" * 160),
        ("a" * 159 + " b", "a" * 159),
    ],
)
def test_texts_for_the_payer_hold_only_what_mtn_accepts(text: str, safe: str) -> None:
    assert messages.safe_text(text) == safe


def test_a_request_does_not_show_its_secrets_when_printed(make_account: Any) -> None:
    message = messages.token(make_account("https://mtn.example"))
    assert "api-key" not in repr(message)
    assert "api-key" not in repr(replace(message, operation="other"))

"""Airtel's callbacks: claims that name our reference, and a hash that may have been made in several ways."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.airtel.adapter import AirtelAdapter
from providers.base import CallbackProof, CallsBack, Kind

SECRET = "a4f48f692d2b4df9acbad7dff60a32a6"
CREDENTIALS = {"callback_secret": SECRET}
TRANSACTION = {
    "id": "BBZMiscxy",
    "message": "Paid UGX 5,000 to TECH LIMITED, Trans ID MP210603.1234.L06941.",
    "status_code": "TS",
    "airtel_money_id": "MP210603.1234.L06941",
}
# Both as published.
INDENTED_HASH = "zITVAAGYSlzl1WkUQJn81kbpT5drH3koffT8jCkcJJA="
COMPACT_HASH = "UF8JMKZsAFX5k0WFbIQphnCRcCw1ViJXT+A84CRl434="


def hashed(text: str, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256)).decode()


def body(said: Any, transaction: Any = TRANSACTION, **form: Any) -> bytes:
    return json.dumps({"transaction": transaction, "hash": said}, **form).encode()


def proof(content: bytes, secret: str = SECRET) -> CallbackProof:
    return AirtelAdapter().prove_callback({"callback_secret": secret}, content)


# --- the hash


@pytest.mark.parametrize("form", [{}, {"indent": 2}, {"separators": (",", ":")}])
@pytest.mark.parametrize("said", [INDENTED_HASH, COMPACT_HASH])
def test_the_published_hashes_fit_however_the_message_is_laid_out(said: str, form: dict[str, Any]) -> None:
    assert proof(body(said, **form)) is CallbackProof.FITS


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"transaction": TRANSACTION}, separators=(",", ":")),
        json.dumps({"transaction": TRANSACTION}),
        json.dumps({"transaction": TRANSACTION}, indent=2),
        json.dumps(TRANSACTION, separators=(",", ":")),
    ],
)
def test_each_way_to_write_what_is_hashed_is_tried(text: str) -> None:
    assert proof(body(hashed(text))) is CallbackProof.FITS
    assert proof(body(hashed(text), indent=4)) is CallbackProof.FITS


@pytest.mark.parametrize(
    ("whole", "hashed_part"),
    [
        ('{ "transaction" : {"id":"N1",  "status_code":"TS"} , "hash" : "HASH" }',
         '{ "transaction" : {"id":"N1",  "status_code":"TS"}  }'),
        ('{"hash":"HASH", "transaction":{"id": "N1","status_code" :"TF"}}',
         '{"transaction":{"id": "N1","status_code" :"TF"}}'),
        ('{"transaction":{"id":"N1","n":1.50,"e":1e2,"status_code":"TS"},"hash":"HASH"}',
         '{"transaction":{"id":"N1","n":1.50,"e":1e2,"status_code":"TS"}}'),
        ('{"transaction":{"message":"a \\"hash\\" of caf\\u00e9","id":"N1"},"hash":"HASH"}',
         '{"transaction":{"message":"a \\"hash\\" of caf\\u00e9","id":"N1"}}'),
    ],
)  # fmt: skip
def test_the_very_bytes_without_the_hash_are_tried_too(whole: str, hashed_part: str) -> None:
    assert proof(whole.replace("HASH", hashed(hashed_part)).encode()) is CallbackProof.FITS


def test_letters_beyond_ascii_are_hashed_as_they_are() -> None:
    transaction = {**TRANSACTION, "message": "Café 🙂"}
    text = json.dumps({"transaction": transaction}, separators=(",", ":"), ensure_ascii=False)
    for ascii_only in (True, False):
        content = json.dumps({"transaction": transaction, "hash": hashed(text)}, ensure_ascii=ascii_only)
        assert proof(content.encode()) is CallbackProof.FITS


@pytest.mark.parametrize("name", list(TRANSACTION))
def test_a_message_that_was_changed_does_not_fit(name: str) -> None:
    for said in (INDENTED_HASH, COMPACT_HASH):
        assert proof(body(said, {**TRANSACTION, name: "other"})) is CallbackProof.MISFITS
    shuffled = {name: TRANSACTION[name], **TRANSACTION}
    assert (proof(body(COMPACT_HASH, shuffled)) is CallbackProof.FITS) is (list(shuffled) == list(TRANSACTION))


def test_a_message_added_to_a_signed_one_does_not_fit() -> None:
    signed = json.dumps({"transaction": TRANSACTION}, separators=(",", ":"))
    forged = f'{signed[:-1]},"transaction":{{"id":"N9","status_code":"TS"}},"hash":"{COMPACT_HASH}"}}'
    assert proof(forged.encode()) is CallbackProof.MISFITS


@pytest.mark.parametrize("said", [None, "", 7, "wrong", INDENTED_HASH.lower(), INDENTED_HASH[:-1], "é", ["x"]])
def test_a_hash_that_is_missing_or_wrong_does_not_fit(said: Any) -> None:
    assert proof(body(said)) is CallbackProof.MISFITS


def test_another_secret_does_not_fit() -> None:
    assert proof(body(INDENTED_HASH), "another") is CallbackProof.MISFITS


def test_without_a_secret_no_hash_is_expected() -> None:
    for credentials in ({}, {"callback_secret": ""}):
        assert AirtelAdapter().prove_callback(credentials, body(INDENTED_HASH)) is CallbackProof.NONE


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 3000 + b"1" + b"}" * 3000]
)
def test_what_is_no_message_does_not_fit(content: bytes) -> None:
    assert proof(content) is CallbackProof.MISFITS


@given(st.binary(max_size=200))
def test_no_bytes_can_break_the_proof(content: bytes) -> None:
    assert proof(content) is CallbackProof.MISFITS


# --- the claim


@pytest.mark.parametrize(
    ("status", "kind"),
    [("TS", Kind.SUCCEEDED), ("TF", Kind.FAILED), ("TE", Kind.FAILED), ("TIP", Kind.PENDING), ("TI", Kind.PENDING),
     ("TA", Kind.UNKNOWN), ("ODD", Kind.PENDING)],
)  # fmt: skip
def test_a_callback_is_a_claim_about_our_reference(status: str, kind: Kind) -> None:
    claim = AirtelAdapter().read_callback(body(None, {**TRANSACTION, "status_code": status}))
    assert (claim.kind, claim.provider_code, claim.reference) == (kind, status, "BBZMiscxy")
    assert (claim.provider_reference, claim.external_id) == ("MP210603.1234.L06941", "")
    assert (claim.amount, claim.currency, claim.phone) == (None, "", "")


def test_the_placeholder_is_no_number_of_airtels() -> None:
    content = body(None, {**TRANSACTION, "airtel_money_id": "NA"})
    assert AirtelAdapter().read_callback(content).provider_reference == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"<html>", b'{"transaction":[]}', b'{"transaction":{"id":"N1"}}',
     b'{"transaction":{"status_code":"TS"}}', b'{"transaction":{"id":"N1","status":"TS"}}',
     b'{"status":"SUCCESSFUL","externalId":"1"}'],
)  # fmt: skip
def test_what_is_no_callback_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not an Airtel callback"):
        AirtelAdapter().read_callback(content)


def test_callbacks_come_to_one_address() -> None:
    assert AirtelAdapter.calls_back is CallsBack.PER_ACCOUNT

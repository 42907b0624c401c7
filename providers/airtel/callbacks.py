"""Airtel's callbacks: what they claim, and whether their hash fits (PROVIDERS.md 2.9)."""

import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

from providers.airtel.parsing import id_of, object_in
from providers.base import CallbackClaim, CallbackProof, Kind
from providers.parsing import key_of, parse_object, word_of

# Anything else claims nothing final.
CLAIMS: Mapping[str, Kind] = {
    "TS": Kind.SUCCEEDED,
    "TF": Kind.FAILED,
    "TE": Kind.FAILED,
    "TA": Kind.UNKNOWN,
}

_STRING = r'"(?:[^"\\]|\\.)*"'
_HASH_BEHIND = re.compile(rf',\s*"hash"\s*:\s*{_STRING}')
_HASH_IN_FRONT = re.compile(rf'"hash"\s*:\s*{_STRING}\s*,\s*')

log = logging.getLogger(__name__)


def read_callback(body: bytes) -> CallbackClaim:
    """Raises ValueError. Amount and phone are in no field; the text that names them is for people."""
    transaction = object_in(parse_object(body), "transaction")
    status, reference = word_of(transaction.get("status_code")), word_of(transaction.get("id"))
    if not status or not reference:
        raise ValueError("not an Airtel callback: it has no transaction with an id and a status_code")
    return CallbackClaim(
        kind=CLAIMS.get(key_of(status), Kind.PENDING),
        provider_code=status,
        external_id="",
        amount=None,
        currency="",
        phone="",
        provider_reference=id_of(transaction.get("airtel_money_id")),
        reference=reference,
    )


def prove_callback(secret: str, body: bytes) -> CallbackProof:
    """What exactly Airtel hashes is not certain, so each form that was seen is tried; all of them take their time."""
    said = parse_object(body).get("hash")
    given = said.encode("utf-8", "replace") if isinstance(said, str) else b""
    fitting = [form for form, text in _forms(body).items() if hmac.compare_digest(_hash(secret, text), given)]
    if fitting:
        log.info("airtel_callback_hash form=%s", fitting[0])
    return CallbackProof.FITS if fitting else CallbackProof.MISFITS


def _forms(body: bytes) -> dict[str, bytes]:
    """The message as it may have been hashed, in the order of its own keys."""
    text = body.decode("utf-8-sig", "replace")
    raw = _HASH_BEHIND.sub("", text, count=1)
    forms = {"raw": raw if raw != text else _HASH_IN_FRONT.sub("", text, count=1)}
    try:
        message = json.loads(text)
        whole = {name: value for name, value in message.items() if name != "hash"}
        forms |= {
            "compact": _dump(whole, separators=(",", ":")),
            "spaced": _dump(whole, separators=(", ", ": ")),
            "indented": _dump(whole, indent=2),
            "inner": _dump(message.get("transaction"), separators=(",", ":")),
        }
    except (ValueError, AttributeError, RecursionError):  # not JSON, no object, or too deep to write again
        forms = {"raw": forms["raw"]}
    return {name: form.encode("utf-8", "replace") for name, form in forms.items()}


def _dump(value: Any, **form: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **form)


def _hash(secret: str, message: bytes) -> bytes:
    """The secret is a text that looks like hexadecimal digits, and is used as it stands."""
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256))

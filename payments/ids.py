"""Identifiers: a prefix that names the kind of thing, then 26 characters that sort by time of creation."""

import secrets
from datetime import datetime

from uuid_utils import uuid7

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, at: datetime | None = None) -> str:
    """`pay_01k…`: the prefix and a UUIDv7 in 26 lower-case Crockford base-32 digits. `at`: a moment other than now."""
    number = _uuid7_at(at) if at else uuid7().int
    digits = [_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def payment_id() -> str:
    return new_id("pay")


def transaction_id() -> str:
    return new_id("txn")


def event_id() -> str:
    return new_id("evt")


def callback_id() -> str:
    return new_id("cb")


def key_id() -> str:
    return new_id("key")


def provider_account_id() -> str:
    return new_id("pa")


def ledger_entry_id() -> str:
    return new_id("le")


def fee_rule_id() -> str:
    return new_id("fee")


def resolution_id() -> str:
    return new_id("res")


def statement_id() -> str:
    return new_id("st")


def statement_line_id() -> str:
    return new_id("sl")


def statement_item_id() -> str:
    return new_id("si")


def statement_exception_id() -> str:
    return new_id("sx")


def _uuid7_at(moment: datetime) -> int:
    """RFC 9562: 48 bits of milliseconds, then version and variant among random bits."""
    milliseconds = int(moment.timestamp() * 1000)
    return milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)

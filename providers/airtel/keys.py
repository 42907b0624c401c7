"""Airtel's RSA key, for accounts that were set up without one: fetched once, and kept for a day at most."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from providers.airtel import gateway
from providers.airtel.parsing import object_in, read_envelope
from providers.airtel.tokens import application_key
from providers.base import Account, Exchange
from providers.http import Answer
from providers.parsing import parse_object
from providers.tokens import LONGEST_LIFETIME_SECONDS, Grant, Minted, Token, Tokens

LONGEST_KEY = 8 * 1024
SHORTEST_LIFETIME_SECONDS = 60.0  # of a key that seems to have run out already: it may still be the only one
# `valid_upto` names no time zone, and no zone is further ahead than this one.
_ZONES_AHEAD = timedelta(hours=14)

READING = gateway.before_sending("our request for its public key")


class KeyCache:
    """Thread-safe: a key is kept as a token is, text and time (providers.tokens)."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._keys = Tokens(
            refresh_early_seconds=0.0, not_minted=READING.otherwise, cut_off=READING.cut_off, clock=clock
        )

    def get(self, account: Account, fetch: Callable[[], Minted]) -> Grant:
        wait_seconds = account.timeouts.longest_operation_seconds
        return self._keys.get(application_key(account), fetch, wait_seconds=wait_seconds)

    def reject(self, account: Account, key: Token) -> None:
        """Forget a key that Airtel could not read us by: it may have a new one."""
        self._keys.reject(application_key(account), key)


def read_key(answer: Answer, exchanges: tuple[Exchange, ...]) -> Minted:
    """The key as it came, base64 of a DER SubjectPublicKeyInfo; "" where there is none."""
    data = object_in(parse_object(answer.body), "data")
    key = data.get("key")
    is_there = gateway.is_complete(answer) and answer.status == 200 and isinstance(key, str) and len(key) < LONGEST_KEY
    envelope = read_envelope(answer.body)
    refusal = gateway.read(READING, answer, word=envelope.response_code or envelope.code)
    return Minted(str(key) if is_there else "", _lifetime_seconds(data.get("valid_upto")), refusal, exchanges)


def _lifetime_seconds(valid_upto: Any) -> float:
    """From dd-MM-yyyy HH:mm:ss, read as the earliest moment that it can mean."""
    try:
        ends_at = datetime.strptime(valid_upto, "%d-%m-%Y %H:%M:%S").replace(tzinfo=UTC) - _ZONES_AHEAD
    except (TypeError, ValueError, OverflowError):
        return LONGEST_LIFETIME_SECONDS
    return max((ends_at - datetime.now(UTC)).total_seconds(), SHORTEST_LIFETIME_SECONDS)

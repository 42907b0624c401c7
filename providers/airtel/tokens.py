"""Airtel's tokens: one per application, alive for three minutes."""

import hashlib
import time
from collections.abc import Callable

from providers.airtel import gateway, messages
from providers.airtel.credentials import REQUIRED
from providers.airtel.parsing import read_envelope
from providers.base import Account
from providers.http import HttpClient
from providers.tokens import Grant, Minted, Token, Tokens, read_token, token_timeouts

REFRESH_EARLY_SECONDS = 30.0
DEFAULT_LIFETIME_SECONDS = 120.0  # of the 180 that are documented

READING = gateway.before_sending("our sign-in")


class TokenCache:
    """Thread-safe; see providers.tokens."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = Tokens(
            refresh_early_seconds=REFRESH_EARLY_SECONDS,
            not_minted=READING.otherwise,
            cut_off=READING.cut_off,
            clock=clock,
        )

    def get(self, account: Account, client: HttpClient) -> Grant:
        wait_seconds = account.timeouts.token_seconds
        return self._tokens.get(application_key(account), lambda: _mint(account, client), wait_seconds=wait_seconds)

    def reject(self, account: Account, token: Token) -> None:
        self._tokens.reject(application_key(account), token)


def application_key(account: Account) -> str:
    """What tells one application from another. The secret is in it: knowing another's id is not enough."""
    parts = [account.base_url, *(account.credentials[name] for name in REQUIRED)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _mint(account: Account, client: HttpClient) -> Minted:
    answer = client.send(messages.token(account), token_timeouts(account.timeouts))
    bearer, lifetime = read_token(answer, default_seconds=DEFAULT_LIFETIME_SECONDS)
    refusal = gateway.read(READING, answer, word=read_envelope(answer.body).code)
    return Minted(bearer, lifetime, refusal, (answer.exchange,))

"""MTN's tokens: one per product and set of credentials."""

import hashlib
import time
from collections.abc import Callable

from providers.base import Account
from providers.http import HttpClient
from providers.mtn import messages, wire
from providers.mtn.products import COLLECTION, Product
from providers.tokens import Grant, Minted, Token, Tokens, read_token, token_timeouts

REFRESH_EARLY_SECONDS = 600.0  # MTN's advice for its 3600 s tokens
DEFAULT_LIFETIME_SECONDS = 300.0


class TokenCache:
    """Thread-safe; see providers.tokens."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = Tokens(
            refresh_early_seconds=REFRESH_EARLY_SECONDS,
            not_minted=wire.TOKEN.otherwise,
            cut_off=wire.TOKEN.cut_off,
            clock=clock,
        )

    def get(self, account: Account, client: HttpClient, product: Product = COLLECTION) -> Grant:
        return self._tokens.get(
            _key(account, product),
            lambda: _mint(account, client, product),
            wait_seconds=account.timeouts.token_seconds,
        )

    def reject(self, account: Account, token: Token, product: Product = COLLECTION) -> None:
        self._tokens.reject(_key(account, product), token)


def _mint(account: Account, client: HttpClient, product: Product) -> Minted:
    answer = client.send(messages.token(account, product), token_timeouts(account.timeouts))
    bearer, lifetime = read_token(answer, default_seconds=DEFAULT_LIFETIME_SECONDS)
    return Minted(bearer, lifetime, wire.read(wire.TOKEN, answer), (answer.exchange,))


def _key(account: Account, product: Product) -> str:
    parts = [account.base_url, product.name, *product.credentials(account.credentials).values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

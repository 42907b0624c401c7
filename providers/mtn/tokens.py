"""One bearer token per product and set of credentials, minted once however many threads need it."""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Lock

from providers.base import Account, Exchange, Outcome, Timeouts
from providers.http import Answer, HttpClient
from providers.mtn import messages, wire
from providers.mtn.parsing import parse_object
from providers.mtn.products import COLLECTION, Product

REFRESH_EARLY_SECONDS = 600.0  # MTN's advice for its 3600 s tokens
RETRY_REFRESH_SECONDS = 30.0  # after a refresh failed while the old token still works
DEFAULT_LIFETIME_SECONDS = 300.0  # where MTN does not say, or says nonsense
LONGEST_LIFETIME_SECONDS = 86_400.0
MAX_TOKENS = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """Times are readings of the cache's clock."""

    bearer: str
    refresh_at: float
    expires_at: float


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """A token, or the refusal that stands in its way; and the exchanges of this very call."""

    token: Token | None
    refusal: Outcome
    exchanges: tuple[Exchange, ...] = ()


class TokenCache:
    """Thread-safe. A token that is due is refreshed by one thread while the others go on using it."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()  # guards both tables; never held across a call
        self._tokens: dict[str, Token] = {}
        self._flights: dict[str, Future[Grant]] = {}

    def get(self, account: Account, client: HttpClient, product: Product = COLLECTION) -> Grant:
        key = _key(account, product)
        with self._lock:
            token, flight = self._usable(key), self._flights.get(key)
            if token and (flight or self._clock() < token.refresh_at):
                return _granted(token)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leads:
            return self._lead(key, flight, lambda: self._mint(account, client, product))
        return _follow(flight, account.timeouts)

    def reject(self, account: Account, token: Token, product: Product = COLLECTION) -> None:
        """Forget a token that was answered with 401, unless another thread has replaced it already."""
        key = _key(account, product)
        with self._lock:
            if self._tokens.get(key) is token:
                del self._tokens[key]

    def _usable(self, key: str) -> Token | None:
        token = self._tokens.get(key)
        return token if token and self._clock() < token.expires_at else None

    def _lead(self, key: str, flight: Future[Grant], mint: Callable[[], Grant]) -> Grant:
        grant = Grant(None, wire.TOKEN.otherwise)
        try:
            grant = mint()
        finally:
            # Whatever happened, the followers must wake up and the next caller may try again.
            with self._lock:
                del self._flights[key]
                grant = self._keep(key, grant)
            flight.set_result(grant)
        return grant

    def _mint(self, account: Account, client: HttpClient, product: Product) -> Grant:
        asked_at = self._clock()  # the life of a token begins before its answer arrives
        answer = client.send(messages.token(account, product), _token_timeouts(account.timeouts))
        bearer, lifetime = read_token(answer)
        refusal = wire.read(wire.TOKEN, answer)
        if not bearer:
            return Grant(None, refusal, (answer.exchange,))
        expires_at = asked_at + lifetime
        early = min(REFRESH_EARLY_SECONDS, lifetime / 2)
        return Grant(Token(bearer, expires_at - early, expires_at), refusal, (answer.exchange,))

    def _keep(self, key: str, grant: Grant) -> Grant:
        """Store a new token; after a failed refresh, go on with the old one for as long as it lives."""
        if grant.token is None:
            old = self._usable(key)
            if old is None:
                return grant
            grant = replace(grant, token=replace(old, refresh_at=self._clock() + RETRY_REFRESH_SECONDS))
        if len(self._tokens) >= MAX_TOKENS:
            self._tokens = {each: token for each, token in self._tokens.items() if self._usable(each)}
        if len(self._tokens) < MAX_TOKENS and grant.token:
            self._tokens[key] = grant.token
        return grant


def read_token(answer: Answer) -> tuple[str, float]:
    """The bearer and its life in seconds; the bearer is "" when the answer does not hold one."""
    body = parse_object(answer.body)
    bearer, lifetime = body.get("access_token"), body.get("expires_in")
    usable = isinstance(bearer, str) and bearer.isascii() and bearer.isprintable() and " " not in bearer
    if answer.error or answer.status != 200 or not usable:
        return "", 0.0
    if isinstance(lifetime, bool) or not isinstance(lifetime, int) or lifetime <= 0:
        lifetime = DEFAULT_LIFETIME_SECONDS
    return str(bearer), min(float(lifetime), LONGEST_LIFETIME_SECONDS)


def _granted(token: Token) -> Grant:
    return Grant(token, wire.TOKEN.otherwise)


def _follow(flight: Future[Grant], timeouts: Timeouts) -> Grant:
    try:
        grant = flight.result(timeout=timeouts.token_seconds)
    except TimeoutError:
        return Grant(None, wire.TOKEN.cut_off)
    # The leader records a success. A failure explains every payment that it stopped.
    return replace(grant, exchanges=()) if grant.token else grant


def _token_timeouts(timeouts: Timeouts) -> Timeouts:
    return replace(timeouts, read_seconds=timeouts.token_seconds, total_seconds=timeouts.token_seconds)


def _key(account: Account, product: Product) -> str:
    """The secrets are in the key: knowing another merchant's user must not be enough to use its token."""
    parts = [account.base_url, product.name, *product.credentials(account.credentials).values()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()

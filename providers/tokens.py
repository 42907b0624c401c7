"""One bearer token per set of credentials, minted once however many threads need it."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from threading import Lock

from providers.base import Exchange, Outcome, Timeouts
from providers.http import Answer
from providers.parsing import parse_object

RETRY_REFRESH_SECONDS = 30.0  # after a refresh failed while the old token still works
LONGEST_LIFETIME_SECONDS = 86_400.0
MAX_TOKENS = 10_000


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """Times are readings of the cache's clock."""

    bearer: str
    refresh_at: float
    expires_at: float


@dataclass(frozen=True, slots=True, repr=False)
class Minted:
    """What asking for a token came to. bearer: "" when the answer holds none; then `refusal` says why."""

    bearer: str
    lifetime_seconds: float
    refusal: Outcome
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Grant:
    """A token, or the refusal that stands in its way; and the exchanges of this very call."""

    token: Token | None
    refusal: Outcome
    exchanges: tuple[Exchange, ...] = ()


class Tokens:
    """Thread-safe. A token that is due is refreshed by one thread while the others go on using it.

    refresh_early_seconds: before the end of its life, but never in the first half of it. not_minted, cut_off: what a
    caller is told when minting raised, and when another thread's minting took too long.
    """

    def __init__(
        self,
        *,
        refresh_early_seconds: float,
        not_minted: Outcome,
        cut_off: Outcome,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._early, self._not_minted, self._cut_off, self._clock = refresh_early_seconds, not_minted, cut_off, clock
        self._lock = Lock()  # guards both tables; never held across a call
        self._tokens: dict[str, Token] = {}
        self._flights: dict[str, Future[Grant]] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def get(self, key: str, mint: Callable[[], Minted], *, wait_seconds: float) -> Grant:
        """The token under this key. The secrets must be in the key: knowing another merchant's user is not enough."""
        with self._lock:
            token, flight = self._usable(key), self._flights.get(key)
            if token and (flight or self._clock() < token.refresh_at):
                return Grant(token, self._not_minted)
            leads = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        return self._lead(key, flight, mint) if leads else self._follow(flight, wait_seconds)

    def reject(self, key: str, token: Token) -> None:
        """Forget a token that was answered with 401, unless another thread has replaced it already."""
        with self._lock:
            if self._tokens.get(key) is token:
                del self._tokens[key]

    def _usable(self, key: str) -> Token | None:
        token = self._tokens.get(key)
        return token if token and self._clock() < token.expires_at else None

    def _lead(self, key: str, flight: Future[Grant], mint: Callable[[], Minted]) -> Grant:
        grant = Grant(None, self._not_minted)
        try:
            asked_at = self._clock()  # the life of a token begins before its answer arrives
            grant = self._granted(mint(), asked_at)
        finally:
            # Whatever happened, the followers must wake up and the next caller may try again.
            with self._lock:
                del self._flights[key]
                grant = self._keep(key, grant)
            flight.set_result(grant)
        return grant

    def _granted(self, minted: Minted, asked_at: float) -> Grant:
        if not minted.bearer:
            return Grant(None, minted.refusal, minted.exchanges)
        lifetime = min(minted.lifetime_seconds, LONGEST_LIFETIME_SECONDS)
        expires_at = asked_at + lifetime
        early = min(self._early, lifetime / 2)
        return Grant(Token(minted.bearer, expires_at - early, expires_at), minted.refusal, minted.exchanges)

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

    def _follow(self, flight: Future[Grant], wait_seconds: float) -> Grant:
        try:
            grant = flight.result(timeout=wait_seconds)
        except TimeoutError:
            return Grant(None, self._cut_off)
        # The leader records a success. A failure explains every payment that it stopped.
        return replace(grant, exchanges=()) if grant.token else grant


def token_timeouts(timeouts: Timeouts) -> Timeouts:
    """Those of a call for a token, which some gateways take long for."""
    seconds = timeouts.token_seconds
    connect_seconds = min(timeouts.connect_seconds, seconds)
    return replace(timeouts, connect_seconds=connect_seconds, read_seconds=seconds, total_seconds=seconds)


def read_token(answer: Answer, *, default_seconds: float) -> tuple[str, float]:
    """The bearer and its life in seconds; the bearer is "" when the answer does not hold one.

    default_seconds: where the provider does not say how long it lives, or says nonsense. Some say it as a text.
    """
    body = parse_object(answer.body)
    bearer, lifetime = body.get("access_token"), body.get("expires_in")
    usable = isinstance(bearer, str) and bearer.isascii() and bearer.isprintable() and " " not in bearer
    if answer.error or answer.status != 200 or not usable:
        return "", 0.0
    digits = str(lifetime) if isinstance(lifetime, int | str) and not isinstance(lifetime, bool) else ""
    seconds = float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0.0
    return str(bearer), seconds or default_seconds

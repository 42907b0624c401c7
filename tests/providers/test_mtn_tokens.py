"""One token per set of credentials: minted once, refreshed early, never shared with a stranger."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from providers import tokens
from providers.base import Account, Kind, Operation
from providers.http import HttpClient
from providers.mtn.adapter import MtnAdapter
from providers.mtn.tokens import TokenCache
from providers.simulator.server import Simulator
from tests.providers.raw_server import hang, http_answer, reply


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> TokenCache:
    return TokenCache(clock=clock)


def minted(simulator: Simulator) -> int:
    return simulator.requests.counts().get("token", 0)


def test_twenty_threads_share_one_sign_in(
    simulator: Simulator, client: HttpClient, cache: TokenCache, account: Account, faults: Any
) -> None:
    faults(answer_delay_seconds=0.05)
    with ThreadPoolExecutor(20) as threads:
        grants = list(threads.map(lambda _: cache.get(account, client), range(20)))
    assert minted(simulator) == 1
    assert len({grant.token for grant in grants}) == 1
    assert sum(len(grant.exchanges) for grant in grants) == 1


def test_a_failed_sign_in_is_shared_too_and_tried_again_by_the_next_caller(
    simulator: Simulator, client: HttpClient, cache: TokenCache, account: Account, faults: Any
) -> None:
    faults(answer="html_503", answer_delay_seconds=0.05)
    with ThreadPoolExecutor(20) as threads:
        grants = list(threads.map(lambda _: cache.get(account, client), range(20)))
    assert minted(simulator) == 1
    assert {(grant.refusal.kind, grant.refusal.provider_code) for grant in grants} == {(Kind.REFUSED, "HTTP 503")}
    assert all(grant.exchanges for grant in grants)
    faults()
    assert cache.get(account, client).token


@pytest.mark.parametrize(("lifetime", "early"), [(3600, 600), (300, 150), (1200, 600)])
def test_a_token_is_refreshed_ten_minutes_early_or_at_half_its_life(
    *, simulator: Simulator, client: HttpClient, cache: TokenCache, clock: Clock, account: Account, faults: Any,
    lifetime: int, early: int,
) -> None:  # fmt: skip
    faults(token_expires_seconds=lifetime)
    cache.get(account, client)
    clock.now += lifetime - early - 1
    cache.get(account, client)
    assert minted(simulator) == 1
    clock.now += 2
    cache.get(account, client)
    assert minted(simulator) == 2


def test_while_one_thread_refreshes_the_others_use_the_old_token(
    *, simulator: Simulator, client: HttpClient, cache: TokenCache, clock: Clock, account: Account, faults: Any
) -> None:
    old = cache.get(account, client).token
    clock.now += 3100
    faults(answer_delay_seconds=0.2)
    refresher = threading.Thread(target=cache.get, args=(account, client))
    refresher.start()
    time.sleep(0.05)
    started = time.monotonic()
    assert cache.get(account, client).token is old
    assert time.monotonic() - started < 0.1
    refresher.join()
    assert cache.get(account, client).token is not old


def test_a_failed_refresh_goes_on_with_the_old_token_and_tries_again_later(
    *, simulator: Simulator, client: HttpClient, cache: TokenCache, clock: Clock, account: Account, faults: Any
) -> None:
    old = cache.get(account, client).token
    assert old
    faults(answer="error_500")
    clock.now += 3100
    again = [cache.get(account, client) for _ in range(5)]
    assert {grant.token.bearer for grant in again if grant.token} == {old.bearer}
    assert minted(simulator) == 2
    clock.now += 31
    cache.get(account, client)
    assert minted(simulator) == 3


def test_a_rejected_token_is_forgotten_once_however_many_threads_saw_the_rejection(
    simulator: Simulator, client: HttpClient, cache: TokenCache, account: Account
) -> None:
    old = cache.get(account, client).token
    assert old
    cache.reject(account, old)
    new = cache.get(account, client).token
    cache.reject(account, old)
    assert cache.get(account, client).token is new
    assert minted(simulator) == 2


@pytest.mark.parametrize("name", ["api_user", "api_key", "subscription_key", "target_environment"])
def test_credentials_that_differ_in_anything_share_no_token(
    client: HttpClient, cache: TokenCache, account: Account, simulator: Simulator, name: str
) -> None:
    known = cache.get(account, client).token
    stranger = replace(account, credentials={**account.credentials, name: "guess"})
    assert cache.get(stranger, client).token is not known


@pytest.mark.parametrize(
    ("answer", "code", "alarm", "pause"),
    [
        (http_answer(401, b'{"error":"invalid_client"}'), "credentials_rejected", True, None),
        (http_answer(500, b'{"error":"login_failed"}'), "credentials_rejected", True, None),
        (http_answer(400, b'{"error":"Invalid or missing X-Target-Environment header"}'), "provider_rejected", True,
         None),
        (http_answer(403, b"<html>no</html>"), "provider_rejected", True, None),
        (http_answer(500, b"oops"), "provider_error", False, 2.0),
        (http_answer(503, b"", "Retry-After: 9"), "provider_error", False, 9.0),
        (http_answer(200, b"<html>"), "provider_error", False, 2.0),
        (http_answer(200, b'{"access_token":"with space"}'), "provider_error", False, 2.0),
        (http_answer(200, b'{"access_token":"bad\\nheader"}'), "provider_error", False, 2.0),
        (http_answer(200, b'{"access_token":7}'), "provider_error", False, 2.0),
    ],
)  # fmt: skip
def test_without_a_token_nothing_is_sent_and_the_payment_is_refused(
    *, raw_server: Any, adapter: MtnAdapter, make_account: Any, make_request: Any, monkeypatch: pytest.MonkeyPatch,
    answer: bytes, code: str, alarm: bool, pause: float | None,
) -> None:  # fmt: skip
    monkeypatch.setattr("tests.providers.raw_server.http_answer", lambda *_: answer)
    server = raw_server(hang)
    outcome = adapter.send(make_account(server.url), make_request())
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, code, alarm)
    assert outcome.retry_after_seconds == pause
    assert [exchange.operation for exchange in outcome.exchanges] == ["token"]


def test_a_lookup_without_a_token_learns_nothing(simulator: Simulator, adapter: MtnAdapter, make_account: Any) -> None:
    outcome = adapter.lookup(make_account(simulator.url, api_key="wrong-key"), Operation.COLLECT, "8f4b7f1e")
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.UNKNOWN, "", True)


def test_missing_credentials_are_named_and_nothing_is_sent(
    adapter: MtnAdapter, make_account: Any, make_request: Any
) -> None:
    outcome = adapter.send(make_account("http://127.0.0.1:9", api_key="", api_user=""), make_request())
    assert (outcome.kind, outcome.code, outcome.exchanges) == (Kind.REFUSED, "credentials_rejected", ())
    assert "api_user, api_key" in outcome.message


@pytest.mark.parametrize(("said", "lifetime"), [("null", 300.0), ("-1", 300.0), ("true", 300.0), ("9e9", 300.0),
                                                ("99999999", 86400.0), ("60", 60.0)])  # fmt: skip
def test_an_odd_lifetime_is_replaced_by_a_short_one(
    *, raw_server: Any, client: HttpClient, make_account: Any, cache: TokenCache, clock: Clock,
    monkeypatch: pytest.MonkeyPatch, said: str, lifetime: float,
) -> None:  # fmt: skip
    body = f'{{"access_token":"t","expires_in":{said}}}'.encode()
    monkeypatch.setattr("tests.providers.raw_server.TOKEN", body)
    token = cache.get(make_account(raw_server(reply(b"")).url), client).token
    assert token
    assert token.expires_at - clock.now == lifetime


def test_a_follower_does_not_wait_longer_than_its_own_time(
    simulator: Simulator, client: HttpClient, account: Account, cache: TokenCache, faults: Callable[..., None]
) -> None:
    faults(answer_delay_seconds=0.3)
    leader = threading.Thread(target=cache.get, args=(account, client))
    leader.start()
    time.sleep(0.05)
    hasty = replace(account, timeouts=replace(account.timeouts, token_seconds=0.05))
    assert cache.get(hasty, client).token is None
    leader.join()


def test_the_cache_is_bounded_and_makes_room_by_dropping_what_expired(
    *, simulator: Simulator, client: HttpClient, account: Account, cache: TokenCache, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(tokens, "MAX_TOKENS", 2)
    accounts = [replace(account, credentials={**account.credentials, "api_user": f"user {n}"}) for n in range(4)]
    for each in accounts[:3]:
        assert cache.get(each, client).token
    assert len(cache._tokens) == 2
    clock.now += 4000
    assert cache.get(accounts[3], client).token
    assert len(cache._tokens) == 1

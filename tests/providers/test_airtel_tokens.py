"""Airtel's short-lived tokens and its public key: fetched once, kept for their time, renewed when rejected."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from providers.airtel.adapter import AirtelAdapter
from providers.airtel.keys import KeyCache
from providers.airtel.tokens import TokenCache
from providers.base import Kind, Operation
from providers.clock import steady_seconds
from providers.http import HttpClient
from tests.providers.airtel_world import (
    HASTY,
    IN_PROCESS,
    KEY,
    PUBLIC_KEY,
    TOKEN,
    ScriptedAirtel,
    account_at,
    envelope,
    json_answer,
)
from tests.providers.raw_server import Behaviour, hang, reply, reset

TOKEN_PATH, KEY_PATH = "/auth/oauth2/token", "/v1/rsa/encryption-keys"
PUSHED = reply(json_answer(envelope("SUCCESS", **IN_PROCESS)))
UNAUTHORISED = reply(json_answer({"error": "invalid_token", "error_description": "expired"}, 401))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def adapter(client: HttpClient, clock: Clock) -> AirtelAdapter:
    return AirtelAdapter(client=client, tokens=TokenCache(clock=clock), keys=KeyCache(clock=clock))


@pytest.fixture
def airtel() -> Iterator[ScriptedAirtel]:
    with ScriptedAirtel(PUSHED) as running:
        yield running


@pytest.fixture
def order(make_request: Any) -> Callable[..., Any]:
    def make(**changes: Any) -> Any:
        return make_request(reference=AirtelAdapter().new_reference(), phone="260977000123", **changes)

    return make


def slowly(content: bytes) -> Behaviour:
    def behave(connection: Any, _: threading.Event) -> None:
        time.sleep(0.1)
        connection.sendall(content)

    return behave


# --- tokens


def test_twenty_threads_share_one_sign_in(adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any) -> None:
    airtel.token = slowly(json_answer(TOKEN))
    account = account_at(airtel.url)
    with ThreadPoolExecutor(20) as threads:
        kinds = list(threads.map(lambda _: adapter.send(account, order()).kind, range(20)))
    assert set(kinds) == {Kind.PENDING}
    assert airtel.paths().count(TOKEN_PATH) == 1


@pytest.mark.parametrize(("said", "lifetime"), [("180", 180), (180, 180), (None, 120), ("soon", 120)])
def test_a_token_is_renewed_half_a_minute_early(
    *, adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, clock: Clock, said: Any, lifetime: int
) -> None:
    airtel.token = reply(json_answer({**TOKEN, "expires_in": said}))
    account = account_at(airtel.url)
    for pause, minted in ((0, 1), (lifetime - 31, 1), (2, 2)):
        clock.now += pause
        adapter.send(account, order())
        assert airtel.paths().count(TOKEN_PATH) == minted


@pytest.mark.parametrize("name", ["client_id", "client_secret"])
def test_applications_that_differ_in_anything_share_no_token(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, name: str
) -> None:
    for account in (account_at(airtel.url), account_at(airtel.url, **{name: "a guess"})):
        adapter.send(account, order())
    assert airtel.paths().count(TOKEN_PATH) == 2


@pytest.mark.parametrize("operation", Operation)
def test_a_rejected_token_is_renewed_and_the_very_same_request_repeated(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, operation: Operation
) -> None:
    airtel.behaviours = [UNAUTHORISED, PUSHED]
    account = account_at(airtel.url, public_key=PUBLIC_KEY, message_signing="on")
    request = order(operation=operation, original_provider_reference="MP1")
    outcome = adapter.send(account, request)
    steps = [(exchange.operation, exchange.status) for exchange in outcome.exchanges]
    assert steps == [("token", 200), (operation, 401), ("token", 200), (operation, 200)]
    first, second = (each for each in airtel.seen if each.path != TOKEN_PATH)
    assert (first.body, first.headers.get("x-key")) == (second.body, second.headers.get("x-key"))
    assert second.headers["authorization"] == f"Bearer {TOKEN['access_token']}-2"


def test_credentials_that_stay_rejected_refuse_the_order(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any
) -> None:
    airtel.behaviours = [UNAUTHORISED]
    outcome = adapter.send(account_at(airtel.url), order())
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
    assert airtel.paths().count("/merchant/v1/payments/") == 2


@pytest.mark.parametrize(
    ("behaviour", "code", "alarm", "pause"),
    [
        (reply(json_answer({"error": "invalid_client"}, 401)), "credentials_rejected", True, None),
        (reply(json_answer({"error": "invalid_client"}, 400)), "credentials_rejected", True, None),
        (reply(json_answer({"message": "IP address not allowed: 1.2.3.4"}, 403)), "provider_rejected", True, None),
        (reply(json_answer(b"<html>", 403)), "provider_rejected", True, None),
        (reply(json_answer({"message": "no Route matched with those values"}, 404)), "provider_error", True, 2.0),
        (reply(json_answer(b"<html>", 503)), "provider_error", False, 2.0),
        (reply(json_answer(b"<html>", 200)), "provider_error", False, 2.0),
        (reply(json_answer({"access_token": "with space"})), "provider_error", False, 2.0),
        (hang, "provider_error", False, 2.0),
        (reset, "provider_error", False, 2.0),
    ],
)
@pytest.mark.parametrize("what", ["token", "key"])
def test_without_a_token_or_key_nothing_is_sent_and_the_payout_is_refused(
    *, adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, what: str, behaviour: Behaviour, code: str,
    alarm: bool, pause: float | None,
) -> None:  # fmt: skip
    setattr(airtel, what, behaviour)
    timeouts = replace(HASTY, token_seconds=0.5) if (what, behaviour) == ("token", hang) else HASTY
    outcome = adapter.send(replace(account_at(airtel.url), timeouts=timeouts), order(operation=Operation.TRANSFER))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, code, alarm)
    assert (outcome.retry_after_seconds, outcome.low_trust) == (pause, False)
    assert outcome.exchanges
    assert set(airtel.paths()) <= {TOKEN_PATH, KEY_PATH}


def test_an_order_that_became_late_while_the_key_was_fetched_is_not_sent(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any
) -> None:
    airtel.key = slowly(json_answer(KEY))
    request = order(operation=Operation.TRANSFER, send_before=steady_seconds() + 0.09)
    outcome = adapter.send(account_at(airtel.url), request)
    assert (outcome.kind, outcome.retry_after_seconds) == (Kind.REFUSED, 0.0)
    assert set(airtel.paths()) == {TOKEN_PATH, KEY_PATH}


# --- the public key


def test_many_payouts_share_one_key_and_collections_need_none(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any
) -> None:
    airtel.key = slowly(json_answer(KEY))
    account = account_at(airtel.url)
    adapter.send(account, order())
    assert KEY_PATH not in airtel.paths()
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda _: adapter.send(account, order(operation=Operation.TRANSFER)), range(10)))
    assert airtel.paths().count(KEY_PATH) == 1
    assert airtel.paths().count("/standard/v3/disbursements") == 10


def test_an_account_with_its_own_key_asks_for_none(adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any) -> None:
    account = account_at(airtel.url, public_key=PUBLIC_KEY, message_signing="on")
    adapter.send(account, order(operation=Operation.TRANSFER))
    adapter.send(account, order())
    assert airtel.paths() == [TOKEN_PATH, "/standard/v3/disbursements", "/merchant/v2/payments/"]


def _in(hours: int) -> str:
    return f"{datetime.now(UTC) + timedelta(hours=hours):%d-%m-%Y %H:%M:%S}"


@pytest.mark.parametrize(
    ("valid_upto", "kept_seconds"),
    [
        ("12-08-2099 21:29:26", 86_400),
        (None, 86_400),
        ("soon", 86_400),
        (_in(20), 6 * 3600),
        (_in(10), 60),
        (_in(-99), 60),
    ],
)
def test_a_key_is_kept_until_its_end_in_every_time_zone_and_a_day_at_most(
    *, adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, clock: Clock, valid_upto: Any, kept_seconds: int
) -> None:
    airtel.key = reply(json_answer({"data": {"key_id": 100, "key": PUBLIC_KEY, "valid_upto": valid_upto}}))
    account = account_at(airtel.url)
    for pause, fetched in ((0, 1), (kept_seconds * 0.9, 1), (kept_seconds * 0.2, 2)):
        clock.now += pause
        adapter.send(account, order(operation=Operation.TRANSFER))
        assert airtel.paths().count(KEY_PATH) == fetched


@pytest.mark.parametrize("word", ["ROUTER116", "DP00900001016", "DP00900001018"])
def test_a_key_that_airtel_cannot_read_us_by_is_fetched_anew(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, word: str
) -> None:
    airtel.behaviours = [reply(json_answer(envelope(response_code=word)))]
    account = account_at(airtel.url)
    for fetched in (1, 2):
        outcome = adapter.send(account, order(operation=Operation.TRANSFER))
        assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
        assert airtel.paths().count(KEY_PATH) == fetched


@pytest.mark.parametrize("key", ["no key", "AAAA", PUBLIC_KEY[:-8], ""])
def test_a_key_that_is_none_refuses_what_needs_it(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any, key: str
) -> None:
    airtel.key = reply(json_answer({"data": {"key": key}}))
    outcome = adapter.send(account_at(airtel.url), order(operation=Operation.TRANSFER))
    assert (outcome.kind, outcome.retry_safe) == (Kind.REFUSED, True)
    assert set(airtel.paths()) == {TOKEN_PATH, KEY_PATH}


def test_a_pin_too_long_for_the_key_refuses_the_payout(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any
) -> None:
    account = account_at(airtel.url, public_key=PUBLIC_KEY, pin="1" * 200)
    outcome = adapter.send(account, order(operation=Operation.TRANSFER))
    assert (outcome.kind, outcome.code, outcome.alarm) == (Kind.REFUSED, "credentials_rejected", True)
    assert airtel.seen == []


def test_a_rejected_token_is_renewed_for_the_key_as_well(
    adapter: AirtelAdapter, airtel: ScriptedAirtel, order: Any
) -> None:
    account = account_at(airtel.url)
    adapter.send(account, order())
    airtel.key = UNAUTHORISED
    outcome = adapter.send(account, order(operation=Operation.TRANSFER))
    assert (outcome.kind, outcome.code) == (Kind.REFUSED, "credentials_rejected")
    assert [exchange.operation for exchange in outcome.exchanges] == ["public_key", "token", "public_key"]

"""Rate limits: exact, shared by all processes of a merchant and mode, and shown on every answer."""

import threading
import time

import pytest
from django.db import connection
from django.test import Client

from api.stranger_throttle import Strangers, strangers
from api.throttle import Leases, leases
from tenants.models import RateWindow, Tenant
from tenants.prepared import fetch_one
from tests.api.conftest import assert_problem, send


def test_the_headers_say_what_is_allowed_and_what_is_left(acme):
    first, second = acme.api("GET", "/v1/me"), acme.api("GET", "/v1/me")
    assert first.headers["RateLimit-Policy"] == '"default";q=100;w=60'
    assert first.headers["RateLimit"] == '"default";r=99;t=60'
    assert second.headers["RateLimit"].startswith('"default";r=98;t=')


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("DELETE", "/v1/me", 405),
        ("GET", "/v1/payments?x=1", 400),
        ("POST", "/v1/payments", 415),
    ],
)
def test_errors_have_the_headers_too(acme, method, path, status):
    answer = send(acme, b"x" if method == "POST" else b"", method=method, path=path, Content_Type="text/plain")
    assert answer.status_code == status
    assert answer.headers["RateLimit"] == '"default";r=99;t=60'
    assert answer.headers["RateLimit-Policy"] == '"default";q=100;w=60'


def test_the_hundred_and_first_request_in_a_window_is_refused(acme):
    answers = [acme.api("GET", "/v1/me") for _ in range(101)]
    assert [answer.status_code for answer in answers] == [200] * 100 + [429]
    assert_problem(answers[-1], 429, "rate_limited")
    assert answers[99].headers["RateLimit"].startswith('"default";r=0;t=')
    assert answers[100].headers["RateLimit"].startswith('"default";r=0;t=')


def test_retry_after_is_not_earlier_than_the_end_of_the_window(acme, settings):
    settings.THROTTLE_LIMIT = 1
    acme.api("GET", "/v1/me")
    answer = acme.api("GET", "/v1/me")
    assert answer.headers["RateLimit"] == f'"default";r=0;t={answer.headers["Retry-After"]}'
    assert 58 <= int(answer.headers["Retry-After"]) <= 60


def test_after_the_window_everything_is_there_again(acme, settings):
    settings.THROTTLE_LIMIT, settings.THROTTLE_TTL = 2, 1
    assert [acme.api("GET", "/v1/me").status_code for _ in range(3)] == [200, 200, 429]
    time.sleep(1.05)
    answer = acme.api("GET", "/v1/me")
    assert (answer.status_code, answer.headers["RateLimit"]) == (200, '"default";r=1;t=1')


def test_a_request_over_the_limit_costs_no_sql(acme, settings, monkeypatch):
    settings.THROTTLE_LIMIT = 1
    acme.api("GET", "/v1/me")
    acme.api("GET", "/v1/me")
    monkeypatch.setattr("api.throttle.fetch_one", None)
    assert acme.api("GET", "/v1/me").status_code == 429


def test_test_and_live_are_counted_apart_and_so_are_merchants(acme, globex, settings):
    settings.THROTTLE_LIMIT = 1
    calls = [(acme, acme.test_key), (acme, acme.live_key), (globex, globex.test_key)]
    assert [merchant.api("GET", "/v1/me", key=key).status_code for merchant, key in calls] == [200, 200, 200]
    assert [merchant.api("GET", "/v1/me", key=key).status_code for merchant, key in calls] == [429, 429, 429]


def test_a_merchant_can_have_a_limit_of_its_own(acme):
    Tenant.objects.filter(pk=acme.tenant.pk).update(throttle_limit=3)
    assert acme.api("GET", "/v1/me").headers["RateLimit-Policy"] == '"default";q=3;w=60'
    assert [acme.api("GET", "/v1/me").status_code for _ in range(3)] == [200, 200, 429]


def test_a_limit_of_nothing_lets_nothing_pass(acme):
    Tenant.objects.filter(pk=acme.tenant.pk).update(throttle_limit=0)
    assert_problem(acme.api("GET", "/v1/me"), 429, "rate_limited")


def test_a_request_over_the_limit_stores_nothing_and_its_key_can_be_used_again(acme, settings):
    settings.THROTTLE_LIMIT = 1
    acme.api("GET", "/v1/me")
    assert acme.pay(idempotency_key="k").status_code == 429
    settings.THROTTLE_LIMIT = 2
    assert acme.pay(idempotency_key="k").status_code == 201


def test_processes_share_a_small_limit_exactly(acme):
    processes = [Leases(), Leases(), Leases()]
    taken = [processes[n % 3].take(acme.tenant.pk, False, 100).is_allowed for n in range(120)]
    assert taken == [True] * 100 + [False] * 20


def test_processes_share_a_large_limit_within_a_hundredth(acme):
    processes = [Leases(), Leases()]
    allowed = sum(processes[n % 2].take(acme.tenant.pk, False, 5000).is_allowed for n in range(6000))
    assert 4950 <= allowed <= 5000


def test_a_large_limit_costs_a_statement_in_a_hundredth_of_it(acme, monkeypatch):
    process, statements = Leases(), []

    def counting(*args):
        statements.append(args)
        return fetch_one(*args)

    monkeypatch.setattr("api.throttle.fetch_one", counting)
    rates = [process.take(acme.tenant.pk, False, 1_000_000) for _ in range(10_000)]
    assert len(statements) == 1
    assert rates[-1].remaining == 990_000
    assert all(rate.is_allowed for rate in rates)


def test_threads_of_many_processes_get_exactly_the_limit(committed):
    processes = [Leases() for _ in range(4)]
    allowed: list[bool] = []

    def take(process):
        allowed.extend(process.take(committed.tenant.pk, False, 100).is_allowed for _ in range(20))
        connection.close()

    threads = [threading.Thread(target=take, args=[process]) for process in processes * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(allowed), sum(allowed)) == (160, 100)
    assert RateWindow.objects.get(tenant=committed.tenant).used == 100


def test_strangers_are_limited_by_address(acme, settings):
    settings.THROTTLE_LIMIT = 2
    answers = [Client().get("/v1/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[0].headers["RateLimit"] == '"default";r=1;t=60'
    assert int(answers[2].headers["Retry-After"]) >= 59
    assert Client(REMOTE_ADDR="203.0.113.9").get("/v1/me").status_code == 401


def test_a_stranger_uses_up_nothing_of_a_merchant_at_the_same_address(acme, settings):
    settings.THROTTLE_LIMIT = 1
    assert [Client().get("/v1/me").status_code for _ in range(2)] == [401, 429]
    assert acme.api("GET", "/v1/me").status_code == 200


def test_what_is_remembered_of_addresses_is_bounded(monkeypatch):
    monkeypatch.setattr("api.stranger_throttle.MOST_REMEMBERED", 10)
    process = Strangers()
    for number in range(50):
        process.take(f"203.0.113.{number}")
    assert len(process._windows) == 10


def test_the_processes_own_memories_are_these():
    assert isinstance(leases, Leases)
    assert isinstance(strangers, Strangers)

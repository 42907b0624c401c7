"""The hot path's budget: with warm caches a create is one statement and one commit, and a replay writes nothing."""

from collections import Counter

import psycopg
import pytest
from django.db import connection

from api.key_cache import keys
from api.throttle import leases
from tenants.models import RateWindow, Tenant
from tests.world import Merchant


@pytest.fixture
def warm(committed, settings):
    """A merchant whose key and rate limit this process knows already."""
    settings.API_KEY_CACHE_SECONDS = 60
    Tenant.objects.filter(pk=committed.tenant.pk).update(throttle_limit=1_000_000)
    assert committed.pay(idempotency_key="warm").status_code == 201
    yield committed
    connection.close()


@pytest.fixture
def statements(warm, monkeypatch):
    """The beginnings of all statements that are sent on any cursor, from here on."""
    sent, execute = [], psycopg.Cursor.execute

    def listening(cursor, query, *args, **kwargs):
        sent.append(" ".join(str(query).split()[:3]))
        return execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.Cursor, "execute", listening)
    return sent


def server_version():
    connection.ensure_connection()
    return connection.connection.info.server_version


def wal_bytes():
    """What this connection has written to the log so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT wal_bytes FROM pg_stat_get_backend_wal(pg_backend_pid())")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("create", [Merchant.pay, Merchant.pay_out])
def test_a_create_is_one_statement_and_so_one_commit(warm, statements, create):
    assert [create(warm).status_code for _ in range(5)] == [201] * 5
    assert Counter(statements) == {"WITH claim AS": 5}
    assert connection.connection.autocommit


@pytest.mark.parametrize("create", [Merchant.pay, Merchant.pay_out])
def test_a_replay_is_two_statements_and_writes_nothing(warm, statements, create):
    create(warm, idempotency_key="k")
    if server_version() < 180000:
        pytest.skip("only PostgreSQL 18 and newer count what one connection writes")
    before = wal_bytes()
    statements.clear()
    assert create(warm, idempotency_key="k").headers["Idempotent-Replayed"] == "true"
    assert Counter(statements) == {"WITH claim AS": 1, "SELECT request, response_status,": 1}
    assert wal_bytes() == before


def test_a_call_that_reads_nothing_asks_nothing(warm, statements):
    assert warm.api("GET", "/v1/me").status_code == 200
    assert statements == []


def test_a_cold_key_is_one_query(warm, statements):
    keys.forget()
    warm.api("GET", "/v1/me")
    assert statements == ["SELECT t.id, t.slug,"]


def test_a_small_limit_costs_one_cheap_statement_more(warm, request):
    Tenant.objects.filter(pk=warm.tenant.pk).update(throttle_limit=100)
    RateWindow.objects.filter(tenant=warm.tenant).delete()
    keys.forget()
    leases.forget()
    warm.api("GET", "/v1/me")
    statements = request.getfixturevalue("statements")
    warm.pay()
    assert Counter(statements) == {"WITH wish AS": 1, "WITH claim AS": 1}

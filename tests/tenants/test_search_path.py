"""No search path leaks with TENANT_LIMIT_SET_CALLS: whatever happens to a connection, rows are read where code is."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import OperationalError, ProgrammingError, close_old_connections, connection, connections, transaction

from payments.models import ApiKey
from tenants.current import current_tenant, leave_merchant
from tests.tenants.handlers import rows_seen
from tests.world import Merchant

Pair = tuple[Merchant, Merchant]
THREADS, SWITCHES = 16, 20


class Boom(Exception):
    """Something went wrong."""


@pytest.fixture(autouse=True)
def from_public_and_back(pair: Pair) -> Iterator[None]:
    leave_merchant()
    yield
    leave_merchant()


def path() -> str:
    """What PostgreSQL itself goes by, past every cache."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def test_the_path_is_set_once_and_not_for_every_query(pair: Pair) -> None:
    assert settings.TENANT_LIMIT_SET_CALLS
    with pair[0].entered():
        rows_seen()
        connection.force_debug_cursor = True
        connection.queries_log.clear()
        rows_seen()
        connection.force_debug_cursor = False
    assert [query["sql"][:6] for query in connection.queries] == ["SELECT"]


def test_each_context_reads_its_own_rows_and_public_none(pair: Pair) -> None:
    for merchant in (*pair, *pair):
        with merchant.entered():
            assert rows_seen() == {merchant.tenant.public_id}
        assert path() == "public"


def test_a_context_inside_another_returns_to_it(pair: Pair) -> None:
    alice, charlie = pair
    with alice.entered():
        with charlie.entered():
            assert rows_seen() == {charlie.tenant.public_id}
        assert rows_seen() == {alice.tenant.public_id}


def test_a_rollback_takes_back_the_path_but_not_the_merchant(pair: Pair) -> None:
    alice, charlie = pair
    with charlie.entered():
        rows_seen()
        with suppress(Boom), transaction.atomic(), alice.entered():
            assert rows_seen() == {alice.tenant.public_id}
            raise Boom
        assert rows_seen() == {charlie.tenant.public_id}


def test_a_rollback_inside_the_merchant_stays_in_the_merchant(pair: Pair) -> None:
    with pair[0].entered():
        with suppress(Boom), transaction.atomic():
            rows_seen()
            raise Boom
        assert rows_seen() == {pair[0].tenant.public_id}


def test_a_rollback_to_a_savepoint_takes_back_the_path_but_not_the_merchant(pair: Pair) -> None:
    alice, charlie = pair
    with charlie.entered(), transaction.atomic():
        rows_seen()
        with suppress(Boom), transaction.atomic(), alice.entered():
            rows_seen()
            raise Boom
        assert rows_seen() == {charlie.tenant.public_id}


def test_entering_before_a_savepoint_that_sets_the_path_survives_its_rollback(pair: Pair) -> None:
    alice, charlie = pair
    with transaction.atomic(), charlie.entered():
        with suppress(Boom), transaction.atomic():
            assert rows_seen() == {charlie.tenant.public_id}
            raise Boom
        assert rows_seen() == {charlie.tenant.public_id}
        with alice.entered():
            assert rows_seen() == {alice.tenant.public_id}


def test_a_failed_statement_does_not_lose_the_merchant(pair: Pair) -> None:
    with pair[0].entered():
        with suppress(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        assert rows_seen() == {pair[0].tenant.public_id}


def test_a_closed_connection_comes_back_in_the_merchant(pair: Pair) -> None:
    with pair[0].entered():
        rows_seen()
        connection.close()
        assert rows_seen() == {pair[0].tenant.public_id}


def test_a_connection_that_is_too_old_comes_back_in_the_merchant(pair: Pair) -> None:
    with pair[0].entered():
        rows_seen()
        connection.close_at = 0
        close_old_connections()
        assert rows_seen() == {pair[0].tenant.public_id}


def test_a_connection_that_the_server_ended_comes_back_in_the_merchant(pair: Pair) -> None:
    with pair[0].entered():
        with pytest.raises(OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        close_old_connections()
        assert rows_seen() == {pair[0].tenant.public_id}
    assert path() == "public"


def test_an_exception_leaves_the_merchant(pair: Pair) -> None:
    with suppress(Boom), pair[0].entered():
        rows_seen()
        raise Boom
    assert path() == "public"
    with pytest.raises(RuntimeError):
        current_tenant()


def test_a_new_thread_starts_outside_every_merchant(pair: Pair) -> None:
    def look() -> str:
        try:
            return path()
        finally:
            connections.close_all()

    with pair[0].entered(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == "public"


def test_threads_that_switch_merchants_at_random_read_their_own_rows_only(pair: Pair) -> None:
    def wander(seed: int) -> list[tuple[str, set[str]]]:
        choose = random.Random(seed)
        try:
            return [visit(choose.choice(pair), choose) for _ in range(SWITCHES)]
        finally:
            connections.close_all()

    def visit(merchant: Merchant, choose: random.Random) -> tuple[str, set[str]]:
        with suppress(Boom), merchant.entered():
            rows_seen()
            with suppress(Boom), transaction.atomic():
                seen = rows_seen()
                if choose.random() < 0.3:
                    raise Boom
            if choose.random() < 0.1:
                connection.close()
            seen = seen | rows_seen()
            if choose.random() < 0.3:
                raise Boom
        return merchant.tenant.public_id, seen

    with ThreadPoolExecutor(THREADS) as pool:
        visits = [visit for visits in pool.map(wander, range(THREADS)) for visit in visits]
    assert [seen for _, seen in visits] == [{public_id} for public_id, _ in visits]
    assert len(visits) == THREADS * SWITCHES


def test_a_queryset_is_evaluated_where_the_code_is_and_not_where_it_was_made(pair: Pair) -> None:
    """The hazard that the next tests, and the middleware's refusal to stream, guard against."""
    alice, charlie = pair
    with alice.entered():
        lazy = ApiKey.objects.values_list("prefix", flat=True)
    with charlie.entered():
        assert {prefix[-8:] for prefix in lazy} == {charlie.tenant.public_id}


def test_a_queryset_that_outlives_its_merchant_fails_instead_of_reading_rows(pair: Pair) -> None:
    with pair[0].entered():
        lazy = ApiKey.objects.all()
    with pytest.raises(ProgrammingError, match="payments_apikey"):
        list(lazy)


def test_a_server_side_cursor_reads_the_merchant_it_was_opened_in(pair: Pair) -> None:
    alice, charlie = pair
    with alice.entered(), transaction.atomic():
        rows = ApiKey.objects.order_by("pk").iterator(chunk_size=1)
        first = next(rows)
        with charlie.entered():
            assert {first.prefix[-8:], next(rows).prefix[-8:]} == {alice.tenant.public_id}


def test_no_table_is_in_public_and_in_a_merchant(pair: Pair) -> None:
    """Else a query in the wrong place would find rows instead of an error."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT tablename FROM pg_tables WHERE schemaname = 'public' INTERSECT
               SELECT tablename FROM pg_tables WHERE schemaname = %s""",
            [pair[0].tenant.schema_name],
        )
        assert cursor.fetchall() == [("django_migrations",)]

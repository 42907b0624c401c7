"""Waits, after a storm, for what the engine itself brings to an end; only the pauses between polls are cut short."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from tests.chaos.checker import Books

LOOK_EVERY_SECONDS = 1.0
HURRY_EVERY_SECONDS = 0.5


def settle(database_url: str, merchants: Sequence[Books], *, at_most_seconds: float = 600.0) -> float:
    """Until every payment is final and every entry sealed, or the time is over. Returns the seconds it took."""
    started = time.monotonic()
    while time.monotonic() - started < at_most_seconds:
        with psycopg.connect(database_url, autocommit=True) as connection:
            hurry(connection)
            if not any(count_open(connection, books) or _count_unsealed(connection, books) for books in merchants):
                break
        time.sleep(LOOK_EVERY_SECONDS)
    return time.monotonic() - started


def hurry(connection: psycopg.Connection[Any]) -> None:
    """Whatever waits for its time is due now. Only the pauses are cut short, no promise is."""
    connection.execute(
        """UPDATE public.tenants_job SET due_at = now()
            WHERE claim_token IS NULL AND kind IN ('poll', 'dispatch') AND due_at > now()"""
    )


@contextmanager
def hurried(database_url: str, until: threading.Event) -> Iterator[None]:
    """While the block runs, and until the event at the latest, nothing waits for its time for long."""

    def push() -> None:
        while not until.wait(HURRY_EVERY_SECONDS):
            with suppress(psycopg.OperationalError), psycopg.connect(database_url, autocommit=True) as connection:
                hurry(connection)

    pushing = threading.Thread(target=push, name="hurry")
    pushing.start()
    try:
        yield
    finally:
        until.set()
        pushing.join()


def count_open(connection: psycopg.Connection[tuple[int]], books: Books) -> int:
    row = connection.execute(
        f"""SELECT count(*) FROM {books.schema}.payments_payment
             WHERE status IN ('pending', 'processing', 'unknown')"""
    ).fetchone()
    return int(row[0]) if row else 0


def _count_unsealed(connection: psycopg.Connection[tuple[int]], books: Books) -> int:
    row = connection.execute(
        f"""SELECT (SELECT count(*) FROM {books.schema}.payments_event WHERE sequence IS NULL)
                 + (SELECT count(*) FROM {books.schema}.payments_auditentry WHERE sequence IS NULL)"""
    ).fetchone()
    return int(row[0]) if row else 0

"""PostgreSQL: whether it answers, is new enough, keeps what it confirmed, and agrees with us on the time."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import connection
from django.db.utils import Error

from payments.doctor.finding import Finding, fail, in_a_sentence, ok, warn

OLDEST_VERSION = 150000
CONNECT_SECONDS = 5
NOTICEABLE_SKEW_SECONDS, HARMFUL_SKEW_SECONDS = 1.0, 30.0
# Switched off, a power cut takes back payments that we have confirmed, or the whole database with them.
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


def reach() -> Finding:
    """Whether the database answers at all."""
    place = f"{connection.settings_dict['HOST']}:{connection.settings_dict['PORT'] or 5432}"
    # A host that swallows packets must not hold the doctor for minutes.
    connection.settings_dict["OPTIONS"].setdefault("connect_timeout", CONNECT_SECONDS)
    started = time.perf_counter()
    try:
        connection.ensure_connection()
        version = connection.pg_version  # type: ignore[attr-defined]
    except Error as error:
        return fail(
            "database",
            f"PostgreSQL at {place} cannot be used: {in_a_sentence(error)}",
            do="Start it, or correct DATABASE_URL. What needs the database was not checked.",
        )
    if version < OLDEST_VERSION:
        return fail(
            "database",
            f"PostgreSQL at {place} is version {version // 10000}; 15 is the oldest that is supported.",
            do="Upgrade PostgreSQL.",
        )
    milliseconds = (time.perf_counter() - started) * 1000
    return ok("database", f"PostgreSQL {version // 10000} at {place} answers in {milliseconds:.0f} ms.")


def check() -> Iterator[Finding]:
    """What the server is set to."""
    yield judge_durability({name: _show(name) for name in DURABILITY})
    yield judge_role(is_superuser=_show("is_superuser") == "on")


def judge_durability(values: dict[str, str]) -> Finding:
    if off := [name for name, value in values.items() if value == "off"]:
        return fail(
            "durability",
            f"PostgreSQL runs with {' and '.join(off)} off: a power cut can lose payments that were confirmed.",
            do=f"Set {' and '.join(off)} to on in postgresql.conf and reload.",
        )
    return ok("durability", "What is committed survives a power cut.")


def judge_role(*, is_superuser: bool) -> Finding:
    if is_superuser:
        return warn(
            "database_role",
            "We sign in to PostgreSQL as a superuser, whom no trigger or permission stops.",
            do="Give the application a role of its own that owns the database and nothing else.",
        )
    return ok("database_role", "We sign in to PostgreSQL as an ordinary role.")


def check_clock() -> Finding:
    with connection.cursor() as cursor:
        before = datetime.now(UTC)
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
        after = datetime.now(UTC)
    return judge_skew((before + (after - before) / 2 - theirs).total_seconds())


def judge_skew(seconds: float) -> Finding:
    """seconds: how far our clock is ahead of the database's."""
    sentence = f"This machine's clock and the database's differ by {abs(seconds):.1f} s."
    todo = "Have both follow the time by NTP (chrony)."
    if abs(seconds) > HARMFUL_SKEW_SECONDS:
        return fail("clock", sentence, do=todo)
    if abs(seconds) > NOTICEABLE_SKEW_SECONDS:
        return warn("clock", sentence, do=todo)
    return ok("clock", sentence)


def _show(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])

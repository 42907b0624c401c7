"""Runs one prepared statement straight on psycopg: no search path, no health check, no parsing on the server.

Django's own cursors bind on the client, where preparing is impossible (ENGINEERING.md 1.1: it is worth 47 %).
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import OperationalError, connection

# psycopg prepares nothing at all while this is unset, as Django leaves it: here, statements that ask for it.
ONLY_ON_REQUEST = 2**31


def fetch_one(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row. Names must be schema-qualified. Tried once more on a fresh connection if PostgreSQL hung up."""
    try:
        return _fetch_one(sql, parameters)
    except OperationalError:
        if connection.connection is not None and not connection.connection.closed:
            raise
        connection.close()
        return _fetch_one(sql, parameters)


def _fetch_one(sql: str, parameters: Mapping[str, Any]) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    before, raw.prepare_threshold = raw.prepare_threshold, ONLY_ON_REQUEST
    try:
        with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
            cursor.execute(sql, parameters, prepare=True)
            return cursor.fetchone()
    finally:
        raw.prepare_threshold = before

"""Counts the traffic of provider accounts in the current merchant's schema: one statement for sends, one for callbacks.

An account belongs to one mode, so its id keeps the modes apart.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from payments.health.figures import Callbacks, Sends
from payments.selectors.keyset import id_floor

DAY = timedelta(hours=24)
RECENT = timedelta(minutes=15)
Place = tuple[str, str]  # the account's id and the operation

# A send's last exchange carries the verdict; with a token that could not be had, that is the sign-in.
_SENDS = """
    SELECT made.account_id, made.operation, count(*), count(*) FILTER (WHERE call.is_trouble),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY call.duration_ms) FILTER (WHERE is_answer),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY call.duration_ms) FILTER (WHERE is_answer),
           count(*) FILTER (WHERE is_recent), count(*) FILTER (WHERE is_recent AND call.is_trouble),
           count(*) FILTER (WHERE is_recent AND is_timed),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY call.duration_ms) FILTER (WHERE is_recent AND is_timed)
    FROM payments_exchange call
    JOIN payments_transaction made ON made.id = call.transaction_id
    CROSS JOIN LATERAL (SELECT call.status IS NOT NULL AND call.operation = made.operation AS is_answer,
                               call.started_at >= %(recent)s AS is_recent) seen
    CROSS JOIN LATERAL (SELECT is_answer AND (call.verdict = 'pending' OR made.operation <> 'collect') AS is_timed) own
    WHERE call.source = 'answer' AND call.verdict <> '' AND call.started_at >= %(since)s
      AND made.account_id = ANY(%(accounts)s)
    GROUP BY made.account_id, made.operation"""

# `answered_at`: the network said something of its own about it; what was never taken has no callback to come.
_CALLBACKS = """
    SELECT made.account_id, made.operation, count(*), count(came.at),
           percentile_cont(0.5) WITHIN GROUP (
             ORDER BY greatest(0, extract(epoch FROM came.at - made.last_sent_at))) FILTER (WHERE came.at IS NOT NULL)
    FROM payments_transaction made
    LEFT JOIN (SELECT provider, payment_id, min(received_at) AS at FROM payments_callback
                WHERE id >= %(callbacks_from)s AND is_signed AND payment_id <> '' GROUP BY provider, payment_id) came
      ON came.payment_id = made.payment_id AND came.provider = made.provider
    WHERE made.id >= %(made_from)s AND made.settled_at IS NOT NULL AND made.answered_at IS NOT NULL
      AND made.account_id = ANY(%(accounts)s)
    GROUP BY made.account_id, made.operation"""


def count_sends(account_ids: Collection[str], *, now: datetime) -> dict[Place, Sends]:
    """Of the day before `now`; a place without a send is left out."""
    values = {"accounts": [*account_ids], "since": now - DAY, "recent": now - RECENT}
    return {(account, operation): Sends(*figures) for account, operation, *figures in _rows(_SENDS, values)}


def count_callbacks(account_ids: Collection[str], *, now: datetime) -> dict[Place, Callbacks]:
    """Of the orders made in the day before `now`, found by their ids, which begin with their time."""
    since = now - DAY
    values = {
        "accounts": [*account_ids], "made_from": id_floor("txn", since), "callbacks_from": id_floor("cb", since),
    }  # fmt: skip
    return {
        (account, operation): Callbacks(ended, came, None if seconds is None else float(seconds))
        for account, operation, ended, came, seconds in _rows(_CALLBACKS, values)
    }


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())

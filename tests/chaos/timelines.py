"""Tells, for each object that a finding names, what happened to it in which order: here, and in the network."""

import re
from collections.abc import Sequence

import psycopg

from tests.chaos.checker import Books
from tests.chaos.truth import Truth

MOST = 10
_OBJECT = re.compile(r"\b(?:pay|out|ref)_[0-9a-z]{26}\b")
TIMELINE_SQL = """
SELECT created_at AS at, 'event', type || ': ' || reason FROM payments_event WHERE object_id = %(id)s
UNION ALL
SELECT started_at, source, operation || ' answered ' || coalesce(status::text, error) || ' in ' || duration_ms || ' ms'
  FROM payments_exchange WHERE payment_id = %(id)s
UNION ALL
SELECT received_at, 'callback', claims || ' judged ' || verdict FROM payments_callback WHERE payment_id = %(id)s
UNION ALL
SELECT due_at, 'job', kind || ' is due, attempt ' || attempts || ' ' || last_error
  FROM public.tenants_job WHERE subject = %(id)s
 ORDER BY at"""


def timelines(database_url: str, merchants: Sequence[Books], findings: Sequence[str], truth: Truth) -> list[str]:
    """Lines to print; of the first few objects only."""
    names = list(dict.fromkeys(name for finding in findings for name in _OBJECT.findall(finding)))[:MOST]
    lines = []
    with psycopg.connect(database_url) as connection:
        for name in names:
            lines.append(f"--- {name}: the network moved {truth.moved.get(name, [])}")
            for books in merchants:
                connection.execute(f"SET search_path = {books.schema}")
                rows = connection.execute(TIMELINE_SQL, {"id": name}).fetchall()
                lines += [f"{at:%H:%M:%S.%f} {source:<9} {what}" for at, source, what in rows]
    return lines

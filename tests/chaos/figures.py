"""What a run comes to in numbers; the ones that have to be zero come by name."""

import re
from collections.abc import Iterator, Sequence

import psycopg

from tests.chaos.checker import Books

# A figure, and what the findings that it counts say.
ZEROS = (
    ("accepted and lost", r"is gone$"),
    ("moved twice", r"moved .* times$|is booked twice"),
    ("contradicting the network", r"but the network moved|was said to be|says .* refunded"),
    ("refunded too much", r"paid back more than|was refunded"),
    ("without an end", r"is still |is parked|has been due"),
    ("books that do not balance", r"sums? to|the ledger says|is booked with"),
)


def zeros(findings: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, said in ZEROS:
        yield name, f"{sum(bool(re.search(said, finding)) for finding in findings)}"
    yield "findings", f"{len(findings)}"


def measured(database_url: str, merchants: Sequence[Books]) -> Iterator[tuple[str, str]]:
    """Read from the books themselves."""
    total, longest, events, entries = 0, 0.0, 0, 0
    with psycopg.connect(database_url) as connection:
        for books in merchants:
            row = connection.execute(
                f"""SELECT (SELECT coalesce(sum(amount), 0) FROM {books.schema}.payments_ledgerentry),
                           (SELECT coalesce(extract(epoch FROM max(completed_at - created_at)), 0)
                              FROM {books.schema}.payments_payment),
                           (SELECT count(*) FROM {books.schema}.payments_event),
                           (SELECT count(*) FROM {books.schema}.payments_auditentry)"""
            ).fetchone()
            if row:
                total, longest = total + row[0], max(longest, float(row[1]))
                events, entries = events + row[2], entries + row[3]
    yield "sum of all ledgers", f"{total:.2f}"
    yield "events, audit entries", f"{events:,}, {entries:,}"
    yield "longest from accepted to final", f"{longest:.1f} s"

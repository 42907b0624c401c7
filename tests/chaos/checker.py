"""Compares the books with the truth, by plain SQL: it shares no code with what it checks.

Every finding is one sentence. None at all is what a run has to end with.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row

from tests.chaos.traffic import Record
from tests.chaos.truth import Truth

ATTESTED = (
    "sequence", "livemode", "actor", "action", "target", "result", "reason", "ip", "request_id", "before", "after",
)  # fmt: skip
FINAL = {"succeeded", "failed", "canceled"}


@dataclass(frozen=True, slots=True)
class Books:
    """Where a merchant's books are, and how the network knows its two users."""

    slug: str
    schema: str
    tenant_id: int
    api_users: tuple[str, ...]


def check(database_url: str, merchants: Sequence[Books], records: Sequence[Record], truth: Truth) -> list[str]:
    """All that is wrong, worst first."""
    findings = [f"the network moved {name} {count} times" for name, count in truth.doubles.items()]
    findings += [
        f"the network paid back more than it collected: {name} {sums}" for name, sums in truth.over_refunded.items()
    ]
    known: set[str] = set()
    with psycopg.connect(database_url, row_factory=namedtuple_row) as connection:
        for books in merchants:
            connection.execute(f"SET search_path = {books.schema}")
            own = [record for record in records if record.merchant == books.slug]
            objects: dict[str, Any] = {row.id: row for row in _rows(connection, "SELECT * FROM payments_payment")}
            known |= objects.keys()
            for finding in _checks(connection, books, own, objects, truth):
                findings.append(f"{books.slug}: {finding}")
        findings += _jobs(connection)
    findings += [f"money moved for {name}, which nobody asked for" for name in truth.moved.keys() - known]
    return findings


def _checks(
    connection: psycopg.Connection[Any], books: Books, records: list[Record], objects: dict[str, Any], truth: Truth
) -> Iterator[str]:
    yield from _records(records, objects)
    yield from _outcomes(objects, truth)
    yield from _refunds(objects, truth)
    yield from _ledger(connection, objects)
    yield from _balances(connection, books, truth)
    yield from _events(connection, objects)
    yield from _trail(connection)
    yield from _keys(connection, records)


def _records(records: list[Record], objects: dict[str, Any]) -> Iterator[str]:
    """Nothing that was accepted is lost, and nothing is there that was not accepted once."""
    for record in records:
        found = objects.get(record.id)
        if found is None:
            yield f"{record.id} was accepted and is gone"
        elif (found.kind, str(found.amount)) != (record.kind, record.amount):
            yield f"{record.id} is a {found.kind} of {found.amount}, not a {record.kind} of {record.amount}"
    unasked = objects.keys() - {record.id for record in records}
    yield from (f"{name} exists without an accepted request" for name in unasked)


def _outcomes(objects: dict[str, Any], truth: Truth) -> Iterator[str]:
    for name, row in objects.items():
        moved = truth.moved.get(name, [])
        if row.status not in FINAL:
            yield f"{name} is still {row.status} (moved: {moved})"
        elif row.status == "succeeded" and moved != [row.amount]:
            yield f"{name} succeeded with {row.amount}, but the network moved {moved}"
        elif row.status != "succeeded" and moved:
            yield f"{name} is {row.status}, but the network moved {moved}"


def _refunds(objects: dict[str, Any], truth: Truth) -> Iterator[str]:
    paid_back: dict[str, Decimal] = defaultdict(Decimal)
    for row in objects.values():
        if row.kind == "refund":
            paid_back[row.original_id] += sum(truth.moved.get(row.id, []), Decimal(0))
    for name, row in objects.items():
        if row.kind != "collection":
            continue
        if row.amount_reserved:
            yield f"{name} still reserves {row.amount_reserved} for refunds"
        if row.amount_refunded != paid_back[name]:
            yield f"{name} says {row.amount_refunded} refunded; the network paid back {paid_back[name]}"
        if paid_back[name] > row.amount:
            yield f"{name} of {row.amount} was refunded {paid_back[name]}"


def _ledger(connection: psycopg.Connection[Any], objects: dict[str, Any]) -> Iterator[str]:
    for row in connection.execute(
        "SELECT currency, livemode, sum(amount) AS total FROM payments_ledgerentry GROUP BY 1, 2"
    ):
        if row.total:
            yield f"the ledger in {row.currency} sums to {row.total}"
    for row in connection.execute(
        "SELECT posting, sum(amount) AS total FROM payments_ledgerentry GROUP BY 1 HAVING sum(amount) <> 0"
    ):
        yield f"posting {row.posting} sums to {row.total}"
    booked: dict[str, Decimal] = {}
    for row in connection.execute(
        """SELECT object_id, amount FROM payments_ledgerentry
            WHERE account = 'provider_balance' AND posting LIKE '%%:succeeded'"""
    ):
        if row.object_id in booked:
            yield f"{row.object_id} is booked twice"
        booked[row.object_id] = row.amount
    for name, row in objects.items():
        sign = 1 if row.kind == "collection" else -1
        wanted = sign * row.amount if row.status == "succeeded" else None
        if booked.get(name) != wanted:
            yield f"{name} ({row.status}) is booked with {booked.get(name)}, not {wanted}"


def _balances(connection: psycopg.Connection[Any], books: Books, truth: Truth) -> Iterator[str]:
    """What we say the provider holds is what it holds, but for the fees that we booked."""
    held = connection.execute(
        """SELECT coalesce(sum(amount) FILTER (WHERE account IN ('provider_balance', 'fees')), 0) AS total
             FROM payments_ledgerentry"""
    ).fetchone()
    moved = sum((truth.net_by_user[user] for user in books.api_users), Decimal(0))
    if held is None or held.total != moved:
        yield f"the ledger says the network holds {held and held.total}; it holds {moved}"


def _events(connection: psycopg.Connection[Any], objects: dict[str, Any]) -> Iterator[str]:
    versions: dict[str, list[int]] = defaultdict(list)
    ends: dict[str, list[str]] = defaultdict(list)
    sequences: list[int | None] = []
    for row in _rows(connection, "SELECT * FROM payments_event ORDER BY sequence"):
        versions[row.object_id].append(row.object_version)
        sequences.append(row.sequence)
        if row.status in FINAL:
            ends[row.object_id].append(row.status)
    for name, said in ends.items():
        if len(said) > 1:
            yield f"{name} was said to be {', then '.join(said)}"
    for name, row in objects.items():
        if sorted(versions[name]) != list(range(1, row.version + 1)):
            yield f"{name} at version {row.version} has events {sorted(versions[name])}"
    if sequences != list(range(1, len(sequences) + 1)):
        yield f"the {len(sequences)} events are not numbered without gaps"


def _trail(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Each audit entry carries the hash of the one before it and of its own contents."""
    sequence, last = 0, "0" * 64
    for row in _rows(connection, "SELECT * FROM payments_auditentry ORDER BY sequence NULLS LAST"):
        if row.sequence is None:
            yield f"audit entry {row.position} ({row.action} of {row.target}) is not sealed"
            continue
        sequence += 1
        contents: dict[str, Any] = {name: getattr(row, name) for name in ATTESTED}
        contents["created_at"] = row.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        text = json.dumps(contents, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        expected = hashlib.sha256(b"\x00" + bytes.fromhex(last) + text.encode()).hexdigest()
        if (row.sequence, row.prev_hash, row.hash) != (sequence, last, expected):
            yield f"audit entry {row.position} ({row.action} of {row.target}) breaks the chain"
        sequence, last = row.sequence, row.hash


def _keys(connection: psycopg.Connection[Any], records: list[Record]) -> Iterator[str]:
    made = {row.key: row.object_id for row in connection.execute("SELECT key, object_id FROM payments_idempotencykey")}
    for record in records:
        if made.get(record.key) != record.id:
            yield f"key {record.key} made {made.get(record.key)}, but its client was answered {record.id}"
    yield from (f"{n} objects share a key" for n in Counter(made.values()).values() if n > 1)


def _rows(connection: psycopg.Connection[Any], sql: str) -> Iterator[Any]:
    yield from connection.execute(sql)


def _jobs(connection: psycopg.Connection[Any]) -> list[str]:
    parked = connection.execute(
        "SELECT kind, subject, last_error FROM public.tenants_job WHERE parked_at IS NOT NULL"
    ).fetchall()
    overdue = connection.execute(
        "SELECT kind, subject, due_at FROM public.tenants_job WHERE due_at < now() - interval '60 seconds'"
    ).fetchall()
    return [f"job {row.kind} {row.subject} is parked: {row.last_error}" for row in parked] + [
        f"job {row.kind} {row.subject} has been due since {row.due_at}" for row in overdue
    ]

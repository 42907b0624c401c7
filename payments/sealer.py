"""Numbers events without gaps and chains audit entries, in order of their commit, one merchant at a time.

Not done by the writers: a chain on the hot path would serialise a busy merchant (ENGINEERING.md 3.7).
"""

from django.db import connection, transaction

from payments.audit import SEAL_DELAY_SECONDS
from payments.chain import GENESIS, link
from payments.models import AuditEntry
from tenants.jobs import Claim, Later

BATCH = 1000


def seal(_job: Claim) -> None:
    """Job handler: seal what is there, and look again until there is nothing and nothing can be committing.

    Who wrote while this job was waiting added none of its own. Such a writer began before the job was claimed, so the
    job is needed until all transactions that were under way then are over.
    """
    begun_before = _snapshot_bound("xmax")
    all_over = _snapshot_bound("xmin") >= begun_before
    sealed = seal_batch()
    if sealed or not all_over:
        raise Later(0 if sealed >= BATCH else SEAL_DELAY_SECONDS)


def _snapshot_bound(end: str) -> int:
    """xmax: the next transaction's number. xmin: all smaller ones are over, and what they wrote is seen from now on."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_snapshot_{end}(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def seal_batch() -> int:
    """Seal up to a batch of events and entries each. Returns the larger count."""
    with transaction.atomic():
        _lock_sealing()
        return max(_number_events(), _chain_entries())


def _lock_sealing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('seal:' || current_schema()))")


def _number_events() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH head AS (
                 SELECT mode.livemode, (SELECT max(sequence) FROM payments_event
                                         WHERE livemode = mode.livemode AND sequence IS NOT NULL) AS last
                   FROM (VALUES (true), (false)) AS mode(livemode)),
               batch AS (
                 SELECT position, livemode, row_number() OVER (PARTITION BY livemode ORDER BY position) AS n
                   FROM (SELECT position, livemode FROM payments_event
                          WHERE sequence IS NULL ORDER BY position LIMIT %s) AS unsealed)
               UPDATE payments_event e SET sequence = coalesce(head.last, 0) + batch.n
                 FROM batch LEFT JOIN head USING (livemode) WHERE e.position = batch.position""",
            [BATCH],
        )
        return int(cursor.rowcount)


def _chain_entries() -> int:
    head = AuditEntry.objects.filter(sequence__isnull=False).order_by("-sequence").first()
    sequence, prev_hash = (head.sequence or 0, head.hash) if head else (0, GENESIS)
    entries = list(AuditEntry.objects.filter(sequence__isnull=True).order_by("position")[:BATCH])
    for entry in entries:
        sequence += 1
        entry.sequence, entry.prev_hash = sequence, prev_hash
        entry.hash = prev_hash = link(prev_hash, entry)
    _write(entries)
    return len(entries)


def _write(entries: list[AuditEntry]) -> None:
    """By hand: Django's bulk_update makes an expression for each row and field, which took a tenth of a busy worker."""
    if not entries:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_auditentry e SET sequence = n.sequence, prev_hash = n.prev_hash, hash = n.hash
                 FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                      AS n(position, sequence, prev_hash, hash)
                WHERE e.position = n.position""",
            [[getattr(entry, name) for entry in entries] for name in ("position", "sequence", "prev_hash", "hash")],
        )

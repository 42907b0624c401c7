"""What the demo's history inserts, kind by kind, numbered and chained as the engine would have."""

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from payments.chain import GENESIS, link
from payments.models import AuditEntry, Callback, Event, Exchange, LedgerEntry, Payment, Transaction


@dataclass(slots=True)
class Rows:
    payments: list[Payment] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    lines: list[LedgerEntry] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    entries: list[AuditEntry] = field(default_factory=list)

    def insert(self) -> None:
        """In an order that foreign keys accept."""
        _seal(self)
        self.lines.sort(key=lambda line: line.created_at)
        kinds: tuple[list[Any], ...] = (
            self.payments, self.transactions, self.exchanges, self.callbacks, self.lines, self.events, self.entries,
        )  # fmt: skip
        for rows in kinds:
            if rows:
                model: type[models.Model] = type(rows[0])
                model._default_manager.bulk_create(rows, batch_size=1000)


def _seal(rows: Rows) -> None:
    """Number and chain in order of time, as the sealer would have; it goes on from here."""
    last = AuditEntry.objects.filter(sequence__isnull=False).order_by("-sequence").first()
    sequence, prev_hash = (last.sequence or 0, last.hash) if last else (0, GENESIS)
    rows.entries.sort(key=lambda entry: entry.created_at)
    for sequence, entry in enumerate(rows.entries, start=sequence + 1):  # noqa: B020 (counting on from the last one)
        entry.sequence, entry.prev_hash = sequence, prev_hash
        entry.hash = prev_hash = link(prev_hash, entry)
    rows.events.sort(key=lambda event: event.created_at)
    livemode = rows.events[0].livemode if rows.events else False
    newest = Event.objects.filter(livemode=livemode).aggregate(newest=models.Max("sequence"))["newest"] or 0
    for number, event in enumerate(rows.events, start=newest + 1):
        event.sequence = number

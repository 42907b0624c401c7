"""Rings the workers for due jobs every second and keeps the housekeeping going. Any number may run."""

import signal
import threading
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections
from django.db.models.functions import Now
from redis.exceptions import RedisError

from tenants import doorbell, jobs
from tenants.models import Heartbeat, Tenant
from tenants.tasks import beat

TICK_SECONDS = 1.0
BEAT_EVERY_TICKS = 2
PURGE_EVERY_TICKS = 3600
REVIVE_EVERY_TICKS = 60
RESCUE_EVERY_TICKS = 300
PARKED_SECONDS = 3600.0
MOST_QUEUED_RINGS = 64
# Huey talks to its broker past Django.
BROKEN_LINKS = (DatabaseError, psycopg.Error, RedisError, OSError)

log = structlog.get_logger("scheduler")


class Command(BaseCommand):
    help = "Ring the workers for due and expired jobs, every second."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        tick = 0
        while not stop.is_set():
            try:
                sweep(tick)
            except BROKEN_LINKS:
                # PostgreSQL or Redis is away or restarting: try again at the next tick, for as long as it takes.
                log.warning("sweep_failed", exc_info=True)
                close_old_connections()
            tick += 1
            stop.wait(TICK_SECONDS)


def sweep(tick: int) -> None:
    """One tick: due and expired jobs are rung for, the processes prove that they live, old rows are purged."""
    close_old_connections()
    Heartbeat.objects.update_or_create(name="scheduler", defaults={"beaten_at": Now()})
    # Rings pile up while no worker listens; there is no use in more of them than a full round.
    if settings.HUEY.pending_count() > MOST_QUEUED_RINGS:
        return
    if due := jobs.due_count(at_most=settings.WORKER_THREADS):
        doorbell.deliver(due)
    if tick % BEAT_EVERY_TICKS == 0:
        beat()
    if tick % REVIVE_EVERY_TICKS == 0:
        jobs.revive_parked(after_seconds=PARKED_SECONDS)
    if tick % RESCUE_EVERY_TICKS == 0:
        _for_each_merchant(kind="rescue", subject="payments")
    if tick % PURGE_EVERY_TICKS == 0:
        _for_each_merchant(kind="purge", subject="idempotency")


def _for_each_merchant(*, kind: str, subject: str) -> None:
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        jobs.add(kind=kind, tenant_id=tenant_id, subject=subject, once=True)

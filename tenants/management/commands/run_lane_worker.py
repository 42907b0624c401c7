"""A worker of one slow provider, whose calls would hold the threads of everybody else's.

It asks the table of jobs itself: what is answered after a minute is not noticed half a second late, and no message
that wakes a worker can go to the wrong one.
"""

import signal
import threading
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections, connections
from django.db.models.functions import Now

from tenants import jobs
from tenants.current import leave_merchant
from tenants.models import Heartbeat

PAUSE_SECONDS = 0.5
BROKEN_PAUSE_SECONDS = 2.0

log = structlog.get_logger("lane_worker")


class Command(BaseCommand):
    help = "Run the jobs of one slow provider (SLOW_PROVIDERS), WORKER_THREADS at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("lane", help="the provider, e.g. zamtel")

    def handle(self, *args: Any, lane: str, **options: Any) -> None:
        if lane not in settings.SLOW_PROVIDERS:
            raise CommandError(f"{lane} is not among SLOW_PROVIDERS; the other workers run its jobs.")
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threads = [
            threading.Thread(target=serve, args=(lane, stop), name=f"{lane}-{number}")
            for number in range(settings.WORKER_THREADS)
        ]
        for thread in threads:
            thread.start()
        while not stop.wait(PAUSE_SECONDS):
            if all(thread.is_alive() for thread in threads):
                beat(lane)
        for thread in threads:  # each ends the job that it is at
            thread.join()


def serve(lane: str, stop: threading.Event) -> None:
    """One thread: run what is due, one job after the other, until told to stop."""
    while not stop.is_set():
        try:
            close_old_connections()
            leave_merchant()
            job = jobs.claim(lane=lane)
            if job is None:
                stop.wait(PAUSE_SECONDS)
            else:
                jobs.run(job)
        except Exception:
            # PostgreSQL is away or restarting, mostly. Whatever it is: the leases bring the jobs back, and a thread
            # that ended would be missed by nobody.
            log.exception("lane_worker_stumbled")
            close_old_connections()
            stop.wait(BROKEN_PAUSE_SECONDS)
    connections.close_all()


def beat(lane: str) -> None:
    """Proof for `manage.py doctor` that somebody serves the lane."""
    try:
        close_old_connections()
        Heartbeat.objects.update_or_create(name=f"worker:{lane}", defaults={"beaten_at": Now()})
    except DatabaseError:
        log.warning("heartbeat_failed", exc_info=True)

"""The work: whether workers and scheduler live, what waits for them, and what they gave up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from payments.doctor.finding import Finding, fail, in_a_sentence, ok, warn
from tenants.models import Heartbeat, Job

STARTED_BY = {"worker": "manage.py run_huey", "scheduler": "manage.py run_scheduler"}
STALE_AFTER = timedelta(seconds=15)
LATE_AFTER, STUCK_AFTER = timedelta(seconds=10), timedelta(minutes=2)
NAMED_AT_MOST = 5


def check_broker() -> Finding:
    kind = "Redis" if settings.REDIS_URL else "PostgreSQL"
    try:
        waiting = settings.HUEY.pending_count()
    except Exception as error:  # whatever the broker's client raises: it is not reachable, and this says why
        return fail(
            "broker",
            f"Huey's {kind} cannot be used: {in_a_sentence(error)}",
            do="Start Redis, or correct REDIS_URL." if settings.REDIS_URL else "Run `manage.py migrate_all`.",
        )
    return ok("broker", f"Huey's {kind} answers; {waiting} rings wait in it.")


def check() -> Iterator[Finding]:
    now = _database_now()
    yield from (check_heartbeat(name, now) for name in STARTED_BY)
    busy = Job.objects.filter(lane__in=settings.SLOW_PROVIDERS).values_list("lane", flat=True).distinct()
    yield from (check_heartbeat(f"worker:{lane}", now) for lane in sorted(busy))
    yield check_oldest(now)
    yield check_parked()


def check_heartbeat(name: str, now: datetime) -> Finding:
    command = STARTED_BY.get(name) or f"manage.py run_lane_worker {name.partition(':')[2]}"
    todo = f"Start `{command}`, or look into its log."
    beat = Heartbeat.objects.filter(name=name).first()
    if beat is None:
        return fail(name, f"No {name} has ever shown a sign of life.", do=todo)
    if now - beat.beaten_at > STALE_AFTER:
        return fail(name, f"The last sign of life of a {name} was at {beat.beaten_at:%Y-%m-%d %H:%M:%S} UTC.", do=todo)
    return ok(name, f"A {name} showed a sign of life {(now - beat.beaten_at).total_seconds():.0f} s ago.")


def check_oldest(now: datetime) -> Finding:
    oldest = Job.objects.filter(parked_at=None).order_by("due_at").first()
    if oldest is None or now - oldest.due_at < LATE_AFTER:
        return ok("jobs", "No job waits longer than it should.")
    late = now - oldest.due_at
    sentence = f"The oldest due job ({oldest.kind} {oldest.subject}) has waited for {late.total_seconds():,.0f} s."
    judge = fail if late > STUCK_AFTER else warn
    return judge("jobs", sentence, do="Look into the workers' log; start more workers if they are all busy.")


def check_parked() -> Finding:
    parked = Job.objects.exclude(parked_at=None).order_by("-parked_at")
    if not (count := parked.count()):
        return ok("parked_jobs", "No job was given up.")
    named = "; ".join(f"{job.kind} {job.subject}: {job.last_error}" for job in parked[:NAMED_AT_MOST])
    return warn(
        "parked_jobs",
        f"{count} jobs failed too often and wait for a person, the latest ones: {named}.",
        do="Mend the cause, then run `manage.py retry_parked_jobs`; by themselves they are tried again once an hour.",
    )


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: datetime = cursor.fetchone()[0]
    return now

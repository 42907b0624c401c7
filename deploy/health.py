"""Whether this process lives (/livez) and whether the whole product works (/readyz), job workers included."""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

# A process that has not proved itself for so long counts as gone; a job that waited for so long, as forgotten.
BEAT_MAX_AGE_SECONDS = 15.0
JOB_MAX_WAIT_SECONDS = 120.0
MIGRATED_REMEMBERED_SECONDS = 10.0

Check = dict[str, Any]

_migrated_until = 0.0


@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """Depends on nothing: restarting this process would not help a database that is away."""
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """200 only when all of it works; else 503, naming what does not."""
    checks = {name: _run(check) for name, check in CHECKS.items()}
    is_ok = all(check["ok"] for check in checks.values())
    body = {"status": "ok" if is_ok else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if is_ok else 503, headers={"Cache-Control": "no-store"})


def check_database() -> Check:
    started = time.perf_counter()
    _one_row("SELECT 1")
    return {"ok": True, "ms": round((time.perf_counter() - started) * 1000, 1)}


def check_migrations() -> Check:
    """The shared schema and the template of new merchants; both must have every migration of this code."""
    global _migrated_until  # noqa: PLW0603 (a success is remembered for a moment, because probes come often)
    if time.monotonic() < _migrated_until:
        return {"ok": True, "missing": []}
    missing = []
    for schema in ("public", settings.TENANT_BASE_SCHEMA):
        applied = _applied_migrations(schema)
        missing += [f"{schema}: {app}.{name}" for app, name in sorted(_wanted_migrations() - applied)]
    if not missing:
        _migrated_until = time.monotonic() + MIGRATED_REMEMBERED_SECONDS
    return {"ok": not missing, "missing": missing[:20]}


def check_queue() -> Check:
    """By the database's clock: when workers and scheduler last proved themselves, and how long work has waited."""
    row = _one_row(
        """SELECT (SELECT extract(epoch FROM now() - beaten_at) FROM public.tenants_heartbeat WHERE name = 'worker'),
                  (SELECT extract(epoch FROM now() - beaten_at) FROM public.tenants_heartbeat
                    WHERE name = 'scheduler'),
                  (SELECT extract(epoch FROM now() - min(due_at)) FROM public.tenants_job
                    WHERE parked_at IS NULL AND due_at <= now()),
                  (SELECT count(*) FROM public.tenants_job WHERE parked_at IS NOT NULL)"""
    )
    ages = {"worker": row[0], "scheduler": row[1]}
    waited = float(row[2] or 0)
    silent = [name for name, age in ages.items() if age is None or age > BEAT_MAX_AGE_SECONDS]
    return {
        "ok": not silent and waited <= JOB_MAX_WAIT_SECONDS,
        "silent": silent,
        "last_beat_seconds": {name: None if age is None else round(float(age), 1) for name, age in ages.items()},
        "oldest_due_job_seconds": round(waited, 1),
        "parked_jobs": row[3],
    }


CHECKS: dict[str, Callable[[], Check]] = {
    "database": check_database,
    "migrations": check_migrations,
    "queue": check_queue,
}


def _run(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Error as error:
        # The kind of error only: its text may name hosts and users, and this page is open to all.
        return {"ok": False, "error": type(error).__name__}


def _one_row(sql: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return tuple(cursor.fetchone())


def _applied_migrations(schema: str) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT app, name FROM "{schema}".django_migrations')  # noqa: S608 (both names are ours)
        return set(cursor.fetchall())


@cache
def _wanted_migrations() -> set[tuple[str, str]]:
    """Reading them from the disk takes a while, and this code's own do not change."""
    return set(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())


urlpatterns = [
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
]

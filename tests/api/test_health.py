"""/livez and /readyz: what they answer, and what they name."""

import json

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from deploy import health
from tenants.models import Job
from tests.world import Merchant


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(health, "_migrated_until", 0.0)


def beat(*names, seconds_ago=0):
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                """INSERT INTO tenants_heartbeat (name, beaten_at) VALUES (%s, now() - make_interval(secs => %s))
                   ON CONFLICT (name) DO UPDATE SET beaten_at = EXCLUDED.beaten_at""",
                [name, seconds_ago],
            )


def ready():
    answer = health.readyz(RequestFactory().get("/readyz"))
    return answer.status_code, json.loads(answer.content)["checks"]


def test_alive_needs_nothing(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert health.livez(RequestFactory().get("/livez")).status_code == 200


def test_ready_when_database_migrations_and_workers_are(acme: Merchant):
    beat("worker", "scheduler")
    status, checks = ready()
    assert status == 200
    assert {name: check["ok"] for name, check in checks.items()} == {
        "database": True,
        "migrations": True,
        "queue": True,
    }


@pytest.mark.parametrize("silent", ["worker", "scheduler"])
def test_not_ready_without_a_sign_of_life(acme, silent):
    beat("worker", "scheduler")
    beat(silent, seconds_ago=20)
    status, checks = ready()
    assert status == 503
    assert checks["queue"]["silent"] == [silent]


def test_not_ready_before_any_worker_ever_lived(acme):
    status, checks = ready()
    assert (status, checks["queue"]["silent"]) == (503, ["worker", "scheduler"])


def test_not_ready_when_work_waits_too_long(acme):
    beat("worker", "scheduler")
    acme.pay()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_job SET due_at = now() - interval '5 minutes'")
    status, checks = ready()
    assert (status, checks["queue"]["ok"]) == (503, False)
    assert checks["queue"]["oldest_due_job_seconds"] >= 300


def test_parked_jobs_are_shown_and_do_not_count_as_waiting(acme):
    beat("worker", "scheduler")
    acme.pay()
    Job.objects.update(parked_at="2026-01-01T00:00:00Z", due_at="2026-01-01T00:00:00Z")
    status, checks = ready()
    assert (status, checks["queue"]["parked_jobs"] >= 1) == (200, True)


def test_a_missing_migration_is_named(acme, monkeypatch):
    beat("worker", "scheduler")
    monkeypatch.setattr(health, "_wanted_migrations", lambda: {("payments", "9999_future")})
    status, checks = ready()
    assert status == 503
    assert "public: payments.9999_future" in checks["migrations"]["missing"]


def test_a_database_that_is_away_is_named_without_its_secrets(acme, monkeypatch):
    def away(_):
        raise OperationalError("password authentication failed for user ndalama at db.internal")

    monkeypatch.setattr(health, "_one_row", away)
    status, checks = ready()
    assert (status, checks["database"]) == (503, {"ok": False, "error": "OperationalError"})


def test_migrations_are_asked_for_once_in_a_while_only(acme, django_assert_num_queries):
    assert health.check_migrations()["ok"]
    with django_assert_num_queries(0):
        assert health.check_migrations()["ok"]


def test_only_reading_is_possible(db):
    assert health.livez(RequestFactory().post("/livez")).status_code == 405
    assert Client().post("/readyz").status_code in {404, 405}

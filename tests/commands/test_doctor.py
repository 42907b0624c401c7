"""doctor says what is well, what is not and what to do; it fails when something is broken, in words."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from payments import sealing
from payments.doctor import configuration, database, machine
from payments.doctor.finding import Level
from payments.models import AuditEntry, LedgerEntry, Payment
from payments.sealer import seal_batch
from tenants import jobs
from tenants.models import Circuit, Heartbeat, Job
from tests.commands.conftest import Manage, OwnInstallation, Said
from tests.world import Merchant

Examine = Callable[[], dict[str, dict[str, str]]]
CHECKS = {
    "public_url", "allowed_hosts", "mtn_base_url", "airtel_base_url", "zamtel_base_url", "demo", "disk", "database",
    "durability", "database_role", "clock",
    "migrations", "broker", "worker", "scheduler", "jobs", "parked_jobs", "credentials", "audit", "open_payments",
    "ledger", "circuits",
}  # fmt: skip


@pytest.fixture
def healthy(acme: Merchant, globex: Merchant) -> None:
    """Processes beat, nothing waits, every trail is sealed. (The tests' PostgreSQL is fast instead of durable.)"""
    Job.objects.all().delete()
    for name in ("worker", "scheduler"):
        Heartbeat.objects.update_or_create(name=name, defaults={"beaten_at": Now()})
    for merchant in (acme, globex):
        with merchant.entered():
            seal_batch()


@pytest.fixture
def examine(manage: Manage, healthy: None) -> Examine:
    def run() -> dict[str, dict[str, str]]:
        return {finding["name"]: finding for finding in manage("doctor", "--json").json["findings"]}

    return run


class TestAnswer:
    def test_one_object_lists_every_check(self, manage: Manage, healthy: None) -> None:
        said = manage("doctor", "--json")
        assert said.json.keys() == {"ok", "failed", "findings"}
        assert {finding["name"] for finding in said.json["findings"]} == CHECKS
        for finding in said.json["findings"]:
            assert finding.keys() == {"name", "level", "sentence", "what_to_do"}
            assert finding["level"] in {"ok", "warn", "fail"}
            assert finding["sentence"].endswith(".")
            assert bool(finding["what_to_do"]) == (finding["level"] != "ok")

    def test_only_what_is_wrong_is_wrong(self, manage: Manage, healthy: None) -> None:
        said = manage("doctor", "--json")
        assert said.json["failed"] == ["durability"]
        assert (said.status, said.json["ok"]) == (1, False)
        assert said.err == f"CommandError: 1 of {len(CHECKS)} checks failed: durability.\n"

    def test_people_get_a_line_each_and_what_to_do(self, manage: Manage, healthy: None) -> None:
        said = manage("doctor")
        assert said.status == 1
        assert "fail  durability       PostgreSQL runs with fsync" in said.out
        assert "to on in postgresql.conf and reload." in said.out
        assert len(said.out.splitlines()) >= len(CHECKS)

    def test_no_secret_is_said(self, manage: Manage, healthy: None) -> None:
        said = manage("doctor", "--json")
        secrets = [settings.SECRET_KEY, settings.WEBHOOK_SECRET, *settings.ENCRYPTION_KEYS]
        assert not any(secret in said.out + said.err for secret in [*secrets, connection.settings_dict["PASSWORD"]])

    def test_wrong_usage_is_status_2(self, manage: Manage) -> None:
        assert manage("doctor", "--jsno").status == 2

    def test_it_leaves_us_outside_every_merchant(self, manage: Manage, healthy: None) -> None:
        manage("doctor", "--json")
        assert connection.schema_name == "public"  # type: ignore[attr-defined]


class TestQueue:
    @pytest.mark.parametrize("name", ["worker", "scheduler"])
    def test_a_process_that_is_silent_is_missed(self, examine: Examine, name: str) -> None:
        Heartbeat.objects.filter(name=name).update(beaten_at=Now() - timedelta(minutes=1))
        finding = examine()[name]
        assert finding["level"] == "fail"
        assert finding["what_to_do"].startswith("Start `manage.py run_")

    @pytest.mark.parametrize("name", ["worker", "scheduler"])
    def test_a_process_that_never_ran_is_missed(self, examine: Examine, name: str) -> None:
        Heartbeat.objects.filter(name=name).delete()
        assert examine()[name]["sentence"] == f"No {name} has ever shown a sign of life."

    @pytest.mark.parametrize(("late", "level"), [(5, "ok"), (60, "warn"), (600, "fail")])
    def test_a_job_that_nobody_takes_is_named(self, examine: Examine, acme: Merchant, late: int, level: str) -> None:
        jobs.add(kind="poll", tenant_id=acme.tenant.pk, subject="pay_7", delay_seconds=-late)
        finding = examine()["jobs"]
        assert finding["level"] == level
        assert ("poll pay_7" in finding["sentence"]) == (level != "ok")

    def test_a_job_that_was_given_up_is_named_with_its_error(self, examine: Examine, acme: Merchant) -> None:
        jobs.add(kind="poll", tenant_id=acme.tenant.pk, subject="pay_7")
        Job.objects.update(parked_at=Now(), last_error="KeyError: 'amount'")
        findings = examine()
        assert findings["parked_jobs"]["level"] == "warn"
        assert "poll pay_7: KeyError: 'amount'" in findings["parked_jobs"]["sentence"]
        assert findings["jobs"]["level"] == "ok"

    def test_a_broker_that_is_away_is_said_in_words(self, examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
        def away() -> int:
            raise ConnectionError("Connection refused\nand more lines")

        monkeypatch.setattr(settings.HUEY, "pending_count", away)
        assert examine()["broker"]["sentence"] == "Huey's PostgreSQL cannot be used: Connection refused."


class TestMerchants:
    def test_credentials_sealed_with_a_key_that_is_gone_are_named(self, examine: Examine) -> None:
        sealing.forget()
        with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode()]):
            finding = examine()["credentials"]
        sealing.forget()
        assert finding["level"] == "fail"
        assert "acme: mtn (live): sealed with a key that ENCRYPTION_KEYS does not hold" in finding["sentence"]

    def test_a_key_that_was_rotated_but_kept_opens_them(self, examine: Examine) -> None:
        sealing.forget()
        with override_settings(ENCRYPTION_KEYS=[Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]):
            assert examine()["credentials"]["level"] == "ok"
        sealing.forget()

    @pytest.mark.parametrize(
        "tampering",
        ["SET actor = 'user:2 eve' WHERE sequence = 3", "SET sequence = sequence + 1 WHERE sequence > 3"],
    )
    def test_a_trail_that_was_tampered_with_is_named(self, examine: Examine, acme: Merchant, tampering: str) -> None:
        with acme.entered(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE payments_auditentry DISABLE TRIGGER USER")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            newest = AuditEntry.objects.exclude(sequence=None).count()
            cursor.execute(f"UPDATE payments_auditentry {tampering.replace('> 3', f'>= {newest}')}")
        finding = examine()["audit"]
        assert finding["level"] == "fail"
        assert finding["sentence"].startswith("acme: its trail ")

    def test_a_trail_that_nobody_seals_is_named(self, examine: Examine, acme: Merchant) -> None:
        with acme.entered():
            AuditEntry.objects.create(actor="a", action="b", created_at=timezone.now() - timedelta(minutes=5))
        assert examine()["audit"]["sentence"] == "acme: its trail has entries that wait to be sealed for minutes."

    def test_an_open_payment_without_a_job_is_named(self, examine: Examine, acme: Merchant) -> None:
        now = timezone.now()
        with acme.entered():
            payment = Payment.objects.create(
                livemode=True, amount=1, currency="ZMW", phone="260966000123", provider="mtn", created_by="test",
                created_at=now, updated_at=now,
            )  # fmt: skip
        assert f"acme: 1 open payments have no job, the first is {payment.pk}" in examine()["open_payments"]["sentence"]
        jobs.add(kind="dispatch", tenant_id=acme.tenant.pk, subject=payment.pk)
        assert examine()["open_payments"]["level"] == "ok"


class TestMigrations:
    def test_an_account_that_is_held_back_is_named(self, examine: Examine, acme: Merchant) -> None:
        assert examine()["circuits"]["level"] == "ok"
        Circuit.objects.create(
            tenant=acme.tenant, livemode=True, provider="mtn", account_id="pa_1", operation="collect", state="open",
            opened_at=timezone.now(),
        )  # fmt: skip
        finding = examine()["circuits"]
        assert finding["level"] == "warn"
        assert "acme cannot collect at mtn since" in finding["sentence"]

    def test_a_ledger_that_does_not_balance_is_named(self, examine: Examine, acme: Merchant) -> None:
        with acme.entered(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE payments_ledgerentry DISABLE TRIGGER USER")
            LedgerEntry.objects.create(
                posting="x:succeeded", livemode=False, provider="mtn", provider_account_id="pa_1", account="collected",
                amount=1, currency="ZMW", object_id="x",
            )  # fmt: skip
            cursor.execute("ALTER TABLE payments_ledgerentry ENABLE TRIGGER USER")
        assert "acme: its test ledger in ZMW sums to 1.00" in examine()["ledger"]["sentence"]

    def test_a_merchant_that_lags_behind_is_named(self, examine: Examine, acme: Merchant) -> None:
        with acme.entered(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM \"{acme.tenant.schema_name}\".django_migrations WHERE name LIKE '0002%'")
        finding = examine()["migrations"]
        assert finding["level"] == "fail"
        assert finding["sentence"].startswith("Acme lacks ")
        assert finding["what_to_do"].startswith("Run `manage.py migrate_all`")

    def test_a_merchant_that_lost_its_schema_is_named(self, examine: Examine, globex: Merchant) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{globex.tenant.schema_name}" CASCADE')
        assert examine()["migrations"]["sentence"] == f"Globex has lost its schema {globex.tenant.schema_name}."

    def test_code_that_is_newer_than_the_schemas_is_noticed(self, examine: Examine) -> None:
        with override_settings(MIGRATION_MODULES={"payments": "tests.tenants.next_release"}):
            assert examine()["migrations"]["sentence"] == "Public lacks payments.m9999_next."

    def test_what_needs_the_tables_is_left_out_while_they_are_old(self, examine: Examine, globex: Merchant) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{globex.tenant.schema_name}" CASCADE')
        assert examine().keys() == CHECKS - {
            "worker", "scheduler", "jobs", "parked_jobs", "credentials", "audit", "open_payments",
    "ledger", "circuits",
        }  # fmt: skip


class TestJudgements:
    @pytest.mark.parametrize(
        ("url", "level"),
        [
            ("https://pay.example.zm", Level.OK),
            ("https://8.8.8.8", Level.OK),
            ("http://127.0.0.1:8000", Level.WARN),
            ("http://localhost", Level.WARN),
            ("https://10.1.2.3", Level.WARN),
            ("https://pay.internal", Level.WARN),
            ("https://[::1]", Level.WARN),
        ],
    )
    def test_callbacks_need_an_address_that_the_internet_sees(self, url: str, level: Level) -> None:
        assert configuration.check_public_url(url).level == level

    @pytest.mark.parametrize(
        ("allowed", "level"),
        [(["pay.zm"], Level.OK), ([".zm"], Level.OK), (["other.zm"], Level.WARN), ([], Level.WARN)],
    )
    def test_the_public_host_must_be_allowed(self, allowed: list[str], level: Level) -> None:
        assert configuration.check_hosts("https://pay.zm", allowed).level == level

    @pytest.mark.parametrize(("url", "level"), [("https://mtn.zm", Level.OK), ("http://mtn.zm", Level.WARN)])
    @override_settings(DEMO=False)
    def test_credentials_must_not_travel_in_clear(self, url: str, level: Level) -> None:
        assert configuration.check_provider_url("mtn", url).level == level

    @pytest.mark.parametrize(
        ("seconds", "level"), [(0.2, Level.OK), (-0.9, Level.OK), (3, Level.WARN), (-31, Level.FAIL), (90, Level.FAIL)]
    )
    def test_clocks_may_differ_a_little(self, seconds: float, level: Level) -> None:
        assert database.judge_skew(seconds).level == level

    @pytest.mark.parametrize(("free", "level"), [(10**8, Level.FAIL), (10**9, Level.WARN), (10**10, Level.OK)])
    def test_a_disk_needs_room(self, free: int, level: Level) -> None:
        assert machine.judge_disk(Path("data"), free=free).level == level

    def test_a_superuser_is_too_much(self) -> None:
        assert database.judge_role(is_superuser=True).level == Level.WARN

    def test_a_data_folder_that_does_not_exist_yet_is_looked_for_above(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "not" / "yet"))
        assert machine.data_dir() == tmp_path


@pytest.mark.processes
class TestProcess:
    def test_a_database_that_is_away_is_one_sentence_and_no_traceback(self, own: OwnInstallation) -> None:
        nowhere = own.url.replace(f":{own.url.rpartition(':')[2].partition('/')[0]}/", ":1/")
        said = own.manage("doctor", "--json", DATABASE_URL=nowhere)
        assert said.status == 1
        assert said.json["failed"] == ["database"]
        [finding] = [finding for finding in said.json["findings"] if finding["name"] == "database"]
        assert finding["sentence"].startswith("PostgreSQL at 127.0.0.1:1 cannot be used: connection failed: ")
        assert said.err.count("\n") == 1
        assert "Traceback" not in said.err

    def test_when_everything_runs_it_ends_with_status_0(self, own: OwnInstallation) -> None:
        own.query("DELETE FROM tenants_heartbeat")
        for name in ("worker", "scheduler"):
            own.query("INSERT INTO tenants_heartbeat VALUES (%s, now())", name)
        said = own.manage("doctor", "--json")
        assert failures(said) == []
        assert (said.status, said.json["ok"], said.json["failed"]) == (0, True, [])

    def test_before_the_first_migration_it_says_what_to_do(self, own: OwnInstallation) -> None:
        own.query("CREATE DATABASE fresh")
        said = own.manage("doctor", "--json", DATABASE_URL=own.url.rpartition("/")[0] + "/fresh")
        own.query("DROP DATABASE fresh WITH (FORCE)")
        assert said.status == 1
        assert "migrations: Public lacks " in "\n".join(failures(said))
        assert "Traceback" not in said.err


def failures(said: Said) -> list[str]:
    return [f"{each['name']}: {each['sentence']}" for each in said.json["findings"] if each["level"] == "fail"]

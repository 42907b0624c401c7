"""retry_parked_jobs is what an operator types once the cause of a poison job is mended."""

from datetime import timedelta

from django.utils import timezone

from tenants import jobs
from tenants.models import Job
from tests.commands.conftest import Manage
from tests.world import Merchant, run_jobs


def give_up(merchant: Merchant, subject: str) -> None:
    """The job failed as often as any may."""
    jobs.add(kind="poll", tenant_id=merchant.tenant.pk, subject=subject)
    Job.objects.filter(subject=subject).update(
        attempts=jobs.MAX_ATTEMPTS, parked_at=timezone.now() - timedelta(minutes=1), last_error="boom"
    )


def test_a_job_that_was_given_up_runs_again(manage: Manage, acme: Merchant) -> None:
    payment_id = acme.pay().json()["id"]
    Job.objects.all().delete()
    give_up(acme, payment_id)
    assert run_jobs() == 0
    assert manage("doctor", "--json").out.count("retry_parked_jobs") == 1
    said = manage("retry_parked_jobs", "--json")
    assert (said.status, said.json) == (0, {"retried": 1})
    assert run_jobs() == 1
    assert not Job.objects.filter(parked_at__isnull=False).exists()


def test_one_that_fails_again_is_parked_again(manage: Manage, acme: Merchant) -> None:
    Job.objects.all().delete()
    give_up(acme, "pay_that_never_was")
    manage("retry_parked_jobs")
    run_jobs()
    [job] = Job.objects.filter(subject="pay_that_never_was")
    assert job.parked_at is not None


def test_without_any_it_says_so(manage: Manage, acme: Merchant) -> None:
    Job.objects.all().delete()
    assert manage("retry_parked_jobs").out == "retried: 0\n"

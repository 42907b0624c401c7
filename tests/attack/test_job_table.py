"""Attacks on the jobs table: work that nobody is going to do, and statements that wait for each other in a circle."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from django.db import connection, connections, transaction
from django.db.models.functions import Now

from payments import audit, circuits, reconciliation
from payments.models import AuditEntry, ProviderAccount, Transaction
from payments.polling import look_up
from payments.reconciliation import Source, apply_outcome
from providers.base import Kind, Outcome
from tenants import jobs
from tenants.models import Circuit, Job


def elsewhere(do, *arguments):
    try:
        return do(*arguments)
    finally:
        connections.close_all()


def run_mine(merchant, kind):
    """Claim and run what is due of this merchant, as a worker does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_job SET due_at = now() - interval '1 day' WHERE tenant_id = %s AND kind = %s"
            " AND parked_at IS NULL", [merchant.tenant.pk, kind],
        )  # fmt: skip
    job = jobs.claim()
    assert job is not None and (job.tenant_id, job.kind) == (merchant.tenant.pk, kind)
    jobs.run(job)


def test_what_commits_just_after_the_sealer_looked_is_sealed_too(committed):
    """A seal job waits; somebody appends, finds it waiting and adds none; it runs, sees nothing, is done; then the
    appender commits."""
    Job.objects.filter(tenant=committed.tenant).delete()
    with committed.entered():
        audit.record(actor="user:1", action="test.first")
    run_mine(committed, "seal")  # seals, and waits for another look
    appended, looked = threading.Event(), threading.Event()

    def append():
        with committed.entered(), transaction.atomic():
            audit.record(actor="user:1", action="test.second")
            appended.set()
            assert looked.wait(20)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(elsewhere, append)
        assert appended.wait(20)
        run_mine(committed, "seal")
        looked.set()
        done.result(20)
    with committed.entered():
        unsealed = list(AuditEntry.objects.filter(sequence=None).values_list("action", flat=True))
    waiting = Job.objects.filter(tenant=committed.tenant, kind="seal").count()
    assert not unsealed or waiting, f"{unsealed} unsealed, and no job that will seal it"


def test_two_schedulers_that_revive_at_once_leave_one_of_two_parked_twins(committed):
    """Each sees the other's twin, which it could not lock, and takes its own for superseded."""
    Job.objects.filter(tenant=committed.tenant).delete()
    for _ in range(2):
        jobs.add(kind="callback", tenant_id=committed.tenant.pk, subject="cb_1", once=True)
        Job.objects.filter(tenant=committed.tenant, claim_token=None).update(
            parked_at=Now(), claim_token=uuid4(), attempts=jobs.MAX_ATTEMPTS
        )
    first, second = Job.objects.filter(tenant=committed.tenant).order_by("pk").values_list("pk", flat=True)
    held, one_is_through, two_is_through = threading.Event(), threading.Event(), threading.Event()

    def scheduler_two():
        """Its scan has come to the second twin when the other scheduler comes by; it ends a moment later."""
        with transaction.atomic():
            Job.objects.select_for_update().get(pk=second)
            held.set()
            assert one_is_through.wait(20)
            jobs.revive_parked(after_seconds=0)
            two_is_through.set()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(elsewhere, scheduler_two)
        assert held.wait(20)
        with transaction.atomic():
            jobs.revive_parked(after_seconds=0)
            one_is_through.set()
            assert two_is_through.wait(20)
        done.result(20)
    assert Job.objects.filter(tenant=committed.tenant).count() == 1


def test_a_circuit_that_closes_while_an_answer_is_applied_is_no_deadlock(committed, monkeypatch):
    """The close locks waiting jobs and then asks for a seal job; an answer asks for a seal job and then pulls its poll."""
    with committed.entered():
        account = ProviderAccount.objects.get(livemode=False, retired_at=None)
    payment_id = committed.pay().json()["id"]
    from payments import dispatch

    Job.objects.filter(tenant=committed.tenant).exclude(subject=payment_id).delete()
    job = next(iter(claimed(committed, "dispatch")))
    with committed.entered():
        dispatch.commit_intent(job)  # and the call goes out …
        operation = Transaction.objects.get(payment_id=payment_id)
    Job.objects.filter(tenant=committed.tenant, kind="seal").delete()  # … and takes longer than the sealer
    circuit = Circuit.objects.create(
        tenant=committed.tenant, livemode=False, provider="mtn", account_id=account.pk, operation="transfer",
        state=Circuit.OPEN, changes=1,
    )  # fmt: skip
    sealed, released = threading.Event(), threading.Event()
    real_tell, real_plan = circuits.tell, reconciliation._plan_next_look

    def tell(*arguments, **named):
        released.set()
        sealed.wait(20)
        return real_tell(*arguments, **named)

    def plan(*arguments, **named):
        sealed.set()
        released.wait(20)
        return real_plan(*arguments, **named)

    monkeypatch.setattr(circuits, "tell", tell)
    monkeypatch.setattr(reconciliation, "_plan_next_look", plan)

    def close():
        with committed.entered():
            found = Circuit.objects.get(pk=circuit.pk)
            circuits.call_as_probe(found, lambda: Outcome(Kind.PENDING))

    def answer():
        with committed.entered():
            apply_outcome(
                transaction_id=operation.id, outcome=Outcome(Kind.UNKNOWN, message="lost"), source=Source.ANSWER
            )

    with ThreadPoolExecutor(2) as pool:
        ends = [pool.submit(elsewhere, do) for do in (close, answer)]
        errors = [str(end.exception(30)) for end in ends if end.exception(30)]
    assert errors == []


def claimed(merchant, kind):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_job SET due_at = now() - interval '1 day' WHERE tenant_id = %s AND kind = %s",
            [merchant.tenant.pk, kind],
        )
    job = jobs.claim()
    assert job is not None and (job.tenant_id, job.kind) == (merchant.tenant.pk, kind)
    yield job

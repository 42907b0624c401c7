"""Attacks: a callback that is lost or judged wrongly, and looks that are spent or counted when they prove nothing."""

from django.db import connection

from payments import callback_verdicts
from payments.callback_links import link_callback
from payments.circuit_overrides import override_circuit
from payments.models import AuditEntry, Callback, Transaction
from payments.polling import look_up
from payments.reconciliation import Source
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tenants.models import Job
from tests.journeys.test_callback_confluence import deliver, for_nobody
from tests.journeys.test_unknown_outcomes import callback, hook_of, status_of
from tests.tenants.test_jobs import seconds_until_due
from tests.world import let_settle, run_jobs

PHONE = "+260966000123"


def declined_then_paid(acme, mtn):
    """MTN said that the payer declined, and then that the money moved after all."""
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    assert status_of(acme, payment_id) == "failed"
    mtn.change_its_mind(PHONE)
    return payment_id


def test_a_late_success_whose_read_back_fails_once_is_not_lost(acme, mtn):
    payment_id = declined_then_paid(acme, mtn)
    mtn.misbehave(operation="lookup", answer="error_500", times=1)
    assert callback(acme, hook_of(acme, payment_id), "SUCCESSFUL").status_code == 200
    run_jobs()
    mtn.behave()
    run_jobs(rounds=8)  # whatever waits is run, long after MTN answers again
    with acme.entered():
        found = Callback.objects.get()
        print(found.verdict, found.reason, list(Job.objects.values_list("kind", flat=True)))
    assert mtn.times_charged(PHONE) == 1
    assert status_of(acme, payment_id) == "succeeded"


def test_a_callback_that_is_judged_just_after_the_payment_ended_does_not_stay_unconfirmed(acme, mtn, monkeypatch):
    """Between its read-back (pending) and its verdict, a poll hears the end."""
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    real = callback_verdicts.judge

    def judge_late(*arguments, **named):
        monkeypatch.setattr(callback_verdicts, "judge", real)
        mtn.decline_all()
        with acme.entered():
            operation = Transaction.objects.get(payment_id=payment_id)
            look_up(operation, livemode=False, source=Source.POLL, request_id="")
        real(*arguments, **named)

    monkeypatch.setattr(callback_verdicts, "judge", judge_late)
    callback(acme, hook_of(acme, payment_id), "SUCCESSFUL")  # a lie, by the way
    run_jobs()
    run_jobs(rounds=5)
    assert status_of(acme, payment_id) == "failed"
    with acme.entered():
        assert Callback.objects.get().verdict == Callback.REJECTED


def test_a_repeat_does_not_take_its_verdict_from_the_callback_that_moved_the_payment(acme, mtn):
    payment_id = acme.pay(phone=PHONE).json()["id"]
    jobs.run_due(at_most=1)
    mtn.wait_until_charged(PHONE)
    verdicts = []
    for _ in range(2):
        callback(acme, hook_of(acme, payment_id), "SUCCESSFUL")
        jobs.run_due()
        with acme.entered():
            verdicts.append(Callback.objects.get().verdict)
    assert status_of(acme, payment_id) == "succeeded"
    assert verdicts == [Callback.APPLIED, Callback.APPLIED]


def test_asking_by_hand_does_not_use_up_the_dense_part_of_the_plan(acme, mtn):
    """A till asks every second while the payer looks for the phone; the plan says dense for five minutes."""
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    for _ in range(16):
        with acme.entered():
            jobs.add(kind="poll", tenant_id=acme.tenant.pk, subject=payment_id, lane="mtn", once=True)  # as check does
        jobs.run_due()
    waits = seconds_until_due(Job.objects.get(kind="poll"))
    assert waits <= 300, f"the next look is in {waits} s, seconds after the payment began"


def test_not_found_from_before_a_resend_proves_nothing_about_it(acme, mtn, settings, monkeypatch):
    """Two looks of one process get "not found" and are stopped there for minutes; meanwhile others send again."""
    settings.RETRY_MAX_ATTEMPTS = 2
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    let_settle(acme)
    real = MtnAdapter.lookup
    with acme.entered():
        operation = Transaction.objects.get(payment_id=payment_id)

    def two_stopped_looks(self, *arguments):
        """The inner one is the second thread of the stopped process."""
        heard = real(self, *arguments)
        assert heard.kind == "not_found"

        def second(self, *arguments):
            heard = real(self, *arguments)
            monkeypatch.setattr(MtnAdapter, "lookup", real)
            # What the other processes do while this one is stopped:
            mtn.misbehave(operation="collect", times=1, answer="reset", executes="now", approve_seconds=None)
            run_jobs(rounds=3)  # two looks of theirs say "not found", too: it is sent again
            mtn.misbehave(operation="lookup", answer="error_500")
            run_jobs(rounds=2)
            assert mtn.sends(PHONE) == 2
            let_settle(acme)
            assert Transaction.objects.get(payment_id=payment_id).not_found_count == 0
            return heard

        monkeypatch.setattr(MtnAdapter, "lookup", second)
        look_up(operation, livemode=False, source=Source.POLL, request_id="")
        return heard

    monkeypatch.setattr(MtnAdapter, "lookup", two_stopped_looks)
    with acme.entered():
        look_up(operation, livemode=False, source=Source.CALLBACK, request_id="")
    found = acme.api("GET", f"/v1/payments/{payment_id}").json()
    mtn.approve_all()
    assert mtn.times_charged(PHONE) == 1  # it has arrived, and the payer pays
    assert found["status"] != "failed", found["failure"]


def test_a_resend_that_is_held_back_is_not_said_never_to_have_been_sent(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    let_settle(acme)
    run_jobs(rounds=3)
    with acme.entered():
        account = Transaction.objects.get(payment_id=payment_id).account_id
        assert Transaction.objects.get(payment_id=payment_id).may_resend
        override_circuit(
            account_id=account, livemode=False, operation="collect", to="open", reason="Maintenance.", actor="test"
        )
    run_jobs(rounds=2)
    with acme.entered():
        said = AuditEntry.objects.filter(target=payment_id, action="payment.held").values_list("reason", flat=True)
        print(list(said), status_of(acme, payment_id), mtn.sends(PHONE))
    assert mtn.sends(PHONE) == 1
    assert not any("Nothing was sent" in each for each in said)


def test_a_link_made_by_a_person_is_not_undone_by_a_job_that_read_the_message_before(acme, mtn, monkeypatch):
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    deliver(acme, for_nobody(acme, 1, b'{"status": "SUCCESSFUL"}'))
    real = callback_verdicts.unmatched

    def linked_meanwhile(found, reason):
        monkeypatch.setattr(callback_verdicts, "unmatched", real)
        link_callback(callback_id=found.pk, livemode=False, text=payment_id, actor="user:1 mary")
        real(found, reason)

    monkeypatch.setattr(callback_verdicts, "unmatched", linked_meanwhile)
    run_jobs()
    run_jobs(rounds=2)
    with acme.entered():
        assert AuditEntry.objects.filter(action="callback.linked", result="ok").exists()
        found = Callback.objects.get()
    assert (found.payment_id, found.verdict) == (payment_id, Callback.UNCONFIRMED)


def test_a_payer_is_not_prompted_hours_after_the_purchase(committed, mtn):
    """No worker ran for two hours (or the job was parked). The rule exists for payments that were held, only."""
    payment_id = committed.pay(phone=PHONE).json()["id"]
    with committed.entered(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_payment DISABLE TRIGGER USER")
        cursor.execute("UPDATE payments_payment SET created_at = created_at - interval '2 hours'")
        cursor.execute("ALTER TABLE payments_payment ENABLE TRIGGER USER")
        cursor.execute("UPDATE public.tenants_job SET due_at = now() - interval '2 hours' WHERE subject = %s", [payment_id])
    job = jobs.claim()
    assert job.subject == payment_id
    jobs.run(job)
    assert mtn.sends(PHONE) == 0


def test_twice_is_not_twice_in_one_moment(acme, mtn, settings):
    """A poll and a read-back (or a person's check) at once: two "not found", no time between them, and it is failed."""
    settings.RETRY_MAX_ATTEMPTS = 1
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    let_settle(acme)
    with acme.entered():
        operation = Transaction.objects.get(payment_id=payment_id)
        look_up(operation, livemode=False, source=Source.POLL, request_id="")
        look_up(operation, livemode=False, source=Source.CALLBACK, request_id="")
    assert status_of(acme, payment_id) == "unknown"

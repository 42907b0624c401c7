"""An unknown outcome is settled by two people with evidence, never by one, and the provider's word comes first."""

import threading
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from payments import reconciliation, resolutions
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import AuditEntry, Event, LedgerEntry, Resolution, Transaction
from payments.reconciliation import Source, apply_outcome
from payments.resolutions import SamePerson
from providers.base import Kind, Outcome
from tenants import jobs
from tests.processes import eventually
from tests.settling import PHONE, alarms, approve, lost_payment, person, propose, state_of
from tests.world import let_settle, let_time_pass, run_jobs


@pytest.fixture
def lost(acme, mtn):
    return lost_payment(acme, mtn)


def audited(merchant, target):
    with merchant.entered():
        rows = AuditEntry.objects.filter(target=target).exclude(action__startswith="payment.").order_by("position")
        return [(row.action, row.result) for row in rows]


def test_a_proposal_alone_changes_nothing(acme, lost):
    propose(acme, lost)
    assert acme.payment(lost).status == "unknown"
    assert audited(acme, lost) == [("resolution.proposed", "ok")]


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_two_people_settle_it_and_both_are_named(acme, lost, outcome):
    approve(acme, propose(acme, lost, outcome))
    payment = acme.payment(lost)
    assert payment.status == outcome
    with acme.entered():
        event = Event.objects.get(object_id=lost, object_version=payment.version)
    for name in ("operator@acme.test", "owner@acme.test"):
        assert name in event.actor
        assert name in event.reason
    assert [entry for entry in audited(acme, lost) if entry[0].startswith("resolution")] == [
        ("resolution.proposed", "ok"), ("resolution.approved", "ok"),
    ]  # fmt: skip


def test_money_settled_as_moved_is_booked(acme, lost):
    approve(acme, propose(acme, lost))
    with acme.entered():
        assert sum(LedgerEntry.objects.filter(object_id=lost).values_list("amount", flat=True)) == 0
        assert LedgerEntry.objects.filter(object_id=lost, account="collected").exists()
    assert acme.payment(lost).provider_reference == "1870000001"


@pytest.mark.parametrize("verb", [resolutions.approve, resolutions.reject])
def test_nobody_decides_about_what_he_proposed_and_the_attempt_is_on_record(acme, lost, verb):
    proposal = propose(acme, lost, role="owner")
    with acme.entered(), pytest.raises(SamePerson):
        verb(resolution_id=proposal.id, livemode=False, note="yes", person=person(acme, "owner"))
    assert acme.payment(lost).status == "unknown"
    assert state_of(acme, proposal) == "proposed"
    assert ("unknowns.approve", "denied") in audited(acme, lost)


def test_the_database_itself_refuses_a_self_approval(acme, lost):
    proposal = propose(acme, lost)
    sql = "UPDATE payments_resolution SET state = 'approved', decided_by_user = {} WHERE id = %s"
    for decider in ("proposed_by_user", "NULL"):
        with acme.entered(), pytest.raises(IntegrityError, match="resolution_second_person"), transaction.atomic():
            connection.cursor().execute(sql.format(decider), [proposal.id])


def test_the_database_refuses_a_proposal_without_evidence_and_a_second_open_one(acme, lost):
    fields = {"payment_id": lost, "outcome": "failed", "reason": "x", "proposed_by": "y", "proposed_by_user": 1}
    with acme.entered():
        with pytest.raises(IntegrityError, match="resolution_has_evidence"), transaction.atomic():
            Resolution.objects.create(evidence="", **fields)
        propose(acme, lost)
        with pytest.raises(IntegrityError, match="resolution_one_open"), transaction.atomic():
            Resolution.objects.create(evidence="z", **fields)


def test_without_reason_or_evidence_nothing_is_proposed(acme, lost):
    for reason, evidence in (("", "x"), ("x", "  ")):
        with acme.entered(), pytest.raises(Refusal):
            resolutions.propose(
                payment_id=lost, livemode=False, outcome="failed", reason=reason, evidence=evidence,
                person=person(acme),
            )  # fmt: skip
    with acme.entered():
        assert not Resolution.objects.exists()


def test_only_an_unknown_one_is_settled_and_only_in_its_mode(acme, mtn, lost):
    mtn.behave()
    known = acme.pay().json()["id"]
    run_jobs()
    with pytest.raises(InvalidState):
        propose(acme, known)
    with acme.entered(), pytest.raises(NotFound):
        resolutions.propose(
            payment_id=lost, livemode=True, outcome="failed", reason="x", evidence="y", person=person(acme)
        )


def test_a_rejected_or_withdrawn_proposal_leaves_it_unknown_and_makes_room_for_another(acme, lost):
    first = propose(acme, lost)
    with acme.entered():
        with pytest.raises(Refusal):
            resolutions.reject(resolution_id=first.id, livemode=False, note=" ", person=person(acme, "owner"))
        resolutions.reject(resolution_id=first.id, livemode=False, note="No ticket.", person=person(acme, "owner"))
    second = propose(acme, lost)
    with acme.entered():
        with pytest.raises(Refusal):
            resolutions.withdraw(resolution_id=second.id, livemode=False, person=person(acme, "owner"))
        resolutions.withdraw(resolution_id=second.id, livemode=False, person=person(acme))
    with pytest.raises(InvalidState):
        approve(acme, second)
    assert [state_of(acme, each) for each in (first, second)] == ["rejected", "withdrawn"]
    assert acme.payment(lost).status == "unknown"


def test_what_was_sent_a_moment_ago_can_be_neither_proposed_nor_settled_yet(acme, mtn, lost):
    with acme.entered():
        Transaction.objects.update(last_sent_at=timezone.now())
    with pytest.raises(InvalidState, match="still be on its way"):
        propose(acme, lost)
    let_settle(acme)
    proposal = propose(acme, lost)
    with acme.entered():
        Transaction.objects.update(last_sent_at=timezone.now())
    with pytest.raises(InvalidState, match="still be on its way"):
        approve(acme, proposal)
    assert state_of(acme, proposal) == "proposed"


def test_evidence_from_before_it_was_sent_again_settles_nothing(committed, mtn):
    """Not committed row by row, the database's clock would stand still between the proposal and the second send."""
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    mtn.misbehave(operation="lookup", answer="error_500")
    payment_id = committed.pay(phone=PHONE).json()["id"]
    run_jobs()
    let_settle(committed)
    proposal = propose(committed, payment_id, "failed")  # MTN's staff did not find it, which was true then
    mtn.behave()
    while not operation_of(committed, payment_id).may_resend:
        jobs.run_due()
        let_time_pass()
        let_settle(committed)
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="now", approve_seconds=None)
    mtn.misbehave(operation="lookup", answer="error_500")
    while operation_of(committed, payment_id).sends < 2:
        run_jobs(rounds=2)
    with committed.entered():
        Resolution.objects.update(proposed_at=timezone.now() - timedelta(hours=2))
    let_settle(committed)
    assert committed.payment(payment_id).status == "unknown"
    with pytest.raises(InvalidState, match="again after this was proposed"):
        approve(committed, proposal)
    assert committed.payment(payment_id).status == "unknown"


def operation_of(merchant, payment_id):
    with merchant.entered():
        return Transaction.objects.get(payment_id=payment_id)


def test_the_providers_word_overtakes_the_proposal(acme, mtn, lost):
    proposal = propose(acme, lost, "failed")
    mtn.behave()
    mtn.approve_all()
    run_jobs(rounds=2)
    assert acme.payment(lost).status == "succeeded"
    assert state_of(acme, proposal) == "overtaken"
    assert ("resolution.overtaken", "ok") in audited(acme, lost)
    with pytest.raises(InvalidState, match="own word came first"):
        approve(acme, proposal)


def test_a_provider_that_turns_out_to_have_it_overtakes_the_proposal_too(acme, mtn, lost):
    proposal = propose(acme, lost, "failed")
    mtn.behave()
    run_jobs(rounds=2)
    assert acme.payment(lost).status == "processing"
    assert state_of(acme, proposal) == "overtaken"


@pytest.mark.parametrize("first", ["person", "provider"])
def test_of_an_approval_and_the_providers_word_at_the_same_time_one_wins_whole(committed, mtn, first):
    """The other side runs while the first holds the payment's lock, and waits for it."""
    lost = lost_payment(committed, mtn)
    proposal = propose(committed, lost, "failed")
    with committed.entered():
        payment = committed.payment(lost)
        operation = payment.transactions.get()
    word = Outcome(Kind.SUCCEEDED, amount=payment.amount, currency="ZMW", phone=payment.phone, message="It moved.")
    troubles: list[str] = []

    def provider_speaks():
        with committed.entered():
            apply_outcome(transaction_id=operation.id, outcome=word, source=Source.POLL)

    def people_approve():
        try:
            approve(committed, proposal)
        except InvalidState as error:
            troubles.append(error.detail)

    winner, loser = (people_approve, provider_speaks) if first == "person" else (provider_speaks, people_approve)
    thread = threading.Thread(target=closing(loser))
    real = reconciliation.decide

    def decide_while_the_other_waits(*args):
        if not thread.ident:
            thread.start()
            wait_until_the_other_waits_for_us()
        return real(*args)

    with patch.object(reconciliation, "decide", decide_while_the_other_waits):
        winner()
        thread.join(timeout=30)
    assert committed.payment(lost).status == "succeeded"  # what the provider says is never lost
    assert state_of(committed, proposal) == ("approved" if first == "person" else "overtaken")
    assert alarms(committed, lost) == (["paid after failed"] if first == "person" else [])
    assert bool(troubles) == (first == "provider")


def closing(work):
    """For a thread: its connection goes with it."""

    def run():
        try:
            work()
        finally:
            connection.close()

    return run


def wait_until_the_other_waits_for_us():
    def the_other_waits():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)) LIMIT 1"
            )
            return cursor.fetchone()

    eventually(the_other_waits)


def test_a_success_after_it_was_settled_as_failed_is_taken_and_alarms(acme, mtn, lost):
    approve(acme, propose(acme, lost, "failed"))
    assert acme.payment(lost).next_check_at is not None
    mtn.behave()
    mtn.approve_all()
    run_jobs(rounds=2)
    assert acme.payment(lost).status == "succeeded"
    assert alarms(acme, lost) == ["paid after failed"]


def test_a_failure_after_it_was_settled_as_succeeded_alarms_once_and_the_money_stays_booked(acme, mtn, lost):
    approve(acme, propose(acme, lost))
    mtn.behave()
    mtn.decline_all()
    run_jobs(rounds=8)
    assert acme.payment(lost).status == "succeeded"
    assert alarms(acme, lost) == ["the provider contradicts the success: it says failed"]


def test_a_provider_without_any_record_contradicts_a_success_too(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    mtn.misbehave(operation="lookup", times=1, answer="error_500")
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    let_settle(acme)
    approve(acme, propose(acme, payment_id))
    run_jobs(rounds=8)
    assert alarms(acme, payment_id) == ["the provider contradicts the success: it has no record of it"]


def test_a_provider_that_agrees_leaves_no_alarm_and_is_left_in_peace_in_the_end(acme, mtn, lost):
    approve(acme, propose(acme, lost))
    mtn.behave()
    mtn.approve_all()
    run_jobs(rounds=10)
    payment = acme.payment(lost)
    assert (payment.status, payment.attention_at, payment.next_check_at) == ("succeeded", None, None)
    assert alarms(acme, lost) == []


def test_what_was_settled_is_never_sent_again(acme, mtn, lost):
    """The engine had proven that it may send again, and the job that would was waiting."""
    with acme.entered():
        Transaction.objects.update(may_resend=True)
        jobs.add(kind="dispatch", tenant_id=acme.tenant.pk, subject=lost, lane="mtn", once=True)
    before = mtn.sends(PHONE)
    approve(acme, propose(acme, lost, "failed"))
    run_jobs(rounds=4)
    assert mtn.sends(PHONE) == before
    assert acme.payment(lost).status == "failed"


def test_payouts_are_settled_the_same_way(acme, mtn):
    mtn.misbehave(operation="transfer", times=1, answer="reset", executes="now", approve_seconds=None)
    mtn.misbehave(operation="lookup", answer="error_500")
    payout = acme.pay_out().json()["id"]
    run_jobs()
    let_settle(acme)
    assert acme.payment(payout).status == "unknown"
    approve(acme, propose(acme, payout))
    assert acme.payment(payout).status == "succeeded"
    with acme.entered():
        assert LedgerEntry.objects.filter(object_id=payout, account="paid_out").exists()


def test_another_merchant_knows_no_such_proposal(acme, globex, lost):
    proposal = propose(acme, lost)
    with pytest.raises(NotFound):
        approve(globex, proposal)

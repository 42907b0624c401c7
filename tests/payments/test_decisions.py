"""The decision table: what an outcome may and may not do to a payment."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from payments.decisions import Facts, decide
from payments.models import AuditEntry, Payment, Transaction
from payments.plan import FOLLOW_UP_SECONDS
from payments.reconciliation import Source, _most_sends, apply_outcome
from payments.states import FINAL, TRANSITIONS, Status
from providers.base import Kind, Outcome
from tenants.models import Job
from tests.world import let_time_pass, run_jobs

FACTS = Facts(
    status=Status.PROCESSING,
    is_answer=True,
    was_answered=False,
    may_have_arrived=True,
    earlier_send_is_open=False,
    is_settled=False,
    not_found_count=0,
    sends=1,
    most_sends=5,
    refuses_duplicates=True,
    matches=True,
)
LOOKUP = replace(FACTS, is_answer=False)
SENT = (Status.PROCESSING, Status.UNKNOWN, Status.SUCCEEDED, Status.FAILED)
BOOLEANS = (False, True)


def every_case():
    flags: Any = product(SENT, Kind, *[BOOLEANS] * 6, (0, 1, 2, 9), (1, 5), (None, 1.0))
    for status, kind, answer, answered, arrived, earlier, settled, matches, lost, sends, pause in flags:
        facts = Facts(status, answer, answered, arrived, earlier, settled, lost, sends, 5, True, matches)
        yield Outcome(kind, code="provider_error", retry_after_seconds=pause), facts


def is_believed_not_found(outcome, facts):
    settled = facts.is_settled and facts.not_found_count >= 2
    return outcome.kind == Kind.NOT_FOUND and settled and not facts.was_answered


def test_no_combination_asks_for_an_illegal_transition():
    for outcome, facts in every_case():
        to = decide(outcome, facts).to
        assert to is None or (facts.status, to) in TRANSITIONS


def test_a_payment_fails_only_by_an_explicit_word_or_proof_that_nothing_was_sent():
    for outcome, facts in every_case():
        if decide(outcome, facts).to == Status.FAILED:
            never_arrived = outcome.kind == Kind.REFUSED and not facts.may_have_arrived
            explicit = outcome.kind == Kind.FAILED and not facts.earlier_send_is_open
            assert explicit or never_arrived or is_believed_not_found(outcome, facts)


def test_a_payment_succeeds_only_by_an_explicit_word_about_what_we_asked_for():
    for outcome, facts in every_case():
        if decide(outcome, facts).to == Status.SUCCEEDED:
            assert outcome.kind == Kind.SUCCEEDED
            assert facts.matches


def test_it_is_sent_again_only_after_a_refusal_or_a_settled_and_repeated_not_found():
    for outcome, facts in every_case():
        if decide(outcome, facts).resend_after_seconds is not None:
            assert facts.status not in FINAL
            assert facts.sends < facts.most_sends
            assert outcome.kind == Kind.REFUSED or is_believed_not_found(outcome, facts)


def test_money_that_moved_stays_moved():
    for outcome, facts in every_case():
        if facts.status == Status.SUCCEEDED:
            assert decide(outcome, facts).to is None


def test_a_late_success_after_a_failure_is_taken_and_raises_an_alarm():
    decision = decide(Outcome(Kind.SUCCEEDED), replace(LOOKUP, status=Status.FAILED))
    assert (decision.to, decision.alarm) == (Status.SUCCEEDED, "paid after failed")


def test_a_late_failure_cannot_undo_a_success_but_raises_an_alarm():
    decision = decide(Outcome(Kind.FAILED, code="unspecified"), replace(LOOKUP, status=Status.SUCCEEDED))
    assert decision.to is None
    assert decision.alarm


def test_a_success_for_another_amount_is_not_believed():
    decision = decide(Outcome(Kind.SUCCEEDED), replace(LOOKUP, matches=False))
    assert decision.to == Status.UNKNOWN
    assert decision.alarm


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.UNKNOWN])
def test_a_lost_answer_is_unknown_and_never_failed(status):
    decision = decide(Outcome(Kind.UNKNOWN), replace(FACTS, status=status))
    assert decision.to == (Status.UNKNOWN if status == Status.PROCESSING else None)


def test_a_failing_lookup_says_nothing_about_a_payment_that_was_accepted():
    assert decide(Outcome(Kind.UNKNOWN), replace(LOOKUP, was_answered=True)).to is None


def test_not_found_right_after_the_call_proves_nothing():
    decision = decide(Outcome(Kind.NOT_FOUND), replace(LOOKUP, not_found_count=0))
    assert (decision.to, decision.resend_after_seconds) == (Status.UNKNOWN, None)


def test_not_found_after_an_acceptance_needs_a_person():
    facts = replace(LOOKUP, was_answered=True, is_settled=True, not_found_count=5)
    decision = decide(Outcome(Kind.NOT_FOUND), facts)
    assert decision.resend_after_seconds is None
    assert decision.alarm


def test_a_refusal_for_good_fails_a_payment_that_never_arrived():
    decision = decide(Outcome(Kind.REFUSED, code="credentials_rejected"), replace(FACTS, may_have_arrived=False))
    assert decision.to == Status.FAILED
    assert decision.failure is not None
    assert decision.failure.code == "credentials_rejected"


def test_a_refusal_says_nothing_about_an_earlier_send_that_may_have_arrived():
    decision = decide(Outcome(Kind.REFUSED, code="provider_error"), replace(FACTS, sends=5))
    assert decision.to == Status.UNKNOWN


def test_a_refusal_that_may_be_taken_back_is_repeated_only_where_duplicates_are_refused():
    outcome = Outcome(Kind.REFUSED, code="provider_error", retry_after_seconds=1.0, low_trust=True)
    assert decide(outcome, FACTS).resend_after_seconds == 1.0
    assert decide(outcome, replace(FACTS, refuses_duplicates=False)).resend_after_seconds is None


def test_believed_not_found_after_the_last_try_is_a_safe_failure():
    facts = replace(LOOKUP, status=Status.UNKNOWN, sends=5, is_settled=True, not_found_count=2)
    decision = decide(Outcome(Kind.NOT_FOUND), facts)
    assert decision.to == Status.FAILED
    assert decision.failure is not None
    assert decision.failure.retry_safe


def test_a_failure_of_a_second_send_says_nothing_about_the_first():
    facts = replace(FACTS, sends=2, earlier_send_is_open=True)
    decision = decide(Outcome(Kind.FAILED, code="payer_not_found", retry_safe=True), facts)
    assert (decision.to, decision.transaction_state) == (Status.UNKNOWN, "")


def test_a_refusal_that_could_be_repeated_is_not_while_the_last_try_is_over():
    outcome = Outcome(Kind.REFUSED, code="provider_error", retry_after_seconds=1.0)
    decision = decide(outcome, replace(FACTS, may_have_arrived=False, sends=5, most_sends=5))
    assert (decision.to, decision.resend_after_seconds) == (Status.FAILED, None)


@pytest.mark.parametrize(("kind", "most"), [("collection", 5), ("payout", 8), ("refund", 8)])
def test_money_out_and_back_may_be_sent_once_more_for_every_certain_refusal(kind, most, settings):
    settings.RETRY_MAX_ATTEMPTS = 5
    assert _most_sends(Payment(kind=kind), Transaction(sends=3, refusals=3)) == most


# --- what people settle


@pytest.fixture
def lost(acme, mtn):
    """A payment whose answer was lost. MTN has it and has not decided."""
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="now", approve_seconds=None)
    payment_id = acme.pay().json()["id"]
    run_jobs()
    assert acme.payment(payment_id).status == Status.UNKNOWN
    return payment_id


def settle(merchant, payment_id, kind):
    """As two people do, once they have agreed."""
    with merchant.entered():
        payment = merchant.payment(payment_id)
        code = "unspecified" if kind == Kind.FAILED else ""
        apply_outcome(
            transaction_id=payment.transactions.get().id, source=Source.PERSON, actor="mary and john",
            outcome=Outcome(kind, code=code, amount=payment.amount, currency=payment.currency),
        )  # fmt: skip
        return payment.transactions.get().follow_ups_left


def alarms(merchant):
    with merchant.entered():
        return list(AuditEntry.objects.filter(action="payment.alarm").values_list("reason", flat=True))


@pytest.mark.parametrize("kind", [Kind.SUCCEEDED, Kind.FAILED])
def test_what_people_settle_is_final_and_the_provider_is_asked_on(acme, lost, kind):
    assert settle(acme, lost, kind) == len(FOLLOW_UP_SECONDS)
    assert acme.payment(lost).status == kind
    assert Job.objects.filter(kind="poll", subject=lost).exists()


def test_what_people_called_failed_and_the_provider_carried_out_is_taken_back(acme, mtn, lost):
    settle(acme, lost, Kind.FAILED)
    mtn.approve_all()
    let_time_pass()
    run_jobs()
    assert acme.payment(lost).status == Status.SUCCEEDED
    assert alarms(acme) == ["paid after failed"]


def test_what_people_called_succeeded_and_the_provider_failed_stays_and_alarms(acme, mtn, lost):
    settle(acme, lost, Kind.SUCCEEDED)
    mtn.decline_all()
    let_time_pass()
    run_jobs()
    assert acme.payment(lost).status == Status.SUCCEEDED
    assert alarms(acme) == ["the provider contradicts the success: it says failed"]


def test_what_the_provider_confirms_needs_no_alarm(acme, mtn, lost):
    settle(acme, lost, Kind.SUCCEEDED)
    mtn.approve_all()
    run_jobs(rounds=8)
    assert alarms(acme) == []
    assert not Job.objects.filter(kind="poll", subject=lost).exists()

"""Payouts and refunds through every class of outcome: said, refused, held, lost and taken back."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from payments.callback_urls import callback_url
from payments.models import AuditEntry, LedgerEntry, ProviderAccount
from payments.services import cancel_payment
from tenants.models import Circuit
from tests.world import let_settle, run_jobs

PHONE = "+260966000123"
PATHS = {"payout": "/v1/payouts", "refund": "/v1/refunds"}
OPERATIONS = {"payout": "transfer", "refund": "refund"}


@pytest.fixture
def paid(acme, mtn):
    """K 150.00, collected."""
    payment = acme.pay(phone=PHONE).json()
    run_jobs(rounds=3)
    return payment


@pytest.fixture(params=["payout", "refund"])
def out(request, acme, mtn, paid):
    """Asks for K 50.00 out or back when called, and says which with `kind`."""

    class Out:
        kind = request.param
        operation = OPERATIONS[kind]

        def ask(self):
            fields = {"amount": "50.00"}
            answer = acme.pay_out(phone=PHONE, **fields) if self.kind == "payout" else acme.refund(paid["id"], **fields)
            assert answer.status_code == 201, answer.content
            return answer.json()["id"]

        def now(self, object_id):
            return acme.api("GET", f"{PATHS[self.kind]}/{object_id}").json()

        def status(self, object_id):
            return self.now(object_id)["status"]

        def times_moved(self):
            return mtn.times_paid_out(PHONE) if self.kind == "payout" else mtn.times_refunded(PHONE)

        def sends(self):
            return sum(each["operation"] == self.operation for each in mtn._simulator.requests.entries())

    return Out()


def booked(merchant, object_id):
    """Account → amount of the lines that belong to it."""
    with merchant.entered():
        return dict(LedgerEntry.objects.filter(object_id=object_id).values_list("account", "amount"))


def alarms(merchant, object_id):
    with merchant.entered():
        found = AuditEntry.objects.filter(action="payment.alarm", target=object_id).order_by("position")
        return list(found.values_list("reason", flat=True))


def test_a_success_moves_the_money_once_and_is_booked(acme, mtn, out):
    wish = out.ask()
    run_jobs(rounds=3)
    assert (out.status(wish), out.times_moved()) == ("succeeded", 1)
    contra = "paid_out" if out.kind == "payout" else "refunded"
    assert booked(acme, wish) == {"provider_balance": Decimal("-50.00"), contra: Decimal("50.00")}


def test_an_explicit_failure_is_final_says_why_and_books_nothing(acme, mtn, out):
    mtn.misbehave(operation=out.operation, approve_seconds=None)
    wish = out.ask()
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    failure = out.now(wish)["failure"]
    assert (out.status(wish), failure["code"]) == ("failed", "provider_rejected")
    assert failure["provider_code"] == "APPROVAL_REJECTED"
    assert booked(acme, wish) == {}
    assert out.times_moved() == 0


def test_a_refusal_before_acceptance_is_sent_again_under_the_same_reference(acme, mtn, out):
    mtn.misbehave(operation=out.operation, times=1, answer="rate_limited", executes="never")
    wish = out.ask()
    run_jobs()
    assert out.status(wish) == "processing"
    run_jobs(rounds=4)
    assert (out.status(wish), out.times_moved(), out.sends()) == ("succeeded", 1, 2)
    with acme.entered():
        assert acme.payment(wish).transactions.count() == 1


def test_it_outlasts_more_refusals_than_a_payment_would(acme, mtn, out, settings):
    settings.RETRY_MAX_ATTEMPTS = 2
    mtn.misbehave(operation=out.operation, times=6, answer="rate_limited", executes="never")
    wish = out.ask()
    run_jobs(rounds=10)
    assert (out.status(wish), out.times_moved(), out.sends()) == ("succeeded", 1, 7)


def test_it_waits_through_an_outage_however_long_and_then_goes(acme, mtn, out, settings):
    settings.CIRCUIT_FAILURES = 1
    mtn.misbehave(operation=out.operation, answer="html_503", executes="never")
    mtn.misbehave(operation="lookup", answer="html_503")
    first = out.ask()
    run_jobs()
    assert Circuit.objects.get(tenant=acme.tenant, operation=out.operation).state == "open"
    held = out.ask()
    run_jobs(rounds=6)
    assert (out.status(held), out.now(held)["held_since"] is not None) == ("pending", True)
    mtn.behave()
    let_settle(acme)
    run_jobs(rounds=12)
    assert (out.status(first), out.status(held), out.times_moved()) == ("succeeded", "succeeded", 2)


def test_what_is_held_can_be_withdrawn_and_never_goes(acme, mtn, out, settings):
    settings.CIRCUIT_FAILURES = 1
    mtn.misbehave(operation=out.operation, times=1, answer="bad_gateway_502", executes="never")
    out.ask()
    run_jobs()
    held = out.ask()
    run_jobs()
    with acme.entered():
        cancel_payment(payment_id=held, livemode=False, actor="test")
    let_settle(acme)
    run_jobs(rounds=8)
    assert (out.status(held), out.times_moved()) == ("canceled", 1)


@pytest.mark.parametrize("answer", ["reset", "timeout_504", "error_500", "garbage"])
def test_a_lost_answer_is_unknown_first_and_then_what_the_provider_says(acme, mtn, out, answer):
    mtn.misbehave(operation=out.operation, times=1, answer=answer, executes="now", approve_seconds=None)
    wish = out.ask()
    run_jobs()
    assert out.status(wish) == "unknown"
    mtn.approve_all()
    run_jobs(rounds=3)
    assert (out.status(wish), out.times_moved(), out.sends()) == ("succeeded", 1, 1)


def test_one_that_never_arrived_is_sent_again_only_once_that_is_proven(acme, mtn, out):
    mtn.misbehave(operation=out.operation, times=1, answer="reset", executes="never")
    wish = out.ask()
    run_jobs(rounds=4)
    assert (out.status(wish), out.sends()) == ("unknown", 1)
    let_settle(acme)
    run_jobs(rounds=4)
    assert (out.status(wish), out.times_moved(), out.sends()) == ("succeeded", 1, 2)


def test_one_that_arrives_late_after_it_was_sent_again_moves_once(acme, mtn, out):
    mtn.misbehave(operation=out.operation, times=1, answer="unavailable_503", executes="late", late_seconds=30)
    wish = out.ask()
    run_jobs(rounds=2)
    mtn.skip(31)
    run_jobs(rounds=4)
    assert (out.status(wish), out.times_moved(), out.sends()) == ("succeeded", 1, 2)


def test_a_second_send_that_is_refused_does_not_mean_that_the_first_was_taken(acme, mtn, settings):
    """Found by tests/model: it stayed unknown for ever, as if MTN had lost what it had accepted."""
    settings.RETRY_MAX_ATTEMPTS = 2
    mtn.misbehave(operation="transfer", scenario_on_post=True)
    mtn.misbehave(operation="transfer", times=1, answer="unavailable_503", executes="never", scenario_on_post=False)
    payout = acme.pay_out(phone="+260966000457").json()["id"]
    run_jobs(rounds=3)
    assert acme.payment(payout).status == "unknown"
    let_settle(acme)
    run_jobs(rounds=4)
    assert (acme.payment(payout).status, alarms(acme, payout)) == ("failed", [])


@pytest.fixture
def refunded_twice(acme, mtn, paid):
    """A refund failed, its money was refunded again, and then the first one moved after all. The ids of both."""
    mtn.misbehave(operation="refund", approve_seconds=None)
    first = acme.refund(paid["id"]).json()["id"]
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    mtn.behave()
    second = acme.refund(paid["id"]).json()["id"]
    run_jobs(rounds=3)
    mtn.change_its_mind(PHONE)
    call_back(acme, first)
    run_jobs()
    return first, second


def call_back(merchant, object_id):
    """MTN says that it succeeded."""
    with merchant.entered():
        operation = merchant.payment(object_id).transactions.get()
    url = callback_url(provider="mtn", merchant=merchant.tenant.public_id, place=operation.id)
    assert merchant.anonymous("PUT", url.split("8000", 1)[-1], {"status": "SUCCESSFUL"}).status_code == 200


def test_a_refund_that_moved_after_it_had_failed_is_booked_as_an_excess_and_alarms(acme, mtn, paid, refunded_twice):
    first, second = refunded_twice
    assert acme.payment(first).status == acme.payment(second).status == "succeeded"
    original = acme.payment(paid["id"])
    assert (original.amount_refunded, original.refund_excess) == (Decimal("300.00"), Decimal("150.00"))
    assert booked(acme, first) == booked(acme, second)
    assert alarms(acme, first) == ["paid after failed"]
    assert acme.payment(first).attention_at is not None
    assert mtn.times_refunded(PHONE) == 2


def test_after_an_excess_nothing_more_can_be_refunded(acme, mtn, paid, refunded_twice):
    assert acme.refund(paid["id"], amount="0.01").status_code == 409


def test_a_refund_goes_to_the_account_that_collected_even_after_that_was_retired(acme, mtn, paid):
    acme.connect(base_url=acme.simulator_url, name="another")
    refund = acme.refund(paid["id"]).json()["id"]
    run_jobs(rounds=3)
    assert acme.payment(refund).status == "succeeded"
    with acme.entered():
        collected_with = acme.payment(paid["id"]).transactions.get().account_id
        assert acme.payment(refund).transactions.get().account_id == collected_with
        assert ProviderAccount.objects.get(pk=collected_with).retired_at is not None
        lines = LedgerEntry.objects.filter(object_id=refund)
        assert {line.provider_account_id for line in lines} == {collected_with}


def test_a_payment_of_the_other_mode_or_of_another_merchant_cannot_be_refunded(acme, globex, mtn, paid):
    assert acme.refund(paid["id"], key=acme.live_key).status_code == 404
    assert globex.refund(paid["id"]).status_code == 404
    run_jobs(rounds=2)
    assert mtn.times_refunded(PHONE) == 0


def test_an_excess_is_gone_when_the_refund_that_made_it_one_fails_and_leaves_no_room_behind(acme, mtn, paid):
    mtn.misbehave(operation="refund", approve_seconds=None)
    first = acme.refund(paid["id"], amount="100.00").json()["id"]
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    second = acme.refund(paid["id"], amount="100.00").json()["id"]
    run_jobs()
    mtn.change_its_mind(PHONE)
    call_back(acme, first)
    run_jobs()
    assert acme.payment(paid["id"]).refund_excess == Decimal("50.00")
    mtn.decline_all()
    run_jobs(rounds=2)
    original = acme.payment(paid["id"])
    assert (acme.payment(second).status, original.refund_excess) == ("failed", Decimal("0.00"))
    assert original.amount_refundable == Decimal("50.00")
    with acme.entered(), connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE payments_payment SET amount_reserved = 50.01 WHERE id = %s", [paid["id"]])

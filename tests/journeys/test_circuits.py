"""A provider that is down: no request reaches it but probes, payers are told at once, and money out waits."""

import time
from contextlib import ExitStack
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from api.key_cache import keys
from payments import circuits
from payments.circuit_overrides import override_circuit
from payments.create import Caller, NewPayment, create_payout
from payments.errors import NotFound, Refusal
from payments.models import AuditEntry, Event, Payment, ProviderAccount, Transaction
from payments.money import parse_money
from payments.polling import look_up
from payments.reconciliation import Source
from payments.retry_budget import EARNED_PER_SECOND, MOST_SAVED
from payments.services import cancel_payment
from providers.base import Kind, Outcome
from providers.mtn.adapter import PROBE_REFERENCE
from tenants import jobs
from tenants.models import Circuit, Job
from tests.world import let_settle, let_time_pass, run_jobs

PHONE = "+260966000123"
PAYOUTS = frozenset({("mtn", "transfer")})


@pytest.fixture(autouse=True)
def slow_to_hear(settings):
    """The process hears of a circuit only when `fresh_keys` says so, not when a second happens to be over."""
    settings.API_KEY_CACHE_SECONDS = 600


def pay_out(merchant, **fields):
    """A payout through the door that the API uses. Returns its id."""
    new = NewPayment(
        money=parse_money("50.00", "ZMW"), phone=PHONE.lstrip("+"), network="mtn", provider="mtn", reference=None,
        description="", metadata={}, **fields,
    )  # fmt: skip
    caller = Caller(
        tenant_id=merchant.tenant.pk, schema=merchant.tenant.schema_name, livemode=False, actor="test",
        routes=PAYOUTS, blocked=frozenset(), ip="", request_id="",
    )  # fmt: skip
    return create_payout(caller=caller, new=new, key=uuid4().hex, request={}).object_id


def break_down(mtn, operation="collect"):
    """From now on, whatever is asked of this operation, and every look-up, is answered with 502."""
    mtn.misbehave(operation=operation, answer="bad_gateway_502")
    mtn.misbehave(operation="lookup", answer="bad_gateway_502")


def open_circuit(merchant, mtn):
    """Five payments in a row meet a network that is down."""
    break_down(mtn)
    ids = [merchant.pay().json()["id"] for _ in range(5)]
    for _ in ids:
        jobs.run(due("dispatch"))
    assert circuit(merchant).state == "open"
    return ids


def recover(mtn):
    """The network is back, and the next probe finds out."""
    mtn.behave()
    let_time_pass()
    jobs.run(due("probe"))


def due(kind):
    """The next due job, which has to be of this kind."""
    while (job := jobs.claim()) is not None:
        if job.kind == kind:
            return job
        jobs.run(job)
    raise AssertionError(f"no {kind} is due")


def circuit(merchant, operation="collect"):
    return Circuit.objects.get(tenant=merchant.tenant, operation=operation, livemode=False)


def fresh_keys():
    """The next request looks at the circuits again, as every request does within a second."""
    keys.forget()


def account_of(merchant):
    with merchant.entered():
        return ProviderAccount.objects.get(livemode=False, retired_at=None)


def events(merchant):
    with merchant.entered():
        return list(
            Event.objects.filter(type__startswith="provider.").order_by("position").values_list("type", flat=True)
        )


def test_five_failures_in_a_row_open_it_and_a_payer_is_told_at_once(acme, mtn):
    open_circuit(acme, mtn)
    fresh_keys()
    answer = acme.pay(reference="INV-7")
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    with acme.entered():
        assert not Payment.objects.filter(reference="INV-7").exists()
    assert events(acme) == ["provider.down"]


def test_while_it_is_open_a_replay_is_still_answered(acme, mtn):
    first = acme.pay(idempotency_key="order-1")
    open_circuit(acme, mtn)
    fresh_keys()
    again = acme.pay(idempotency_key="order-1")
    assert (again.status_code, again.content) == (201, first.content)


def test_while_it_is_open_only_probes_reach_the_network(acme, mtn, simulator):
    open_circuit(acme, mtn)
    acme.pay()  # accepted by a process that has not heard of it yet
    simulator.requests.clear()
    run_jobs(rounds=8)
    asked = [each["path"].rpartition("/")[2] for each in simulator.requests.entries()]
    assert set(asked) == {PROBE_REFERENCE}


def test_one_answered_probe_closes_it_and_what_waited_goes_on(acme, mtn):
    ids = open_circuit(acme, mtn)
    waiting = acme.pay().json()["id"]
    run_jobs()
    with acme.entered():
        assert Payment.objects.get(pk=waiting).held_at
    recover(mtn)
    assert circuit(acme).state == "closed"
    run_jobs()
    let_settle(acme)
    run_jobs(rounds=8)
    with acme.entered():
        ended = Payment.objects.filter(pk__in=[*ids, waiting]).values_list("status", flat=True)
        assert set(ended) == {"succeeded"}
    assert events(acme) == ["provider.down", "provider.recovered"]
    assert mtn.times_charged(PHONE) == 6


def test_after_a_recovery_the_next_failure_opens_it_again(acme, mtn):
    open_circuit(acme, mtn)
    recover(mtn)
    break_down(mtn)
    fresh_keys()
    acme.pay()
    jobs.run(due("dispatch"))
    assert circuit(acme).state == "open"


def test_a_failed_probe_leaves_it_open_and_plans_the_next_one(acme, mtn):
    open_circuit(acme, mtn)
    let_time_pass()
    jobs.run(due("probe"))
    assert circuit(acme).state == "open"
    waiting = Job.objects.get(kind="probe")
    assert waiting.claim_token is None
    assert events(acme) == ["provider.down"]


def test_a_worker_killed_during_its_probe_leaves_the_next_one_to_another(acme, mtn):
    open_circuit(acme, mtn)
    let_time_pass()
    due("probe")  # claimed and never run: its worker is dead
    Circuit.objects.update(state="half-open")
    mtn.behave()
    let_time_pass()  # the lease has ended
    jobs.run(due("probe"))
    assert circuit(acme).state == "closed"


def test_what_the_provider_refuses_on_business_grounds_opens_nothing(acme, mtn):
    for _ in range(8):
        acme.pay(phone="+260966000451")
    run_jobs(rounds=3)
    assert not Circuit.objects.exclude(state="closed").exists()


def test_a_success_between_failures_starts_the_count_anew(acme, mtn):
    mtn.misbehave(operation="collect", answer="bad_gateway_502", times=4)
    for _ in range(4):
        acme.pay()
        jobs.run(due("dispatch"))
    acme.pay()
    jobs.run(due("dispatch"))
    assert (circuit(acme).state, circuit(acme).failures) == ("closed", 0)


def test_another_merchant_and_another_operation_are_not_touched(acme, globex, mtn):
    open_circuit(acme, mtn)
    fresh_keys()
    assert globex.pay().status_code == 201
    mtn.behave()
    payout = pay_out(acme)
    run_jobs(rounds=3)
    with acme.entered():
        assert Payment.objects.get(pk=payout).status == "succeeded"


def test_a_payout_waits_for_its_network_and_can_be_canceled_meanwhile(acme, mtn):
    account = account_of(acme)
    with acme.entered():
        force(account, "open", operation="transfer")
    waits, withdrawn = pay_out(acme), pay_out(acme)
    run_jobs(rounds=2)
    with acme.entered():
        held = Payment.objects.get(pk=waits)
        assert (held.status, held.held_at is not None) == ("pending", True)
        cancel_payment(payment_id=withdrawn, livemode=False, actor="test")
        force(account, "", operation="transfer")
    run_jobs(rounds=4)
    with acme.entered():
        assert Payment.objects.get(pk=waits).status == "succeeded"
        assert Payment.objects.get(pk=withdrawn).status == "canceled"
    assert mtn.times_paid_out(PHONE) == 1


def force(account, to, *, operation="collect"):
    override_circuit(
        account_id=account.id, livemode=account.livemode, operation=operation, to=to, reason="maintenance", actor="mary"
    )


def test_a_person_can_stop_an_account_and_let_it_through_again_and_both_are_audited(acme, mtn):
    account = account_of(acme)
    with acme.entered():
        force(account, "open")
    fresh_keys()
    assert acme.pay().status_code == 503
    with acme.entered():
        force(account, "")
    fresh_keys()
    assert acme.pay().status_code == 201
    with acme.entered():
        trail = AuditEntry.objects.filter(target=account.id, actor="mary").order_by("position")
        assert [(entry.action, entry.reason) for entry in trail] == [
            ("provider.down", "maintenance"), ("provider.recovered", "maintenance"),
        ]  # fmt: skip


def test_an_account_that_a_person_lets_through_is_called_whatever_happens(acme, mtn):
    with acme.entered():
        force(account_of(acme), "closed")
    break_down(mtn)
    for _ in range(7):
        acme.pay()
    run_jobs()
    assert mtn.sends(PHONE) == 7


@pytest.mark.parametrize(("fields", "refusal"), [({"account_id": "pa_nothing"}, NotFound), ({"reason": " "}, Refusal)])
def test_an_override_needs_an_account_and_a_reason(acme, fields, refusal):
    with acme.entered():
        wish = {
            "account_id": account_of(acme).id, "livemode": False, "operation": "collect", "to": "open",
            "reason": "maintenance", "actor": "mary", **fields,
        }  # fmt: skip
        with pytest.raises(refusal):
            override_circuit(**wish)


def test_a_straggler_from_before_the_outage_does_not_open_it_again_after_it(acme, mtn):
    with ExitStack() as inside:

        def begin_before_and_fail_after_the_outage():
            open_circuit(acme, mtn)
            recover(mtn)
            inside.enter_context(acme.entered())  # which the requests above have left
            return Outcome(Kind.UNKNOWN, trouble=True)

        inside.enter_context(acme.entered())
        before = circuits.load(circuits.key_of_account(account_of(acme), "collect"))
        circuits.call(before, begin_before_and_fail_after_the_outage)
    assert circuit(acme).state == "closed"


def test_resends_add_a_tenth_to_the_traffic_and_what_was_saved_before(acme, mtn):
    """Every request is refused and asks to be repeated; a person has forbidden the circuit to open."""
    with acme.entered():
        force(account_of(acme), "closed")
    mtn.misbehave(operation="collect", answer="unavailable_503", executes="never")
    offered, started = 60, time.monotonic()
    for _ in range(offered):
        acme.pay()
    run_jobs(rounds=6)
    trickled = (time.monotonic() - started) * EARNED_PER_SECOND
    assert offered < mtn.sends(PHONE) <= offered * 1.1 + MOST_SAVED + trickled + 1


def test_an_outage_is_met_with_fewer_requests_than_payments(acme, mtn, simulator):
    break_down(mtn)
    for _ in range(40):
        acme.pay()  # by a process that does not hear of the circuit
    run_jobs(rounds=3)
    assert sum(simulator.requests.counts().values()) <= 10


def test_lookups_that_work_do_not_hide_that_orders_fail(acme, mtn):
    """Each failed order is followed by a look-up of an earlier payment, which is answered."""
    earlier = acme.pay().json()["id"]
    run_jobs()
    mtn.misbehave(operation="collect", answer="unavailable_503", executes="never")
    for _ in range(5):
        with acme.entered():
            operation = Transaction.objects.get(payment_id=earlier)
            look_up(operation, livemode=False, source=Source.POLL, request_id="")
        acme.pay()
        jobs.run(due("dispatch"))
    assert circuit(acme).state == "open"


def test_a_network_that_answers_probes_and_no_orders_is_left_in_peace_for_longer_each_time(acme, mtn, settings):
    pauses = []
    mtn.misbehave(operation="collect", answer="unavailable_503", executes="never")
    for _ in range(8):
        acme.pay()
    run_jobs()
    for _ in range(3):
        assert circuit(acme).state == "open"
        pauses.append(seconds_until_due(Job.objects.get(kind="probe")))
        let_time_pass()
        jobs.run(due("probe"))
        acme.pay()
        run_jobs()
    first = settings.CIRCUIT_PROBE_SECONDS
    assert [round(pause / first) for pause in pauses] == [1, 2, 4]


def seconds_until_due(job):
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM due_at - now()) FROM tenants_job WHERE id = %s", [job.pk])
        return float(cursor.fetchone()[0])


def test_a_payer_who_waited_too_long_is_not_prompted_out_of_nowhere(acme, mtn):
    waiting = acme.pay(phone="+260966000999").json()["id"]
    with acme.entered():
        force(account_of(acme), "open")
    run_jobs()
    with acme.entered():
        assert Payment.objects.get(pk=waiting).held_at
        Payment.objects.filter(pk=waiting).update(held_at=timezone.now() - timedelta(minutes=3))
        force(account_of(acme), "")
    run_jobs(rounds=3)
    ended = acme.api("GET", f"/v1/payments/{waiting}").json()
    assert (ended["status"], ended["failure"]["code"], ended["failure"]["retry_safe"]) == (
        "failed", "provider_error", True,
    )  # fmt: skip
    assert mtn.sends("+260966000999") == 0

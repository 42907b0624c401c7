"""What becomes of a payment when answers and callbacks are lost, forged, early, late or doubled."""

import pytest

from payments import rescue
from payments.callback_urls import callback_url
from payments.models import AuditEntry, Callback, ProviderAccount
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tenants.models import Job
from tests.world import let_settle, run_jobs

PHONE = "+260966000123"


def status_of(merchant, payment_id):
    return merchant.api("GET", f"/v1/payments/{payment_id}").json()["status"]


@pytest.fixture
def paid_silently(acme, mtn):
    """A payment that MTN took and settled, while no callback came."""
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    return payment


def test_a_lost_callback_is_found_by_polling(acme, mtn, paid_silently):
    run_jobs(rounds=3)
    assert status_of(acme, paid_silently["id"]) == "succeeded"
    assert mtn.times_charged(PHONE) == 1


@pytest.mark.parametrize("answer", ["reset", "timeout_504", "error_500", "bad_gateway_502", "garbage"])
def test_a_lost_answer_is_unknown_first_and_then_what_the_provider_says(acme, mtn, answer):
    mtn.misbehave(operation="collect", times=1, answer=answer, executes="now", approve_seconds=None)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    assert status_of(acme, payment["id"]) == "unknown"
    mtn.approve_all()
    run_jobs(rounds=3)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert mtn.times_charged(PHONE) == 1


def test_a_request_that_never_arrived_is_sent_again_once_it_is_proven_and_charges_once(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    let_settle(acme)
    run_jobs(rounds=6)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert mtn.times_charged(PHONE) == 1


def test_before_the_settle_window_not_found_changes_nothing(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="never")
    payment = acme.pay(phone=PHONE).json()
    run_jobs(rounds=6)
    assert status_of(acme, payment["id"]) == "unknown"
    assert mtn.sends(PHONE) == 1


def test_a_request_that_arrives_after_it_was_believed_lost_and_sent_again_charges_once(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="late", late_seconds=0.5)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    let_settle(acme)
    run_jobs(rounds=4)
    assert mtn.sends(PHONE) == 2
    mtn.wait_for_late_arrivals()
    run_jobs(rounds=3)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert mtn.times_charged(PHONE) == 1


def test_a_provider_that_cannot_be_reached_is_tried_again_and_then_fails_safely(acme, closed_port, settings):
    settings.RETRY_MAX_ATTEMPTS = 3
    acme.connect(base_url=closed_port)
    payment = acme.pay(phone=PHONE).json()
    run_jobs(rounds=8)
    payment = acme.api("GET", f"/v1/payments/{payment['id']}").json()
    assert payment["status"] == "failed"
    assert payment["failure"]["retry_safe"] is True


def test_a_refusal_of_a_second_send_does_not_end_what_the_first_may_still_do(acme, mtn):
    phone = "+260966111455"
    mtn.misbehave(operation="collect", scenario_on_post=True, approve_seconds=None)
    mtn.misbehave(
        operation="collect",
        times=1,
        answer="unavailable_503",
        executes="late",
        late_seconds=0.5,
        scenario_on_post=False,
    )
    payment = acme.pay(phone=phone).json()
    run_jobs(rounds=3)
    assert mtn.sends(phone) == 2  # the second was answered: PAYER_NOT_FOUND
    assert status_of(acme, payment["id"]) == "unknown"
    mtn.wait_for_late_arrivals()
    mtn.approve_all()
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert mtn.times_charged(phone) == 1


def test_a_failure_for_want_of_any_record_is_looked_at_again_and_taken_back(acme, mtn, settings):
    settings.RETRY_MAX_ATTEMPTS = 1
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="late", late_seconds=1.0)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    let_settle(acme)
    run_jobs(rounds=3)
    assert status_of(acme, payment["id"]) == "failed"
    mtn.wait_until_charged(PHONE)
    run_jobs(rounds=3)
    assert status_of(acme, payment["id"]) == "succeeded"
    with acme.entered():
        assert AuditEntry.objects.filter(action="payment.alarm", reason="paid after failed").exists()


def test_a_send_that_waited_too_long_for_its_token_never_leaves(acme, mtn, settings):
    settings.SETTLE_SECONDS = 0.4
    mtn.forget_tokens()
    mtn.misbehave(operation="token", times=1, answer_delay_seconds=0.5)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    assert mtn.sends(PHONE) == 0
    settings.SETTLE_SECONDS = 60
    run_jobs(rounds=4)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert mtn.times_charged(PHONE) == 1


def test_a_payment_that_has_lost_its_job_gets_one_again(acme, mtn, monkeypatch):
    monkeypatch.setattr(rescue, "OLDER_THAN_SECONDS", 0)
    payment = acme.pay(phone=PHONE).json()
    Job.objects.filter(subject=payment["id"]).delete()
    with acme.entered():
        jobs.add(kind="rescue", tenant_id=acme.tenant.pk, subject="payments", once=True)
    run_jobs(rounds=4)
    assert status_of(acme, payment["id"]) == "succeeded"


def test_a_lost_answer_is_looked_up_with_the_account_it_was_sent_with_though_another_is_connected_now(acme, mtn):
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="now", approve_seconds=None)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    acme.connect(base_url=acme.simulator_url, name="another")
    let_settle(acme)
    run_jobs(rounds=4)
    mtn.approve_all()
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert (mtn.times_charged(PHONE), mtn.sends(PHONE)) == (1, 1)


def test_new_credentials_of_the_same_account_serve_what_the_old_ones_sent(acme, mtn):
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    acme.connect(base_url=acme.simulator_url)
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "succeeded"
    with acme.entered():
        assert ProviderAccount.objects.filter(livemode=False).count() == 1


def callback(merchant, url_or_path, claim, phone="260966000123"):
    body = {
        "externalId": "x", "amount": "150.00", "currency": "ZMW", "status": claim,
        "payer": {"partyIdType": "MSISDN", "partyId": phone},
    }  # fmt: skip
    path = url_or_path.split("8000", 1)[-1]
    return merchant.anonymous("PUT", path, body)


def hook_of(merchant, payment_id):
    with merchant.entered():
        operation = merchant.payment(payment_id).transactions.get()
    return callback_url(provider="mtn", merchant=merchant.tenant.public_id, place=operation.id)


def test_a_true_callback_ends_the_payment_after_a_read_back(acme, mtn, paid_silently):
    mtn.wait_until_charged(PHONE)
    assert callback(acme, hook_of(acme, paid_silently["id"]), "SUCCESSFUL").status_code == 200
    run_jobs()
    assert status_of(acme, paid_silently["id"]) == "succeeded"


def test_a_success_that_mtn_contradicts_changes_nothing_and_shows_as_rejected(acme, mtn):
    payment = acme.pay(phone="+260966000451").json()
    run_jobs()
    mtn.wait_until_settled("+260966000451")
    callback(acme, hook_of(acme, payment["id"]), "SUCCESSFUL", phone="260966000451")
    run_jobs()
    assert status_of(acme, payment["id"]) == "failed"
    with acme.entered():
        assert Callback.objects.get().verdict == Callback.REJECTED


def test_a_success_before_mtn_says_so_is_not_believed(acme, mtn):
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    callback(acme, hook_of(acme, payment["id"]), "SUCCESSFUL")
    run_jobs()
    assert status_of(acme, payment["id"]) == "processing"
    with acme.entered():
        assert Callback.objects.get().verdict == Callback.UNCONFIRMED


def test_an_unsigned_callback_is_refused_kept_and_changes_nothing(acme, mtn):
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    forged = hook_of(acme, payment["id"])[:-4] + "0000"
    assert callback(acme, forged, "SUCCESSFUL").status_code == 401
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "processing"
    with acme.entered():
        kept = Callback.objects.get()
    assert (kept.verdict, kept.is_signed, kept.payment_id) == (Callback.REJECTED, False, payment["id"])


def test_a_signature_for_another_merchants_operation_is_refused(acme, globex, mtn, paid_silently):
    operation = hook_of(acme, paid_silently["id"]).rsplit("/", 2)
    foreign = "/".join(operation).replace(acme.tenant.public_id, globex.tenant.public_id)
    assert callback(globex, foreign, "SUCCESSFUL").status_code == 401


def test_a_callback_repeated_many_times_is_one_row_and_one_change(acme, mtn, paid_silently):
    mtn.wait_until_charged(PHONE)
    for _ in range(5):
        callback(acme, hook_of(acme, paid_silently["id"]), "SUCCESSFUL")
        run_jobs()
    with acme.entered():
        assert Callback.objects.get().duplicates == 4
        assert acme.payment(paid_silently["id"]).version == 3


def test_a_success_after_a_failure_is_taken_and_raises_an_alarm(acme, mtn):
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "failed"
    mtn.change_its_mind(PHONE)
    callback(acme, hook_of(acme, payment["id"]), "SUCCESSFUL")
    run_jobs()
    assert status_of(acme, payment["id"]) == "succeeded"
    with acme.entered():
        assert AuditEntry.objects.filter(action="payment.alarm", reason="paid after failed").exists()


def test_a_success_for_another_amount_is_not_believed_and_waits_for_a_person_until_it_is_put_right(acme, mtn):
    mtn.misbehave(operation="lookup", wrong_amount="1.00")
    payment = acme.pay(phone=PHONE).json()
    run_jobs()
    mtn.wait_until_charged(PHONE)
    run_jobs(rounds=3)
    assert status_of(acme, payment["id"]) == "unknown"
    assert acme.payment(payment["id"]).attention_at is not None
    mtn.behave()
    run_jobs(rounds=2)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert acme.payment(payment["id"]).attention_at is None


def test_a_payment_taken_up_again_after_the_worker_died_mid_call_is_charged_once(acme, mtn, monkeypatch):
    payment = acme.pay(phone=PHONE).json()
    die_during_the_call(monkeypatch)
    with pytest.raises(PowerCut):
        run_jobs()
    monkeypatch.undo()
    run_jobs(rounds=4)
    assert status_of(acme, payment["id"]) == "succeeded"
    assert (mtn.times_charged(PHONE), mtn.sends(PHONE)) == (1, 1)


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a kill -9."""


def die_during_the_call(monkeypatch):
    real = MtnAdapter.send

    def collect_and_die(self, account, request):
        real(self, account, request)
        raise PowerCut

    monkeypatch.setattr(MtnAdapter, "send", collect_and_die)


def test_the_same_trouble_found_again_and_again_is_one_alarm(acme, mtn):
    mtn.misbehave(operation="lookup", wrong_amount="1.00")
    payment = acme.pay(phone=PHONE).json()
    run_jobs(rounds=5)
    with acme.entered():
        assert AuditEntry.objects.filter(target=payment["id"], action="payment.alarm").count() == 1

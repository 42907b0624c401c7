"""More of the same: payouts, prompts that come late, honest callbacks, people who are too early."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from payments import dispatch
from payments.callback_urls import sign
from payments.callbacks import Delivery, receive
from payments.errors import InvalidState
from payments.models import Callback, ProviderAccount, Transaction
from payments.reconciliation import Source, apply_outcome
from payments.routing.rules import Rule
from providers.base import Kind, Operation, Outcome
from tenants import jobs
from tenants.models import Job
from tests.attack.test_switched import account, hear_of_the_first, shop, switched_and_held  # noqa: F401
from tests.attack.test_unaskable import on_its_way
from tests.journeys.test_circuits import force
from tests.journeys.test_switching import GOOD, PORTED, charges, pay, plan
from tests.settling import approve, propose
from tests.world import let_time_pass, run_jobs

NOBODY = "+260966000457"


def test_who_is_known_to_have_been_paid_is_not_paid_by_the_next_provider(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    out = Operation.TRANSFER
    plan(acme, Rule("mtn", out, "mtn"), Rule("mtn", out, "airtel", priority=2))
    payout = acme.pay_out(phone=NOBODY).json()["id"]
    with acme.entered():
        force(account("airtel"), "open", operation="transfer")
    run_jobs(rounds=3)
    assert (acme.payment(payout).provider, acme.payment(payout).status) == ("airtel", "processing")
    mtn.change_its_mind(NOBODY)
    hear_of_the_first(acme, payout)
    with acme.entered():
        force(account("airtel"), "", operation="transfer")
    run_jobs(rounds=3)
    assert charges(mtn) == [("mtn", "transfer")]


def test_the_next_provider_asks_no_payer_who_has_left(shop, mtn, monkeypatch):
    """Airtel's first send is certainly not taken, then Airtel is down for an hour."""
    payment_id = pay(shop, PORTED)
    mtn.misbehave(operation="collect", network="airtel", answer="no_route_404", times=1)
    for _ in range(6):
        let_time_pass()
        job = jobs.claim()
        if job is None:
            break
        jobs.run(job)
        with shop.entered():
            second = Transaction.objects.filter(payment_id=payment_id, number=2).first()
        if second and second.sends:
            break
    assert second and second.may_resend
    monkeypatch.setattr("payments.dispatch.PAYER_WAITS_SECONDS", 0.0)
    monkeypatch.setattr("payments.dispatch.PROMPT_LIVES_SECONDS", 0.0)
    run_jobs(rounds=4)
    assert charges(mtn) == []


def test_the_first_provider_asks_no_payer_who_has_left(acme, mtn, monkeypatch):
    mtn.misbehave(operation="collect", answer="unavailable_503", times=1)
    payment_id = acme.pay(phone=GOOD).json()["id"]
    jobs.run_due()
    with acme.entered():
        assert acme.payment(payment_id).transactions.get().may_resend
    monkeypatch.setattr("payments.dispatch.PAYER_WAITS_SECONDS", 0.0)
    monkeypatch.setattr("payments.dispatch.PROMPT_LIVES_SECONDS", 0.0)
    run_jobs(rounds=4)
    assert charges(mtn) == []


@pytest.mark.parametrize("held", [True, False])
def test_the_firsts_honest_callback_of_its_failure_is_not_called_a_contradiction(shop, mtn, held):
    payment_id = switched_and_held(shop) if held else pay(shop, PORTED)
    run_jobs(rounds=4)
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        body = b'{"externalId": "%s", "amount": "150", "currency": "ZMW", "status": "FAILED",' % payment_id.encode()
        body += b' "payer": {"partyIdType": "MSISDN", "partyId": "260966000455"}, "reason": "PAYER_NOT_FOUND"}'
        signature = sign(provider="mtn", merchant=shop.tenant.public_id, place=first.id)
        assert receive(Delivery("mtn", first.id, signature, "PUT", {}, body, "127.0.0.1", ""))
    jobs.run_due()
    with shop.entered():
        got = Callback.objects.get(payment_id=payment_id)
    assert got.verdict != "rejected", got.reason


@pytest.mark.parametrize("outcome", ["failed"])
def test_people_cannot_settle_what_is_still_being_asked_for(acme, mtn, settings, outcome):
    acme.connect_others(base_url=acme.simulator_url)
    settings.SETTLE_SECONDS = 0  # what the adapter says
    payment_id, intent = on_its_way(acme)
    acme.api("POST", f"/v1/payments/{payment_id}/check")
    jobs.run_due(lane="zamtel")
    with acme.entered():
        # 61 of the 120 seconds that a call to Zamtel may take
        Transaction.objects.filter(payment_id=payment_id).update(last_sent_at=timezone.now() - timedelta(seconds=61))
    settled = []
    try:
        approve(acme, propose(acme, payment_id, outcome))
        settled.append(acme.payment(payment_id).status)
    except InvalidState:
        pass
    with acme.entered():
        dispatch.send(intent, request_id="")  # and the payer enters the PIN
    assert settled == []


def test_a_circuit_that_closes_does_not_call_unknown_what_is_under_way(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    payment_id, _ = on_its_way(acme)
    with acme.entered():
        force(ProviderAccount.objects.get(provider="zamtel"), "open", operation="transfer")
        force(ProviderAccount.objects.get(provider="zamtel"), "", operation="transfer")
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, extract(epoch FROM due_at - now()) FROM public.tenants_job WHERE subject = %s", [payment_id])
        [(kind, seconds)] = cursor.fetchall()
    assert (kind, seconds > 30) == ("poll", True), seconds


@pytest.mark.parametrize("body", [
    b'{"transaction": {"id": "N\\u0000X", "status_code": "TS"}}', b'\x00', b'{"transaction": {"id": "\\ud800", "status_code": "TS"}}',
    b'[' * 30000, b'{"hash": "\\ud800"}', b'{"transaction": {"id": 1' + b'0' * 5000 + b', "status_code": "TS"}}',
])
def test_no_body_breaks_the_address_of_an_account(acme, mtn, body):
    accounts = acme.connect_others(base_url=acme.simulator_url)
    place = accounts["airtel"].id
    signature = sign(provider="airtel", merchant=acme.tenant.public_id, place=place)
    client = Client(raise_request_exception=False)
    url = f"/hooks/airtel/{acme.tenant.public_id}/{place}/{signature}"
    assert client.post(url, data=body, content_type="application/json").status_code in {200, 400, 401, 403, 404}


def test_another_merchants_or_accounts_callback_moves_nothing(acme, globex, mtn):
    accounts = {each.slug: each.connect_others(base_url=each.simulator_url)["airtel"] for each in (acme, globex)}
    payment_id = acme.pay(phone="+260977000123").json()["id"]
    with acme.entered():
        job = jobs.claim()
        dispatch.commit_intent(job)
        reference = Transaction.objects.get(payment_id=payment_id).reference
    body = b'{"transaction": {"id": "%s", "status_code": "TS"}}' % reference.encode()
    place = accounts["globex"].id
    theirs = sign(provider="airtel", merchant=globex.tenant.public_id, place=place)
    for merchant, at in ((acme, place), (globex, place), (acme, accounts["acme"].id), (globex, accounts["acme"].id)):
        Client().post(
            f"/hooks/airtel/{merchant.tenant.public_id}/{at}/{theirs}", data=body, content_type="application/json"
        )
    assert not Job.objects.filter(kind="callback", tenant=acme.tenant).exists()
    before = list(Job.objects.filter(subject=payment_id).values_list("kind", "due_at"))
    jobs.run_due()
    assert list(Job.objects.filter(subject=payment_id).values_list("kind", "due_at")) == before
    assert acme.payment(payment_id).status == "processing"


def test_a_known_double_charge_stays_before_peoples_eyes(shop, mtn):
    payment_id = switched_and_held(shop)
    mtn.change_its_mind(PORTED)
    hear_of_the_first(shop, payment_id)
    assert shop.payment(payment_id).attention_at
    with shop.entered():
        force(account("airtel"), "")
    run_jobs(rounds=4)
    assert len(charges(mtn)) == 1 or shop.payment(payment_id).attention_at


def test_the_list_of_providers_tells_of_ones_own_accounts_in_ones_own_mode(acme, globex, mtn):
    for each in (acme, globex):
        each.connect_others(base_url=each.simulator_url)
    with globex.entered():
        force(account("mtn"), "open")
        theirs = set(ProviderAccount.objects.values_list("id", flat=True))
    for key, livemode in ((acme.test_key, False), (acme.live_key, True)):
        found = acme.api("GET", "/v1/providers", key=key).json()["data"]
        with acme.entered():
            mine = set(ProviderAccount.objects.filter(livemode=livemode, retired_at=None).values_list("id", flat=True))
        assert {each["account"] for each in found} == mine
        assert not mine & theirs
        assert {each["state"] for each in found} == {"operational"}
        for word in ("-key", "-secret", "-password", "4711", "127.0.0.1", "maintenance", "mary", "globex"):
            assert word not in str(found)


def test_two_words_of_failure_at_once_switch_once(shop, mtn):
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=1)
    with shop.entered():
        first = shop.payment(payment_id).transactions.get(number=1)
        word = Outcome(Kind.FAILED, code="payer_not_found", message="No wallet.")
        for source in (Source.POLL, Source.CALLBACK, Source.ANSWER):
            apply_outcome(transaction_id=first.id, source=source, outcome=word)
    assert Job.objects.filter(subject=payment_id, kind="dispatch").count() == 1
    run_jobs(rounds=3)
    assert charges(mtn) == [("airtel", "collection")]


def test_a_stale_dispatch_after_the_switch_sends_nothing_twice(shop, mtn):
    payment_id = pay(shop, PORTED)
    run_jobs(rounds=4)
    for _ in range(3):
        jobs.add(kind="dispatch", tenant_id=shop.tenant.pk, subject=payment_id, lane="mtn")
    run_jobs(rounds=2)
    assert charges(mtn) == [("airtel", "collection")]


def test_a_refund_that_became_a_payout_stays_one_whatever_repeats(acme, mtn):
    acme.connect_others(base_url=acme.simulator_url)
    payment_id = acme.pay(phone="+260977000123").json()["id"]
    run_jobs(rounds=3)
    mtn.misbehave(operation="transfer", network="airtel", answer="reset", executes="now", times=1)
    refund = acme.refund(payment_id, amount="40.00").json()["id"]
    jobs.run_due()
    assert acme.payment(refund).status == "unknown"
    assert acme.refund(payment_id, amount="120.00").status_code != 201
    for _ in range(3):
        jobs.add(kind="dispatch", tenant_id=acme.tenant.pk, subject=refund, lane="airtel")
        run_jobs(rounds=2)
    with acme.entered():
        assert acme.payment(refund).transactions.count() == 1
    kinds = [each["kind"] for each in mtn.truth()["movements"]]
    assert kinds == ["collection", "transfer"]

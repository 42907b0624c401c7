"""The same Idempotency-Key from many sides at once, with rows that are really committed."""

import pytest
from django.db import connection

from payments.models import Event, Payment
from tenants.models import Job
from tests.api.conftest import assert_problem, together
from tests.world import GOOD_PHONE, run_jobs


@pytest.fixture(autouse=True)
def roomy_limit(settings):
    settings.THROTTLE_LIMIT = 100_000


def counts(merchant, reference=None):
    with merchant.entered():
        return (
            Payment.objects.count(),
            Event.objects.count(),
            Job.objects.filter(tenant=merchant.tenant, kind="dispatch").count(),
        )


def test_fifty_at_once_with_one_key_make_one_payment(committed):
    answers = together(50, lambda _: committed.pay(idempotency_key="order-1"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert counts(committed) == (1, 1, 1)


def test_fifty_at_once_with_one_key_make_one_payout_that_is_sent_once(committed, mtn):
    answers = together(50, lambda _: committed.pay_out(idempotency_key="salary-1"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert counts(committed) == (1, 1, 1)
    run_jobs(rounds=3)
    assert (mtn.sends(GOOD_PHONE, "transfer"), mtn.times_paid_out(GOOD_PHONE)) == (1, 1)


def test_fifty_at_once_with_one_key_make_one_refund_that_is_sent_once(committed, mtn):
    payment_id = committed.pay().json()["id"]
    run_jobs(rounds=3)
    answers = together(50, lambda _: committed.refund(payment_id, idempotency_key="case-1", amount="10.00"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    run_jobs(rounds=3)
    assert [moved["amount"] for moved in mtn.refunds(GOOD_PHONE)] == ["10.00"]


def test_fifty_at_once_with_one_key_and_different_bodies_make_one_payment(committed):
    answers = together(50, lambda n: committed.pay(idempotency_key="order-1", amount=f"{n + 1}.00"))
    assert sorted({answer.status_code for answer in answers}) == [201, 422]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert counts(committed) == (1, 1, 1)


def test_twenty_at_once_with_one_reference_and_keys_of_their_own_make_one_payment(committed):
    answers = together(20, lambda n: committed.pay(idempotency_key=f"k{n}", reference="INV-1"))
    winners = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert len(winners) == 1
    assert {answer.json()["existing_id"] for answer in answers if answer.status_code == 409} == set(winners)
    assert counts(committed) == (1, 1, 1)


def test_a_key_whose_first_request_hangs_answers_409_with_retry_after(committed):
    hanging = connection.copy()
    with hanging.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            f"""INSERT INTO "{committed.tenant.schema_name}".payments_idempotencykey
                  (livemode, route, key, request, response_status, response_body, object_id, created_at)
                VALUES (false, 'POST /v1/payments', 'k', '{{}}', 201, '', '', now())"""
        )
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 200")
    answer = committed.pay(idempotency_key="k")
    hanging.close()
    connection.close()
    problem = assert_problem(answer, 409, "idempotency_in_progress")
    assert problem["detail"] == "The first request with this Idempotency-Key is still being answered."
    assert answer.headers["Retry-After"] == "1"
    assert committed.pay(idempotency_key="k").status_code == 201


def test_a_refund_that_waits_for_another_on_its_payment_is_told_so(committed, mtn):
    payment_id = committed.pay().json()["id"]
    run_jobs(rounds=3)
    hanging = connection.copy()
    with hanging.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(
            f"""SELECT 1 FROM "{committed.tenant.schema_name}".payments_payment WHERE id = %s FOR UPDATE""",
            [payment_id],
        )
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 200")
    answer = committed.refund(payment_id, idempotency_key="k", amount="1.00")
    hanging.close()
    connection.close()
    problem = assert_problem(answer, 409, "idempotency_in_progress")
    assert problem["detail"].startswith("Another request is at work on the same payment")
    assert answer.headers["Retry-After"] == "1"
    assert committed.refund(payment_id, idempotency_key="k", amount="1.00").status_code == 201

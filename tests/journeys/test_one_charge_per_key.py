"""Fifty requests at once with one idempotency key: one payment, one charge."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from payments.models import Payment
from tests.world import GOOD_PHONE, run_jobs


@pytest.fixture
def at_once():
    """Run a call fifty times in as many threads, each with its own database connection."""

    def run(call):
        def one(_):
            try:
                return call()
            finally:
                connection.close()

        with ThreadPoolExecutor(50) as threads:
            return list(threads.map(one, range(50)))

    return run


def test_fifty_concurrent_requests_with_one_key_make_one_payment_and_one_charge(committed, mtn, at_once):
    answers = at_once(lambda: committed.pay(idempotency_key="order-1001"))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == 49
    run_jobs(rounds=3)
    with committed.entered():
        assert [payment.status for payment in Payment.objects.all()] == ["succeeded"]
    assert mtn.times_charged(GOOD_PHONE) == 1


def test_fifty_concurrent_requests_with_one_reference_make_one_payment(committed, mtn, at_once):
    answers = at_once(lambda: committed.pay(reference="INV-1001"))
    assert sorted({answer.status_code for answer in answers}) == [201, 409]
    assert sum(answer.status_code == 201 for answer in answers) == 1

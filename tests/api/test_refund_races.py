"""Many refunds of one payment at once, with rows that are really committed: never more than was collected."""

from decimal import Decimal

import pytest

from payments.models import Payment
from tests.api.conftest import together
from tests.world import GOOD_PHONE, run_jobs


@pytest.fixture
def paid(committed, mtn, settings):
    settings.THROTTLE_LIMIT = 100_000
    payment = committed.pay().json()
    run_jobs(rounds=3)
    return payment


def refunded(merchant, payment):
    return merchant.api("GET", f"/v1/payments/{payment['id']}").json()["amount_refunded"]


def test_a_hundred_refunds_at_once_never_exceed_the_payment(committed, mtn, paid):
    answers = together(100, lambda _: committed.refund(paid["id"], amount="3.00"))
    accepted = [Decimal(answer.json()["amount"]) for answer in answers if answer.status_code == 201]
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert sum(accepted) == Decimal("150.00")
    assert refused == ["invalid_state"] * 50
    run_jobs(rounds=4)
    assert refunded(committed, paid) == "150.00"
    assert sum(Decimal(moved["amount"]) for moved in mtn.refunds(GOOD_PHONE)) == Decimal("150.00")
    assert mtn.truth()["over_refunded"] == {}


def test_twenty_refunds_of_everything_at_once_make_one(committed, mtn, paid):
    answers = together(20, lambda _: committed.refund(paid["id"]))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    run_jobs(rounds=3)
    assert mtn.times_refunded(GOOD_PHONE) == 1


def test_refunds_of_all_sizes_at_once_leave_exactly_what_was_not_accepted(committed, mtn, paid):
    answers = together(40, lambda n: committed.refund(paid["id"], amount=f"{n % 7 + 1}.37"))
    accepted = sum(Decimal(answer.json()["amount"]) for answer in answers if answer.status_code == 201)
    assert Decimal("140.00") < accepted <= Decimal("150.00")
    with committed.entered():
        assert Payment.objects.get(pk=paid["id"]).amount_reserved == accepted


def test_cancels_and_refunds_at_once_set_free_only_what_was_reserved(committed, mtn, paid):
    waiting = [committed.refund(paid["id"], amount="15.00").json()["id"] for _ in range(10)]
    answers = together(
        20,
        lambda n: (
            committed.api("POST", f"/v1/refunds/{waiting[n // 2]}/cancel")
            if n % 2
            else committed.refund(paid["id"], amount="15.00")
        ),
    )
    assert [answer.status_code for answer in answers[1::2]] == [200] * 10
    run_jobs(rounds=4)
    accepted = sum(answer.status_code == 201 for answer in answers[::2])
    assert refunded(committed, paid) == f"{accepted * 15}.00"
    assert mtn.times_refunded(GOOD_PHONE) == accepted

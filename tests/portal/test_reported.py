"""Where a network reports something else than we asked for, every page that somebody decides on says both."""

from typing import Any

import pytest

from payments.callback_urls import callback_url
from payments.models import Resolution
from tests.portal.pages import path, text_of
from tests.portal.test_settling import decide, propose
from tests.settling import PHONE, lost_payment
from tests.world import Merchant, let_settle, run_jobs

BOTH_AMOUNTS = "Asked for K 150.00, MTN reports K 15.00."


@pytest.fixture
def short(acme: Merchant, mtn: Any) -> str:
    """Asked for K 150.00; MTN says that K 15.00 were paid."""
    mtn.misbehave(operation="lookup", wrong_amount="15.00")
    payment_id: str = acme.pay(phone=PHONE).json()["id"]
    run_jobs(rounds=3)
    return payment_id


def shown(merchant: Merchant, rest: str, role: str = "owner") -> str:
    return text_of(merchant.browser(role).get(path(merchant, rest)))


def test_the_payments_page_says_what_was_asked_and_what_is_reported(acme: Merchant, short: str) -> None:
    words = shown(acme, f"payments/{short}/")
    header = words.split("Timeline")[0]
    assert f"{BOTH_AMOUNTS} Which of the two is true is not known, so nothing is booked" in header
    assert "no clear answer" not in header
    assert header.count(BOTH_AMOUNTS) == 1


def test_the_attention_row_and_home_say_it(acme: Merchant, short: str) -> None:
    row = shown(acme, "attention/")
    assert f"{BOTH_AMOUNTS} The network reports a success of another amount" in row
    assert "no clear answer" not in row
    assert "1 reported with another amount or number than we asked for" in shown(acme, "")


def test_the_form_and_the_second_persons_page_say_it(acme: Merchant, short: str) -> None:
    assert BOTH_AMOUNTS in shown(acme, f"attention/{short}/settle/")
    let_settle(acme)
    propose(acme, short)
    with acme.entered():
        proposal = Resolution.objects.get()
    assert BOTH_AMOUNTS in shown(acme, f"proposals/{proposal.id}/", "admin")


def test_a_contradicted_success_says_what_is_booked_and_what_is_reported_now(acme: Merchant, mtn: Any) -> None:
    lost = lost_payment(acme, mtn)
    propose(acme, lost, outcome="succeeded")
    decide(acme, "approve", "owner")
    mtn.behave()
    mtn.decline_all()
    run_jobs(rounds=4)
    words = shown(acme, f"payments/{lost}/")
    assert "Settled by hand as paid" in words
    assert "Since then MTN says that it failed: ask MTN which is true." in words
    assert "itself has said nothing final" not in words
    reported = "Asked for K 150.00, MTN reports that it failed (APPROVAL_REJECTED)."
    assert reported in words
    assert reported in shown(acme, "attention/?sort=alarm")
    assert reported in shown(acme, f"attention/{lost}/seen/")


def test_what_was_paid_after_it_had_failed_is_told_as_that(acme: Merchant, mtn: Any) -> None:
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs()
    mtn.decline_all()
    run_jobs(rounds=2)
    mtn.change_its_mind(PHONE)
    with acme.entered():
        operation = acme.payment(payment_id).transactions.get()
    url = callback_url(provider="mtn", merchant=acme.tenant.public_id, place=operation.id)
    acme.anonymous("PUT", url.split("8000", 1)[-1], {"status": "SUCCESSFUL"})
    run_jobs()
    words = shown(acme, f"payments/{payment_id}/")
    assert "Paid. MTN had said that it failed, and confirmed" in words
    assert "Asked for K 150.00, MTN reports K 150.00." in words

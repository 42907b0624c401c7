"""Settling by hand in the browser: the form, the second person's page, and who is offered what."""

from typing import Any

import pytest
from django.utils import timezone

from payments.models import Resolution
from tests.portal.pages import path, text_of
from tests.portal.rows import make_payment
from tests.settling import PHONE, lost_payment
from tests.world import Merchant, let_settle, run_jobs

FIELDS = {
    "outcome": "failed", "reason": "MTN's statement does not have it.", "evidence": "Statement of 22 Nov, all lines.",
    "provider_reference": "",
}  # fmt: skip


@pytest.fixture
def lost(acme: Merchant, mtn: Any) -> str:
    return lost_payment(acme, mtn)


def propose(merchant: Merchant, payment_id: str, role: str = "operator", **fields: str) -> Any:
    address = path(merchant, f"attention/{payment_id}/settle/")
    return merchant.browser(role).post(address, FIELDS | fields, follow=True)


def decide(merchant: Merchant, verb: str, role: str, note: str = "") -> Any:
    with merchant.entered():
        proposal = Resolution.objects.get(state="proposed")
    address = path(merchant, f"proposals/{proposal.id}/{verb}/")
    return merchant.browser(role).post(address, {"note": note}, follow=True)


def shown(merchant: Merchant, payment_id: str, role: str = "owner") -> str:
    return text_of(merchant.browser(role).get(path(merchant, f"payments/{payment_id}/")))


def test_from_the_payments_page_to_a_settled_payment(acme: Merchant, lost: str) -> None:
    assert "Settle by hand" in shown(acme, lost)
    words = text_of(propose(acme, lost))
    assert "Waiting for a second person" in words
    assert "operator@acme.test proposes: it failed." in shown(acme, lost)
    review = acme.browser().get(path(acme, "attention/?sort=proposed"))
    assert "operator@acme.test proposes to settle it as not paid." in text_of(review)
    words = text_of(decide(acme, "approve", "owner", note="Looked at the statement."))
    assert "Approved: it is settled." in words
    page = shown(acme, lost)
    assert "Settled by hand as not paid" in page
    assert "by operator@acme.test and owner@acme.test" in page
    assert "Outcome proposed by hand" in page
    assert "Proposal approved" in page
    assert "ended the payment without a reason" not in page


def test_the_proposer_is_offered_to_withdraw_and_nothing_else(acme: Merchant, lost: str) -> None:
    propose(acme, lost, "owner")
    with acme.entered():
        proposal = Resolution.objects.get()
    page = acme.browser().get(path(acme, f"proposals/{proposal.id}/"))
    assert "/approve/" not in page.content.decode()
    assert "Withdraw it" in text_of(page)
    assert "Nothing changed. Whoever proposed an outcome cannot decide about it" in text_of(
        decide(acme, "approve", "owner")
    )
    assert acme.payment(lost).status == "unknown"
    assert "Withdrawn." in text_of(decide(acme, "withdraw", "owner"))


def test_the_second_person_sees_the_evidence_and_rejects_with_a_note(acme: Merchant, lost: str) -> None:
    propose(acme, lost)
    with acme.entered():
        proposal = Resolution.objects.get()
    words = text_of(acme.browser("admin").get(path(acme, f"proposals/{proposal.id}/")))
    assert "Statement of 22 Nov, all lines." in words
    assert "Approve: it failed" in words
    assert "Say why it is rejected" in text_of(decide(acme, "reject", "admin"))
    assert "Rejected. The outcome stays unknown" in text_of(decide(acme, "reject", "admin", note="No ticket."))
    assert acme.payment(lost).status == "unknown"
    assert "Settle by hand" in shown(acme, lost)


@pytest.mark.parametrize("role", ["operator", "developer", "viewer"])
def test_only_who_is_in_charge_may_approve(acme: Merchant, lost: str, role: str) -> None:
    propose(acme, lost, "admin")
    assert decide(acme, "approve", role).status_code == 403
    assert acme.payment(lost).status == "unknown"


@pytest.mark.parametrize("missing", ["outcome", "reason", "evidence"])
def test_a_form_that_lacks_something_says_what(acme: Merchant, lost: str, missing: str) -> None:
    response = propose(acme, lost, **{missing: ""})
    assert response.status_code == 422
    assert "This field is required." in text_of(response)
    with acme.entered():
        assert not Resolution.objects.exists()


def test_while_a_proposal_waits_it_is_shown_in_place_of_the_form(acme: Merchant, lost: str) -> None:
    propose(acme, lost)
    with acme.entered():
        proposal = Resolution.objects.get()
    page = acme.browser("admin").get(path(acme, f"attention/{lost}/settle/"))
    assert "operator@acme.test proposes: it failed." in text_of(page)
    assert f'href="{path(acme, f"proposals/{proposal.id}/")}"' in page.content.decode()
    assert 'name="evidence"' not in page.content.decode()


def test_a_second_proposal_is_refused_with_a_reason_and_the_first_one_linked(acme: Merchant, lost: str) -> None:
    propose(acme, lost)
    response = propose(acme, lost, "admin")
    assert response.status_code == 422
    assert "Yours was not taken. Somebody has proposed an outcome already" in text_of(response)
    with acme.entered():
        proposal = Resolution.objects.get()
    assert f'href="{path(acme, f"proposals/{proposal.id}/")}"' in response.content.decode()
    story = shown(acme, lost).split("Timeline")[1]
    assert "Proposal refused" in story
    assert "by admin@acme.test · Somebody has proposed an outcome already" in story
    assert "proposed by hand: failed" not in story


def test_the_timeline_says_who_proposed_who_rejected_and_why(acme: Merchant, lost: str) -> None:
    propose(acme, lost)
    decide(acme, "approve", "operator")
    decide(acme, "reject", "admin", note="No ticket number.")
    story = shown(acme, lost).split("Timeline")[1]
    assert "proposed by operator@acme.test · rejected by admin@acme.test · No ticket number." in story


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_a_refund_is_settled_by_two_people_and_the_sums_of_its_payment_follow(
    acme: Merchant, mtn: Any, outcome: str
) -> None:
    payment_id = acme.pay(phone=PHONE).json()["id"]
    run_jobs(rounds=3)
    mtn.misbehave(operation="refund", times=1, answer="reset", executes="now", approve_seconds=None)
    mtn.misbehave(operation="lookup", answer="error_500")
    refund_id = acme.refund(payment_id, amount="50.00").json()["id"]
    run_jobs()
    let_settle(acme)
    words = text_of(acme.browser().get(path(acme, f"refunds/{refund_id}/")))
    assert "Settle by hand" in words
    propose(acme, refund_id, outcome=outcome)
    assert "Refunded K 0.00 Under way K 50.00 Left K 100.00" in shown(acme, payment_id)
    assert "Approved: it is settled." in text_of(decide(acme, "approve", "owner"))
    page = text_of(acme.browser().get(path(acme, f"refunds/{refund_id}/")))
    ledger = text_of(acme.browser().get(path(acme, f"ledger/?object={refund_id}")))
    if outcome == "succeeded":
        assert "Settled by hand as refunded" in page
        assert "Refunded K 50.00 Left K 100.00" in shown(acme, payment_id)
        assert "Refund succeeded" in ledger
    else:
        assert "Settled by hand as not refunded" in page
        assert "Refunded K 0.00 Left K 150.00" in shown(acme, payment_id)
        assert "Refund succeeded" not in ledger


def test_nothing_is_offered_for_what_is_known(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
    assert "Settle by hand" not in shown(acme, payment.id)
    form = acme.browser().get(path(acme, f"attention/{payment.id}/settle/"))
    assert "There is nothing to settle" in text_of(form)


def test_who_may_not_propose_is_not_offered_it(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="unknown", attention_at=timezone.now())
    assert "Settle by hand" not in shown(acme, payment.id, "viewer")


def test_a_proposal_of_the_other_mode_or_merchant_is_not_there(acme: Merchant, globex: Merchant, lost: str) -> None:
    propose(acme, lost)
    with acme.entered():
        proposal = Resolution.objects.get()
    assert acme.browser().get(path(acme, f"proposals/{proposal.id}/", mode="live")).status_code == 404
    assert globex.browser().get(path(globex, f"proposals/{proposal.id}/")).status_code == 404

"""Why money did not move: said of the right person, with what to do next, and never as more than it is."""

from typing import Any

import pytest

from payments.failures import FAILURES
from tests.portal.pages import path, text_of
from tests.portal.rows import make_payment, make_payout, make_refund
from tests.world import Merchant, run_jobs


def shown(merchant: Merchant, rest: str, role: str = "owner") -> str:
    return text_of(merchant.browser(role).get(path(merchant, rest)))


@pytest.fixture
def empty_float(acme: Merchant, mtn: Any) -> str:
    """A payout of K 50.00 that failed because the merchant's disbursement wallet holds K 10.00."""
    mtn.set(float=10)
    payout_id: str = acme.pay_out(reference="WAGES").json()["id"]
    run_jobs(rounds=3)
    assert acme.payment(payout_id).failure_code == "merchant_funds_insufficient"
    return payout_id


def test_an_empty_float_is_told_as_that_everywhere(acme: Merchant, empty_float: str) -> None:
    home, row, page = (shown(acme, rest) for rest in ("", "attention/", f"payouts/{empty_float}/"))
    assert "1 failed because the float is empty" in home
    assert "K 50.00. Nothing moved. Top up the disbursement float, then repeat." in home
    assert "Nothing moved. Who acts: You: top up the disbursement float at MTN, then repeat it." in row
    assert "Nothing moved. Top up the disbursement float at MTN, then repeat it." in page
    for words in (home, row, page):
        assert "contradicted" not in words
        assert "at stake" not in words
        assert "Alarm " not in words.replace("Alarms", "")
    assert "WAGES" not in shown(acme, "attention/?sort=alarm")
    assert "WAGES" in shown(acme, "attention/?sort=stopped")


def test_an_empty_float_is_marked_as_seen_like_an_alarm(acme: Merchant, empty_float: str) -> None:
    acme.browser("operator").post(path(acme, f"attention/{empty_float}/seen/"), {"note": "Topped up."})
    assert "the float is empty" not in shown(acme, "")


@pytest.mark.parametrize("many", ["payouts", "refunds"])
@pytest.mark.parametrize("code", FAILURES)
def test_where_money_goes_out_nobody_speaks_of_the_payer_and_there_is_advice(
    acme: Merchant, many: str, code: str
) -> None:
    fields = {"status": "failed", "failure_code": code, "failure_message": "x", "failure_retry_safe": code[0] < "p"}
    with acme.entered():
        made = make_payout(**fields) if many == "payouts" else make_refund(make_payment(), **fields)
    words = shown(acme, f"{many}/{made.id}/")
    header, reason = words.split("Timeline")[0], words.split("What to do:")[1].split("Facts")[0]
    # The code itself is the same for every kind.
    assert "payer" not in header.lower()
    assert "payer" not in reason.replace(code, "").lower()
    assert len(reason.split("Who acts")[0].split()) > 5
    assert "{network}" not in words


@pytest.mark.parametrize("code", FAILURES)
def test_a_failed_payment_comes_with_advice_too(acme: Merchant, code: str) -> None:
    with acme.entered():
        payment = make_payment(status="failed", failure_code=code)
    advice = shown(acme, f"payments/{payment.id}/").split("What to do:")[1].split("Who acts")[0]
    assert len(advice.split()) > 5


def test_a_viewer_is_told_who_can_act(acme: Merchant, empty_float: str) -> None:
    who = "An owner, admin or operator"
    assert f"Who acts {who} Code" in shown(acme, f"payouts/{empty_float}/", "viewer")
    assert f"Who acts: {who}: top up" in shown(acme, "attention/", "viewer")
    assert "Who acts: You" not in shown(acme, "attention/", "viewer")
    assert "Who acts You Code" in shown(acme, f"payouts/{empty_float}/", "operator")

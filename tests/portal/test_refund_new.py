"""Refunding from the dashboard: prefilled, in parts, confirmed, and never twice or beyond what was collected."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from payments.fees import set_fee
from payments.models import AuditEntry, Payment, ProviderAccount
from tests.api.conftest import together
from tests.portal.pages import hidden_fields, path, text_of
from tests.portal.rows import make_payment, make_posting, make_refund
from tests.simulated_mtn import SimulatedMtn
from tests.world import GOOD_PHONE, Merchant, run_jobs


def paid(merchant: Merchant, **fields: Any) -> Payment:
    """A payment that succeeded with the account in use."""
    with merchant.entered():
        account = ProviderAccount.objects.get(livemode=False, retired_at=None)
        return make_payment(account_id=account.id, **fields)


def address(merchant: Merchant, payment: Payment) -> str:
    return path(merchant, f"payments/{payment.id}/refund/")


def send(merchant: Merchant, payment: Payment, data: dict[str, Any], role: str = "owner") -> Any:
    return merchant.browser(role).post(address(merchant, payment), data)


def fields(merchant: Merchant, payment: Payment, **typed: str) -> dict[str, str]:
    """The form as it is offered, with what somebody types over it."""
    page = merchant.browser().get(address(merchant, payment)).content.decode()
    found = dict(re.findall(r'name="(token|amount)"[^>]*? value="([^"]*)"', page))
    found |= {name: value for value, name in re.findall(r'value="([^"]*)"[^>]*? name="(token|amount)"', page)}
    return {"step": "review", **found, **typed}


def confirmation(merchant: Merchant, payment: Payment, **typed: str) -> dict[str, str]:
    page = send(merchant, payment, fields(merchant, payment, **typed))
    assert page.status_code == 200
    return {**hidden_fields(page), "step": "confirm"}


def refunds(merchant: Merchant) -> list[Payment]:
    with merchant.entered():
        return list(Payment.objects.filter(kind="refund"))


def test_the_amount_is_what_is_left(acme: Merchant) -> None:
    payment = paid(acme)
    with acme.entered():
        make_refund(payment, amount=Decimal("50.00"))
    assert fields(acme, payment)["amount"] == "100.00"


def test_the_confirmation_says_to_whom_how_much_and_what_stays(acme: Merchant) -> None:
    payment = paid(acme, reference="INV-1")
    page = send(acme, payment, fields(acme, payment, amount="50", reason="Two shirts were torn"))
    words = text_of(page)
    assert "Refund K 50.00?" in words
    assert "K 50.00 of K 150.00 paid" in words
    assert "+260 96•••• 123" in words
    assert "260966000123" not in page.content.decode()
    assert "K 100.00 can still be refunded later" in words
    assert "Two shirts were torn" in words
    assert refunds(acme) == []


def test_the_confirmation_shows_the_fee_and_what_stays_at_the_network(acme: Merchant) -> None:
    with acme.entered():
        set_fee(livemode=False, provider="mtn", operation="refund", currency="ZMW", percentage=Decimal("2"),
                fixed=Decimal("1"), actor="test")  # fmt: skip
    payment = paid(acme)
    with acme.entered():
        make_posting("150.00", object_id=payment.id)
    words = text_of(send(acme, payment, fields(acme, payment, amount="50")))
    assert "Fee K 2.00 by your fee schedule" in words
    assert "K 150.00 by our books, K 98.00 afterwards" in words


def test_all_of_it_leaves_nothing(acme: Merchant) -> None:
    payment = paid(acme)
    assert "the payment is then refunded in full" in text_of(send(acme, payment, fields(acme, payment)))


def test_confirming_refunds_and_opens_the_refund(acme: Merchant) -> None:
    payment = paid(acme)
    answer = send(acme, payment, confirmation(acme, payment, amount="50.00", reason="Torn"), role="operator")
    (refund,) = refunds(acme)
    assert answer["Location"] == path(acme, f"refunds/{refund.id}/")
    assert (str(refund.amount), refund.description, refund.original_id) == ("50.00", "Torn", payment.id)


def test_sending_the_confirmation_twice_refunds_once(acme: Merchant) -> None:
    payment = paid(acme)
    confirmed = confirmation(acme, payment)
    first, second = (send(acme, payment, confirmed) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert len(refunds(acme)) == 1


def test_threads_with_one_confirmation_refund_once(committed: Merchant, mtn: SimulatedMtn) -> None:
    payment_id = committed.pay().json()["id"]
    run_jobs(rounds=3)
    payment = committed.payment(payment_id)
    confirmed, cookies = confirmation(committed, payment, amount="50.00"), committed.browser().cookies

    def press(_number: int) -> Any:
        client = Client()
        client.cookies = cookies
        return client.post(address(committed, payment), confirmed)

    answers = together(8, press)
    (refund,) = refunds(committed)
    assert {answer.headers.get("Location") for answer in answers} == {path(committed, f"refunds/{refund.id}/")}
    run_jobs(rounds=3)
    assert mtn.times_refunded(GOOD_PHONE) == 1


def test_more_than_is_left_is_said_at_the_amount(acme: Merchant) -> None:
    payment = paid(acme)
    page = send(acme, payment, fields(acme, payment, amount="150.01"))
    assert page.status_code == 422
    assert "Only K 150.00 can be refunded: K 0.00 is refunded" in page.content.decode().split('id="id_amount_error"')[1]
    assert refunds(acme) == []


def test_what_was_taken_by_another_refund_meanwhile_is_not_paid_back_twice(acme: Merchant) -> None:
    payment = paid(acme)
    confirmed = confirmation(acme, payment, amount="100.00")
    with acme.entered():
        make_refund(payment, amount=Decimal("100.00"))
    page = send(acme, payment, confirmed)
    assert page.status_code == 422
    assert "Only K 50.00 can be refunded: K 100.00 is refunded and K 0.00 is under way." in text_of(page)
    assert len(refunds(acme)) == 1


@pytest.mark.parametrize("status", ["failed", "processing", "canceled"])
def test_only_what_succeeded_can_be_refunded(acme: Merchant, status: str) -> None:
    with acme.entered():
        payment = make_payment(status=status)
    page = acme.browser().get(address(acme, payment))
    assert f"Only a payment that succeeded can be refunded; {payment.id} is {status}" in text_of(page)
    assert 'name="amount"' not in page.content.decode()
    assert 'id="refund"' not in acme.browser().get(path(acme, f"payments/{payment.id}/")).content.decode()


def test_without_credentials_it_says_what_to_do(acme: Merchant) -> None:
    payment = paid(acme)
    with acme.entered():
        ProviderAccount.objects.update(operations=["collect"])
    words = text_of(acme.browser().get(address(acme, payment)))
    assert "has no credentials for paying out. Ask an owner or admin" in words


def test_a_taken_reference_is_said_at_the_reference(acme: Merchant) -> None:
    payment = paid(acme)
    with acme.entered():
        taken = make_refund(payment, reference="RMA-1")
    page = send(acme, payment, fields(acme, payment, amount="10", reference="RMA-1"))
    assert f"already belongs to {taken.id}" in page.content.decode().split('id="id_reference_error"')[1]


def test_a_developer_may_look_and_not_refund_and_the_try_is_on_record(acme: Merchant) -> None:
    payment = paid(acme)
    shown = acme.browser("developer").get(path(acme, f"payments/{payment.id}/")).content.decode()
    assert 'id="refund"' not in shown
    page = send(acme, payment, {"step": "confirm", "token": "0" * 32, "amount": "1"}, role="developer")
    assert page.status_code == 403
    assert "refunds.create" in text_of(page)
    with acme.entered():
        assert AuditEntry.objects.filter(action="refunds.create", result="denied").exists()
    assert refunds(acme) == []


def test_a_payment_of_another_merchant_or_mode_is_not_here(acme: Merchant, globex: Merchant) -> None:
    theirs = paid(globex)
    assert acme.browser().get(address(acme, theirs)).status_code == 404
    ours = paid(acme)
    assert acme.browser().get(path(acme, f"payments/{ours.id}/refund/", mode="live")).status_code == 404

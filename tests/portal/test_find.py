"""The search box: any id leads to the payment, anything else to the list that shows what was looked for."""

import pytest

from tests.portal.pages import path
from tests.portal.rows import make_payment
from tests.world import Merchant


def found(merchant: Merchant, text: str) -> str:
    return str(merchant.browser().get(path(merchant, "payments/find/"), {"q": text}).headers["Location"])


@pytest.mark.parametrize("which", ["id", "reference", "provider_reference", "transaction"])
def test_any_id_leads_to_the_payment(acme: Merchant, which: str) -> None:
    with acme.entered():
        payment = make_payment(reference="INV-1", provider_reference="1870012345")
        transaction = payment.transactions.get().reference
    text = transaction if which == "transaction" else getattr(payment, which)
    assert found(acme, text) == path(acme, f"payments/{payment.id}/")


def test_a_phone_number_leads_to_its_payments(acme: Merchant) -> None:
    assert found(acme, "0977 123 456") == path(acme, "payments/?phone=%2B260977123456")


def test_anything_else_is_looked_for_as_a_reference(acme: Merchant) -> None:
    assert found(acme, "INV-404") == path(acme, "payments/?reference=INV-404")


def test_a_payment_of_the_other_mode_is_not_found(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(livemode=True)
    assert found(acme, payment.id) == path(acme, f"payments/?reference={payment.id}")


def test_an_empty_search_goes_back_to_the_list(acme: Merchant) -> None:
    assert found(acme, " ") == path(acme, "payments/")

"""Paying out from the dashboard: fields, confirmation, done; and never twice, whatever is pressed."""

import re
from typing import Any

import pytest

from payments.models import AuditEntry, Payment, ProviderAccount
from tests.api.conftest import together
from tests.portal.pages import hidden_fields, path, text_of
from tests.portal.rows import make_payout
from tests.world import Merchant

FIELDS = {"phone": "0966 000 123", "amount": "1,050.5", "currency": "ZMW", "reference": "OUT-1", "description": "Wages"}


def send(merchant: Merchant, data: dict[str, Any], *, role: str = "owner", client: Any = None) -> Any:
    return (client or merchant.browser(role)).post(path(merchant, "payouts/new/"), data)


def token(merchant: Merchant) -> str:
    page = merchant.browser().get(path(merchant, "payouts/new/")).content.decode()
    found = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert found
    return found[1]


def confirmation(merchant: Merchant, **fields: str) -> dict[str, str]:
    """What the confirmation page sends when somebody presses its button."""
    page = send(merchant, {"token": token(merchant), "step": "review", **FIELDS, **fields})
    assert page.status_code == 200
    return {**hidden_fields(page), "step": "confirm"}


def payouts(merchant: Merchant) -> list[Payment]:
    with merchant.entered():
        return list(Payment.objects.filter(kind="payout"))


def test_the_confirmation_says_what_will_happen_and_does_nothing_yet(acme: Merchant) -> None:
    page = send(acme, {"token": token(acme), "step": "review", **FIELDS})
    words = text_of(page)
    assert "Pay out K 1,050.50?" in words
    assert "+260 96 600 0123" in words
    assert "Network MTN found from the number" in words
    assert "cannot be called back" in words
    assert payouts(acme) == []


def test_confirming_makes_the_payout_and_opens_its_page(acme: Merchant) -> None:
    answer = send(acme, confirmation(acme), role="operator")
    (payout,) = payouts(acme)
    assert answer["Location"] == path(acme, f"payouts/{payout.id}/")
    assert (str(payout.amount), payout.phone, payout.reference) == ("1050.50", "260966000123", "OUT-1")
    with acme.entered():
        entry = AuditEntry.objects.get(action="payout.created", target=payout.id)
    assert entry.actor.endswith("operator@acme.test")


def test_sending_the_confirmation_twice_pays_once(acme: Merchant) -> None:
    confirmed, client = confirmation(acme), acme.browser()
    first, second = (send(acme, confirmed, client=client) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert len(payouts(acme)) == 1
    assert "Nothing is sent a second time" in text_of(client.get(second["Location"]))


def test_twenty_threads_with_one_confirmation_pay_once(committed: Merchant) -> None:
    confirmed = confirmation(committed)
    client = committed.browser()
    cookies = client.cookies

    def press(_number: int) -> Any:
        own = type(client)()
        own.cookies = cookies
        return send(committed, confirmed, client=own)

    answers = together(20, press)
    (payout,) = payouts(committed)
    assert {answer.headers.get("Location") for answer in answers} == {path(committed, f"payouts/{payout.id}/")}


def test_going_back_and_changing_the_amount_of_a_used_form_pays_nothing_more(acme: Merchant) -> None:
    confirmed = confirmation(acme, reference="")
    send(acme, confirmed)
    page = send(acme, {**confirmed, "amount": "7.00"})
    assert page.status_code == 422
    assert "This form has already been used" in text_of(page)
    assert len(payouts(acme)) == 1


def test_a_form_without_its_token_does_nothing(acme: Merchant) -> None:
    page = send(acme, {**FIELDS, "step": "confirm"})
    assert page.status_code == 422
    assert "nothing was done" in text_of(page)
    assert payouts(acme) == []


def test_change_goes_back_to_the_fields_with_what_was_typed(acme: Merchant) -> None:
    page = send(acme, {**confirmation(acme), "step": "change"})
    assert page.status_code == 200
    assert 'value="0966 000 123"' in page.content.decode()
    assert payouts(acme) == []


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("phone", "12345", "not a Zambian mobile number"),
        ("phone", "0987 123 456", "no network with a wallet"),
        ("amount", "ten", "in figures, such as 150.00"),
        ("amount", "1,5", "in figures"),
        ("amount", "0", "must be more than zero"),
        ("amount", "1.234", "has 3 decimals"),
        ("currency", "USD", "not one of the available choices"),
        ("reference", "x" * 65, "at most 64"),
    ],
)
def test_a_bad_field_is_shown_at_the_field(acme: Merchant, field: str, text: str, words: str) -> None:
    page = send(acme, {"token": token(acme), "step": "review", **FIELDS, field: text})
    assert page.status_code == 422
    assert words in page.content.decode().split(f'id="id_{field}_error"')[1].split("</div>")[0]


@pytest.mark.parametrize("step", ["review", "confirm"])
def test_without_credentials_it_says_what_to_do(acme: Merchant, step: str) -> None:
    confirmed = confirmation(acme)
    with acme.entered():
        ProviderAccount.objects.update(operations=["collect"])
    page = send(acme, {**confirmed, "step": step})
    assert page.status_code == 422
    assert "No MTN account to pay out with is connected in test mode. Ask an owner or admin" in text_of(page)
    assert payouts(acme) == []


def test_a_taken_reference_is_named_before_anything_is_confirmed(acme: Merchant) -> None:
    with acme.entered():
        taken = make_payout(reference="OUT-1")
    page = send(acme, {"token": token(acme), "step": "review", **FIELDS})
    assert f"The reference OUT-1 already belongs to {taken.id}" in text_of(page)


def test_a_reference_taken_meanwhile_pays_nothing(committed: Merchant) -> None:
    confirmed = confirmation(committed)
    first = committed.pay_out(reference="OUT-1").json()["id"]
    page = send(committed, confirmed)
    assert page.status_code == 422
    assert f"already belongs to {first}" in text_of(page)
    assert len(payouts(committed)) == 1


def test_the_same_amount_to_the_same_phone_is_asked_about(acme: Merchant) -> None:
    with acme.entered():
        make_payout(phone="260966000123", amount="1050.50", reference="EARLIER")
    page = send(acme, {"token": token(acme), "step": "review", **FIELDS})
    assert "The same amount went to this number" in text_of(page)
    assert "EARLIER" in text_of(page)


def test_a_payout_beyond_our_books_is_pointed_out(acme: Merchant) -> None:
    page = send(acme, {"token": token(acme), "step": "review", **FIELDS})
    assert "Our books know of less than this at MTN" in text_of(page)


def test_live_money_has_one_currency(acme: Merchant) -> None:
    page = acme.browser().get(path(acme, "payouts/new/", mode="live")).content.decode()
    assert '<input type="hidden" name="currency" value="ZMW"' in page
    assert "EUR" not in page


def test_a_viewer_is_offered_nothing_and_every_try_is_on_record(acme: Merchant) -> None:
    assert "New payout" not in text_of(acme.browser("viewer").get(path(acme, "payouts/")))
    page = send(acme, {**FIELDS, "token": "0" * 32, "step": "confirm"}, role="viewer")
    assert page.status_code == 403
    assert "payouts.create" in text_of(page)
    assert payouts(acme) == []
    with acme.entered():
        assert AuditEntry.objects.filter(action="payouts.create", result="denied").exists()


def test_another_merchants_people_get_404(acme: Merchant, globex: Merchant) -> None:
    answer = globex.browser().post(path(acme, "payouts/new/"), {**FIELDS, "token": "0" * 32, "step": "confirm"})
    assert answer.status_code == 404
    assert payouts(acme) == []

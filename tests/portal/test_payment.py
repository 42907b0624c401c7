"""One payment: the verdict, the timeline, and what may be done with it."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from payments.models import AuditEntry, Callback, Payment
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rows import make_audit, make_exchange, make_payment
from tests.world import Merchant


def shown(merchant: Merchant, payment: Payment, role: str = "owner", query: str = "", **headers: str) -> Any:
    return merchant.browser(role).get(path(merchant, f"payments/{payment.id}/{query}"), headers=headers)


def post(merchant: Merchant, payment: Payment, verb: str, role: str = "owner", **headers: str) -> Any:
    return merchant.browser(role).post(path(merchant, f"payments/{payment.id}/{verb}/"), headers=headers)


SENTENCES = {
    "pending": "does not have it yet",
    "processing": "MTN, which has not said yet whether the payer approved",
    "unknown": "it is not known whether money moved",
    "succeeded": "Paid. MTN confirmed",
    "failed": "Not paid. The payer said no",
    "canceled": "Withdrawn",
}


@pytest.mark.parametrize("status", SENTENCES)
def test_the_verdict_says_where_it_stands(acme: Merchant, status: str) -> None:
    with acme.entered():
        payment = make_payment(status=status)
    assert SENTENCES[status] in text_of(shown(acme, payment))


@pytest.mark.parametrize("status", ["processing", "unknown"])
def test_an_open_verdict_never_guesses_about_the_money(acme: Merchant, status: str) -> None:
    with acme.entered():
        payment = make_payment(status=status)
    words = text_of(shown(acme, payment))
    assert "no money" not in words.lower().replace("no real money", "")


def test_a_failure_that_the_network_never_heard_of_is_not_put_in_its_mouth(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="failed", failure_code="provider_error", failure_provider_code="")
    words = text_of(shown(acme, payment))
    assert "Not paid. The provider failed to process the payment. Ended on" in words
    assert "MTN said so" not in words


def test_an_overdue_unknown_asks_for_a_person(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="unknown", attention_at=timezone.now() - timedelta(hours=1))
    assert "Contact MTN with our reference" in text_of(shown(acme, payment))


def test_the_timeline_tells_calls_callbacks_states_and_people_in_order(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(seconds=20)
        make_exchange(payment)
        add_callback(payment, verdict="rejected", reason="The address did not carry our signature.")
        make_audit(action="payment.check", target=payment.id, created_at=payment.created_at + timedelta(seconds=30))
    words = text_of(shown(acme, payment))
    order = ["Payment created", "Asked MTN to collect", "Callback rejected", "Succeeded by", "Check asked for"]
    places = [words.index(part.split(" by")[0], words.index("Timeline")) for part in order]
    assert places == sorted(places)


def test_a_call_shows_request_and_response(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
        make_exchange(payment, response_body='{"reason":"ok"}')
    words = text_of(shown(acme, payment))
    assert "POST http://127.0.0.1:9/collection/v1_0/requesttopay" in words
    assert "Authorization: Bearer ••••" in words
    assert '"reason": "ok"' in words


def test_a_lost_answer_shows_its_error_and_opens_by_itself(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="unknown")
        make_exchange(payment, status=None, error="read timeout after 30.0 s", verdict="unknown")
    page = shown(acme, payment)
    assert "no HTTP answer" in text_of(page)
    assert "-panes" in page.content.decode()
    assert "open>" in page.content.decode()


def test_polls_that_brought_nothing_new_are_folded(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
        for seconds in range(5, 30, 5):
            at = payment.created_at + timedelta(seconds=seconds)
            make_exchange(payment, operation="lookup", source="poll", started_at=at, verdict="pending")
    assert "Asked MTN for the state, 5 times" in text_of(shown(acme, payment))


def test_markup_from_a_provider_or_merchant_stays_text(acme: Merchant) -> None:
    attack = '<script>alert(1)</script><b hx-get="/x">'
    with acme.entered():
        payment = make_payment(description=attack, reference="<i>x", metadata={attack[:40]: attack})
        make_exchange(payment, response_body=attack)
    page = shown(acme, payment).content.decode()
    assert "<script>alert" not in page
    assert "<b hx-get" not in page


def test_a_failure_says_who_acts_and_whether_to_retry(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="failed")
    words = text_of(shown(acme, payment))
    assert "Declined Safe to try again" in words
    assert "Who acts The payer" in words
    assert "payer_declined" in words
    assert "APPROVAL_REJECTED" in words


def test_a_final_payment_is_not_polled(acme: Merchant) -> None:
    with acme.entered():
        final, waiting = make_payment(), make_payment(status="processing")
    assert "data-live" not in shown(acme, final).content.decode()
    assert "data-live" in shown(acme, waiting).content.decode()
    assert "Updating" in text_of(shown(acme, waiting))


def test_the_live_part_equals_the_full_page(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
    # Nothing but the form token differs from one rendering to the next.
    client = acme.browser()
    address = path(acme, f"payments/{payment.id}/")
    with patch("django.middleware.csrf._mask_cipher_secret", side_effect=lambda secret: secret * 2):
        full = client.get(address).content.decode()
        part = client.get(address, headers=HTMX).content.decode()
    assert "<html" not in part
    assert part.strip() in full


def test_a_refresh_without_news_is_empty(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
    client = acme.browser()
    page = client.get(path(acme, f"payments/{payment.id}/")).content.decode()
    seen = page.split("?seen=")[1].split('"')[0]
    assert client.get(path(acme, f"payments/{payment.id}/?seen={seen}"), headers=HTMX).status_code == 204
    with acme.entered():
        make_exchange(payment)
    assert client.get(path(acme, f"payments/{payment.id}/?seen={seen}"), headers=HTMX).status_code == 200


def test_cancel_asks_first_and_then_withdraws(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="pending")
    question = acme.browser().get(path(acme, f"payments/{payment.id}/cancel/"), headers=HTMX)
    assert "Cancel K 150.00?" in text_of(question)
    assert acme.payment(payment.id).status == "pending"
    assert post(acme, payment, "cancel").status_code == 302
    assert acme.payment(payment.id).status == "canceled"


def test_cancel_too_late_changes_nothing_and_says_why(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
    client = acme.browser()
    page = client.post(path(acme, f"payments/{payment.id}/cancel/"), follow=True)
    assert "Not canceled." in text_of(page)
    assert acme.payment(payment.id).status == "processing"


def test_check_asks_and_answers_with_the_live_part(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="processing")
    with patch("payments.services.CHECK_WAIT_SECONDS", 0):
        part = post(acme, payment, "check", **HTMX)
        plain = post(acme, payment, "check")
    assert "Check asked for" in text_of(part)
    assert "Asked." in part["HX-Trigger"]
    assert plain.status_code == 302


def test_revealing_the_phone_is_recorded(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(phone="260971234321")
    page = post(acme, payment, "phone", role="operator", **HTMX)
    assert "+260 97 123 4321" in text_of(page)
    with acme.entered():
        entry = AuditEntry.objects.get(action="payment.reveal_phone", target=payment.id)
    assert entry.actor.endswith("operator@acme.test")


def test_a_get_never_reveals(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
    assert acme.browser().get(path(acme, f"payments/{payment.id}/phone/")).status_code == 405


@pytest.mark.parametrize(("status", "offered"), [("pending", "Cancel"), ("unknown", "Check now"), ("succeeded", "")])
def test_actions_follow_the_state(acme: Merchant, status: str, offered: str) -> None:
    with acme.entered():
        payment = make_payment(status=status)
    words = text_of(shown(acme, payment))
    verdict = words.split("Timeline")[0]
    assert [action for action in ("Cancel", "Check now") if action in verdict] == ([offered] if offered else [])


def test_a_viewer_is_offered_nothing(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(status="pending")
    page = shown(acme, payment, role="viewer")
    assert "reveal-phone" not in page.content.decode()
    assert 'id="cancel"' not in page.content.decode()


def add_callback(payment: Payment, **fields: Any) -> Callback:
    values: dict[str, Any] = {
        "provider": "mtn", "is_signed": False, "transaction_id": "txn_1", "payment_id": payment.id, "method": "PUT",
        "headers": {"Content-Type": "application/json"}, "body": b'{"status":"SUCCESSFUL"}', "body_sha256": "0" * 64,
        "received_at": payment.created_at + timedelta(seconds=10),
    }  # fmt: skip
    return Callback.objects.create(**values | fields)

"""The inbox: every message with its verdict, the raw bytes, claim beside fact, and links by hand."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from payments import ids
from payments.models import AuditEntry, Callback, Payment
from portal.raw_bodies import read_body
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rows import make_exchange, make_payment
from tests.portal.test_rendered_pages import queries
from tests.world import Merchant, run_jobs

FORGED = "Its address does not carry our signature. Nothing was changed."


def message_of(payment: Payment | None = None, *, body: str = '{"status":"SUCCESSFUL"}', **fields: Any) -> Callback:
    values: dict[str, Any] = {
        "provider": "mtn", "is_signed": payment is not None, "transaction_id": ids.transaction_id(),
        "payment_id": payment.id if payment else "", "method": "PUT", "headers": {"Content-Type": "application/json"},
        "body": body.encode(), "body_sha256": hashlib.sha256(body.encode()).hexdigest(), "claims": "succeeded",
        "verdict": "applied" if payment else "rejected", "reason": "" if payment else FORGED,
    }  # fmt: skip
    return Callback.objects.create(**values | fields)


def inbox(merchant: Merchant, query: str = "", *, mode: str = "test", **headers: str) -> Any:
    return merchant.browser().get(path(merchant, f"developers/inbox/{query}", mode=mode), headers=headers)


def shown(merchant: Merchant, callback: Callback, *, mode: str = "test", role: str = "owner") -> Any:
    return merchant.browser(role).get(path(merchant, f"developers/inbox/{callback.id}/", mode=mode))


def link(merchant: Merchant, callback: Callback, text: str, *, role: str = "operator") -> Any:
    address = path(merchant, f"developers/inbox/{callback.id}/link/")
    return merchant.browser(role).post(address, {"text": text}, follow=True)


def test_without_messages_it_says_so(acme: Merchant) -> None:
    assert "No messages yet" in text_of(inbox(acme))


def test_each_message_shows_verdict_claim_owner_address_and_repeats(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment()
        message_of(payment, duplicates=4, reason="Read back from mtn: succeeded.")
        message_of(None, claims="")
    words = text_of(inbox(acme))
    assert "Applied MTN Says succeeded Read back from MTN: succeeded." in words
    assert payment.id[-4:] in words
    assert "signed by us" in words
    assert "\u00d75" in words  # a times sign
    assert f"Rejected MTN From somebody unknown {FORGED} no payment not signed" in words


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("verdict=applied", {"A"}), ("verdict=rejected", {"B", "C"}), ("verdict=unmatched", {"C"}),
        ("provider=airtel", set()), ("range=hour", set("ABC")), ("range=yesterday", set()),
        ("since=2020-01-01&until=2020-02-01", set()),
    ],
)  # fmt: skip
def test_filters(acme: Merchant, query: str, found: set[str]) -> None:
    with acme.entered():
        message_of(make_payment(), reason="mark-A")
        message_of(make_payment(), verdict="rejected", reason="mark-B")
        message_of(None, reason="mark-C")
    words = text_of(inbox(acme, f"?{query}"))
    assert {name for name in "ABC" if f"mark-{name}" in words} == found
    assert found or "No messages match" in words


def test_a_filter_that_makes_no_sense_is_named(acme: Merchant) -> None:
    assert "A filter was not understood" in text_of(inbox(acme, "?verdict=nonsense&cursor=x"))


def test_pages_follow_each_other(acme: Merchant) -> None:
    with acme.entered():
        for number in range(60):
            message_of(
                make_payment(), reason=f"N-{number:02}", id=ids.new_id("cb", timezone.now() + timedelta(seconds=number))
            )
    first = inbox(acme)
    assert "N-10" in text_of(first)
    assert "N-09" not in text_of(first)
    following = first.content.decode().split('hx-get="?')[1].split('"')[0].replace("&amp;", "&")
    part = inbox(acme, f"?{following}", **HTMX)
    assert [word for word in text_of(part).split() if word.startswith("N-")] == [f"N-{n:02}" for n in range(9, -1, -1)]


def test_a_longer_inbox_costs_the_same_queries(acme: Merchant) -> None:
    with acme.entered():
        message_of(make_payment())
        message_of(None)
    client, page = acme.browser(), path(acme, "developers/inbox/")
    few = queries(client, page)
    with acme.entered():
        for _ in range(20):
            message_of(make_payment())
            message_of(None)
    assert queries(client, page) == few


def test_modes_and_merchants_see_their_own(acme: Merchant, globex: Merchant) -> None:
    with acme.entered():
        callback = message_of(make_payment(), reason="MINE")
    assert "MINE" not in text_of(inbox(acme, mode="live"))
    assert "MINE" not in text_of(inbox(globex))
    assert shown(acme, callback, mode="live").status_code == 404
    assert shown(globex, callback).status_code == 404


def test_claim_and_fact_stand_side_by_side(acme: Merchant) -> None:
    body = (
        '{"externalId":"pay_1","amount":"1.00","currency":"ZMW","status":"FAILED","reason":"APPROVAL_REJECTED",'
        '"payer":{"partyIdType":"MSISDN","partyId":"260966000123"}}'
    )
    with acme.entered():
        payment = make_payment()
        callback = message_of(payment, body=body, claims="failed", verdict="rejected")
        make_exchange(
            payment, source="callback", operation="lookup", verdict="succeeded", started_at=callback.received_at
        )
    words = text_of(shown(acme, callback))
    assert "Outcome Failed Succeeded Differs" in words
    assert "Amount K 1.00 K 150.00 Differs" in words
    assert "Phone +260 96•••• 123 +260 96•••• 123" in words
    assert "260966000123" not in words  # masked in the raw body, too


def test_bytes_that_are_no_text_are_shown_as_hex_without_payers_numbers(acme: Merchant) -> None:
    with acme.entered():
        callback = message_of(None, body="x")
        Callback.objects.filter(pk=callback.pk).update(body=b"\x00\x01\xff260966000123")
    words = text_of(shown(acme, callback))
    assert "00000000 00 01 ff 2a" in words
    assert "shown as hex" in words
    assert "260966000123" not in words
    assert b"260966000123".hex(" ") not in words


def test_a_long_body_is_cut_and_an_empty_one_is_named(acme: Merchant) -> None:
    assert read_body(b"x" * 20_000).is_cut
    with acme.entered():
        callback = message_of(None, body="")
    assert "It had no body." in text_of(shown(acme, callback))


def test_a_forged_message_that_names_something_of_ours_is_a_suggestion_and_no_more(acme: Merchant, mtn: Any) -> None:
    mtn.misbehave(operation="collect", approve_seconds=None)
    payment = acme.pay().json()["id"]
    run_jobs()
    body = {"externalId": payment, "status": "SUCCESSFUL"}
    answer = acme.anonymous("POST", f"/hooks/mtn/{acme.tenant.public_id}/nowhere", body)
    assert answer.status_code == 401
    run_jobs(rounds=2)
    assert acme.payment(payment).status == "processing"
    with acme.entered():
        callback = Callback.objects.get()
    assert (callback.verdict, callback.payment_id) == ("rejected", "")
    assert f"looks like {payment[:12]}…{payment[-4:]}" in text_of(inbox(acme))
    assert f"Looks like {payment} , because its body names it." in text_of(shown(acme, callback))


def test_our_reference_at_the_network_is_a_suggestion_too_but_two_candidates_are_none(acme: Merchant) -> None:
    with acme.entered():
        first, second = make_payment(), make_payment()
        reference = first.transactions.get().reference
        one, two = message_of(None, body=reference.upper()), message_of(None, body=f"{first.id} {second.id}")
    assert f"Looks like {first.id}" in text_of(shown(acme, one))
    assert "Looks like" not in text_of(shown(acme, two))


def test_what_names_another_merchants_payment_suggests_nothing(acme: Merchant, globex: Merchant) -> None:
    with globex.entered():
        theirs = make_payment()
    with acme.entered():
        callback = message_of(None, body=theirs.id)
    assert "Looks like" not in text_of(shown(acme, callback))


@pytest.mark.parametrize("by", ["id", "reference", "our_reference"])
def test_a_person_links_a_message_and_the_network_is_asked(acme: Merchant, mtn: Any, by: str) -> None:
    payment = acme.pay(reference="INV-1").json()["id"]
    run_jobs()
    with acme.entered():
        callback = message_of(None)
        ours = acme.payment(payment).transactions.get().reference
    text = {"id": payment, "reference": "INV-1", "our_reference": ours}[by]
    assert f"Linked to {payment}." in text_of(link(acme, callback, text))
    mtn.wait_until_charged("+260966000123")
    run_jobs()
    assert acme.payment(payment).status == "succeeded"
    with acme.entered():
        callback.refresh_from_db()
        entry = AuditEntry.objects.get(action="callback.linked")
    assert (callback.verdict, callback.payment_id) == ("applied", payment)
    assert callback.linked_by.endswith("operator@acme.test")
    assert (entry.target, entry.result, entry.after) == (callback.id, "ok", {"payment": payment})
    assert "linked by operator@acme.test" in text_of(acme.browser().get(path(acme, f"payments/{payment}/")))


def test_a_linked_lie_is_judged_by_what_the_network_says(acme: Merchant, mtn: Any) -> None:
    payment = acme.pay(phone="+260966000451").json()["id"]
    run_jobs()
    mtn.wait_until_settled("+260966000451")
    with acme.entered():
        callback = message_of(None)
    link(acme, callback, payment)
    run_jobs()
    assert acme.payment(payment).status == "failed"
    with acme.entered():
        callback.refresh_from_db()
    assert callback.verdict == "rejected"


def test_a_linked_message_that_comes_again_keeps_its_owner(acme: Merchant, mtn: Any) -> None:
    payment = acme.pay().json()["id"]
    run_jobs()
    with acme.entered():
        callback = message_of(None)
    link(acme, callback, payment)
    run_jobs()
    body = {"externalId": payment, "status": "SUCCESSFUL"}
    for _ in range(2):
        assert acme.anonymous("PUT", f"/hooks/mtn/{acme.tenant.public_id}/nowhere", body).status_code == 401
    with acme.entered():
        callback.refresh_from_db()
        assert callback.payment_id == payment


@pytest.mark.parametrize("text", ["pay_01k00000000000000000000000", "nothing like it"])
def test_a_link_to_nothing_is_refused(acme: Merchant, text: str) -> None:
    with acme.entered():
        callback = message_of(None)
    assert link(acme, callback, text).status_code == 422
    with acme.entered():
        assert Callback.objects.get().payment_id == ""


def test_a_link_across_networks_modes_or_owners_is_refused(acme: Merchant) -> None:
    with acme.entered():
        airtel, live, fine = make_payment(provider="airtel"), make_payment(livemode=True), make_payment()
        unsent, free, owned = make_payment(status="pending"), message_of(None), message_of(fine)
    for callback, payment in ((free, airtel), (free, live), (free, unsent), (owned, airtel), (owned, fine)):
        assert link(acme, callback, payment.id).status_code == 422
    with acme.entered():
        assert AuditEntry.objects.filter(action="callback.linked", result="failed").count() == 4


def test_a_developer_reads_but_does_not_link(acme: Merchant) -> None:
    with acme.entered():
        callback = message_of(None)
        payment = make_payment()
    assert "Link to a payment" not in text_of(shown(acme, callback, role="developer"))
    assert link(acme, callback, payment.id, role="developer").status_code == 403

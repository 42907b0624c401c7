"""Needs attention: each thing on Home one click from its fix, the list with age and amount, alarms marked as seen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from payments.models import AuditEntry, Payment, Resolution
from tenants.models import Circuit
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rows import make_audit, make_payment
from tests.portal.test_payment import add_callback
from tests.portal.test_rendered_pages import queries
from tests.world import Merchant


def home(merchant: Merchant, role: str = "owner") -> str:
    return text_of(merchant.browser(role).get(path(merchant)))


def attention(merchant: Merchant, query: str = "", *, mode: str = "test", role: str = "owner", **headers: str) -> Any:
    return merchant.browser(role).get(path(merchant, f"attention/{query}", mode=mode), headers=headers)


def unknown(hours: float = 3, **fields: Any) -> Payment:
    return make_payment(status="unknown", created_at=timezone.now() - timedelta(hours=hours), **fields)


def propose(payment: Payment) -> Resolution:
    return Resolution.objects.create(
        payment=payment, outcome="succeeded", reason="x", evidence="y", proposed_by="user:7 mary@acme.test",
        proposed_by_user=7,
    )  # fmt: skip


def held(**fields: Any) -> Payment:
    since = timezone.now() - timedelta(minutes=12)
    return make_payment(status="pending", held_at=since, created_at=since, kind="payout", **fields)


def test_home_says_nothing_when_there_is_nothing(acme: Merchant) -> None:
    with acme.entered():
        make_payment()
    assert "Needs attention" not in home(acme)


def test_unknown_outcomes_have_age_and_amounts_per_currency(acme: Merchant) -> None:
    with acme.entered():
        unknown(amount=Decimal("990.00"))
        unknown(1, amount=Decimal("10.00"), kind="payout")
        unknown(1, amount=Decimal("7.00"), currency="EUR")
    words = home(acme)
    assert "3 unknown outcomes" in words
    assert "Oldest 3 h ago; 7.00 EUR, K 1,000.00 at stake." in words


def test_everything_else_that_needs_somebody_has_a_line_and_a_link(acme: Merchant) -> None:
    with acme.entered():
        propose(unknown())
        add_callback(make_payment(attention_at=timezone.now()), verdict="rejected")
        held(amount=Decimal("500.00"))
        add_callback(make_payment(), verdict="unmatched", payment_id="", body_sha256="1" * 64)
    Circuit.objects.create(
        tenant=acme.tenant, livemode=False, provider="mtn", account_id="pa_1", operation="transfer", state="open",
        opened_at=timezone.now() - timedelta(minutes=5),
    )  # fmt: skip
    words = home(acme)
    for line in (
        "1 alarm", "1 proposal to settle by hand", "1 waiting for a network", "K 500.00 in all",
        "MTN: payouts are down since 5 min", "1 unmatched message in 7 days", "1 rejected callback in 7 days",
    ):  # fmt: skip
        assert line in words
    page = acme.browser().get(path(acme)).content.decode()
    for link in ("attention/?sort=alarm", "attention/?sort=held", "providers/", "developers/inbox/?verdict=unmatched"):
        assert f'href="{path(acme, link)}"' in page


def test_home_offers_nobody_a_page_that_the_role_may_not_open(acme: Merchant) -> None:
    with acme.entered():
        add_callback(make_payment(), verdict="rejected")
        unknown()
    words = home(acme, "viewer")
    assert "1 unknown outcome" in words
    assert "rejected callback" not in words


def test_the_list_is_oldest_first_with_all_kinds_and_says_what_is_known_and_who_acts(acme: Merchant) -> None:
    with acme.entered():
        make_payment(reference="FINE")
        unknown(1, reference="YOUNG", next_check_at=timezone.now() + timedelta(minutes=5))
        unknown(50, reference="OLD", attention_at=timezone.now())
        held(reference="HELD")
    words = text_of(attention(acme))
    assert [words.index(name) for name in ("OLD", "YOUNG", "HELD")] == sorted(
        words.index(name) for name in ("OLD", "YOUNG", "HELD")
    )
    assert "FINE" not in words
    assert "You: ask MTN with our reference, then settle it by hand." in words
    assert "Nobody yet: we wait for MTN's word." in words
    assert "Nothing was sent and no money moved." in words
    assert "Payout · MTN" in words
    assert "in 4 min" in words


@pytest.mark.parametrize(
    ("sort", "shown"),
    [("unknown", {"U", "P"}), ("alarm", {"A"}), ("held", {"H"}), ("proposed", {"P"}), ("x", set("UPAH"))],
)
def test_each_sort_has_a_list_of_its_own(acme: Merchant, sort: str, shown: set[str]) -> None:
    with acme.entered():
        unknown(reference="ref-U")
        propose(unknown(reference="ref-P"))
        make_payment(reference="ref-A", attention_at=timezone.now())
        held(reference="ref-H")
    words = text_of(attention(acme, f"?sort={sort}"))
    assert {name for name in "UPAH" if f"ref-{name}" in words} == shown


def test_an_alarm_is_told_in_plain_words(acme: Merchant) -> None:
    with acme.entered():
        payment = make_payment(attention_at=timezone.now())
        make_audit(action="payment.alarm", target=payment.id, reason="paid after failed", actor="system:reconciliation")
    for page in (attention(acme), acme.browser().get(path(acme, f"payments/{payment.id}/"))):
        assert "The network says that it was paid, after it had failed." in text_of(page)


def test_a_long_list_goes_on_where_it_ended(acme: Merchant) -> None:
    with acme.entered():
        for number in range(60):
            unknown(100 - number, reference=f"N-{number:02}")
    first = attention(acme)
    assert "N-49" in text_of(first)
    assert "N-50" not in text_of(first)
    following = first.content.decode().split('hx-get="?')[1].split('"')[0].replace("&amp;", "&")
    part = attention(acme, f"?{following}", **HTMX)
    assert "<html" not in part.content.decode()
    assert {f"N-{number}" for number in range(50, 60)} == {
        word for word in text_of(part).split() if word.startswith("N-")
    }


def test_empty_lists_say_so(acme: Merchant) -> None:
    assert "Nothing needs attention" in text_of(attention(acme))
    assert "None of these" in text_of(attention(acme, "?sort=held"))


def test_the_other_mode_and_the_other_merchant_have_lists_of_their_own(acme: Merchant, globex: Merchant) -> None:
    with acme.entered():
        unknown(reference="MINE")
    assert "MINE" not in text_of(attention(acme, mode="live"))
    assert "MINE" not in text_of(attention(globex))


def test_the_list_costs_the_same_however_long_it_is(acme: Merchant) -> None:
    with acme.entered():
        propose(unknown())
    client, page = acme.browser(), path(acme, "attention/")
    few = queries(client, page)
    with acme.entered():
        for _ in range(30):
            propose(unknown())
    assert queries(client, page) == few


class TestMarkingAsSeen:
    def post(self, merchant: Merchant, payment: Payment, note: str, role: str = "operator") -> Any:
        return merchant.browser(role).post(path(merchant, f"attention/{payment.id}/seen/"), {"note": note}, follow=True)

    def test_it_asks_what_was_found_and_takes_it_off_the_list(self, acme: Merchant) -> None:
        with acme.entered():
            payment = make_payment(attention_at=timezone.now())
        page = acme.browser("operator").get(path(acme, f"payments/{payment.id}/"))
        assert f'href="{path(acme, f"attention/{payment.id}/seen/")}"' in page.content.decode()
        words = text_of(self.post(acme, payment, "The payer was charged once."))
        assert "Marked as seen" in words
        assert "Alarm marked as seen" in words
        assert "The payer was charged once." in words
        assert acme.payment(payment.id).attention_at is None

    def test_without_a_note_it_asks_again(self, acme: Merchant) -> None:
        with acme.entered():
            payment = make_payment(attention_at=timezone.now())
        assert self.post(acme, payment, " ").status_code == 422
        assert acme.payment(payment.id).attention_at is not None

    def test_an_open_one_stays_on_the_list(self, acme: Merchant) -> None:
        with acme.entered():
            payment = unknown(attention_at=timezone.now())
        assert "Nothing changed." in text_of(self.post(acme, payment, "seen"))
        assert acme.payment(payment.id).attention_at is not None

    def test_a_viewer_may_not_and_that_is_recorded(self, acme: Merchant) -> None:
        with acme.entered():
            payment = make_payment(attention_at=timezone.now())
        assert self.post(acme, payment, "seen", role="viewer").status_code == 403
        with acme.entered():
            assert AuditEntry.objects.get(action="alarms.acknowledge").result == "denied"

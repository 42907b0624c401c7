"""The Routing page: what holds, who may look and who may change it, and every version there was."""

from datetime import timedelta

import pytest
from django.utils import timezone

from providers.registry import PROVIDERS
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rerouting import AIRTEL, BACK, EDIT, MTN, go_back, page, saved, versions
from tests.portal.rows import make_audit, make_exchange, make_payment, make_transaction
from tests.world import Merchant


class TestWhatHolds:
    def test_without_rules_it_says_calmly_that_each_network_serves_its_own_numbers(self, acme: Merchant) -> None:
        words = page(acme)
        assert "Each network serves its own numbers" in words
        assert "Make a rule" in words
        assert "History" not in words

    def test_the_prefixes_are_shown_with_their_date(self, acme: Merchant) -> None:
        words = page(acme).split("Whose number it is")[1]
        assert "As of July 2026" in words
        assert "MTN 096 076 056 Airtel 097 077 057 Zamtel 095 075 055" in words

    def test_rules_are_shown_in_a_table_and_in_words(self, acme: Merchant, airtel: None) -> None:
        saved(acme, MTN, AIRTEL | {"amount_max": "500"})
        words = page(acme)
        assert "Payments of up to K 500.00 from MTN numbers are collected by MTN; where MTN cannot, by Airtel." in words
        assert "Payments of K 500.01 and more from MTN numbers are collected by MTN." in words
        assert "Payouts to MTN numbers are sent by MTN: no rule is about them." in words
        assert "1 MTN Payments MTN 1 100 % any amount On" in words
        assert "2 MTN Payments Airtel 2 100 % up to K 500.00 On" in words

    def test_shares_are_said_as_parts_of_the_traffic(self, acme: Merchant, airtel: None) -> None:
        saved(acme, MTN | {"share": 60}, AIRTEL | {"priority": 1, "share": 20})
        assert "are collected by MTN (75 %) or Airtel (25 %)." in page(acme)

    def test_a_rule_that_cannot_be_followed_says_why(self, acme: Merchant, airtel: None) -> None:
        saved(acme, AIRTEL | {"operation": "transfer"}, MTN | {"is_enabled": False})
        words = page(acme)
        assert "1 MTN Payouts Airtel 2 100 % any amount No account" in words
        assert "2 MTN Payments MTN 1 100 % any amount Off" in words
        for what in ("Payments from", "Payouts to"):
            assert f"{what} MTN numbers are refused: no rule that can be followed takes them." in words

    def test_a_rule_of_a_provider_that_is_gone_is_said_to_be_left_out(
        self, acme: Merchant, airtel: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        saved(acme, MTN, AIRTEL)
        monkeypatch.delitem(PROVIDERS, "airtel")
        assert "1 saved rule cannot be followed by this release and is left out" in page(acme)

    @pytest.mark.parametrize(("role", "may"), [
        ("owner", True), ("admin", True), ("developer", True), ("operator", False), ("viewer", False),
    ])  # fmt: skip
    def test_everybody_may_look_and_some_are_offered_a_change(self, acme: Merchant, role: str, may: bool) -> None:
        saved(acme, MTN)
        saved(acme)
        saved(acme, MTN, MTN | {"operation": "transfer"})
        words = page(acme, role)
        assert ("Change the rules" in words, "Go back to this version" in words) == (may, may)
        assert acme.browser(role).get(path(acme, EDIT)).status_code == (200 if may else 403)

    def test_who_may_not_change_it_is_told_who_may(self, acme: Merchant) -> None:
        words = page(acme, "viewer")
        assert "An owner, admin or developer can make rules." in words
        assert "Make a rule" not in words

    def test_it_is_in_the_navigation_beside_the_providers(self, acme: Merchant) -> None:
        html = acme.browser().get(path(acme)).content.decode()
        assert (
            html.index(path(acme, "providers/")) < html.index(path(acme, "routing/")) < html.index(path(acme, "audit/"))
        )

    def test_other_modes_and_merchants_show_nothing_of_it(self, acme: Merchant, globex: Merchant) -> None:
        saved(acme, MTN, note="Between us.")
        for words in (page(acme, mode="live"), page(globex)):
            assert "Each network serves its own numbers" in words
            assert "Between us." not in words


class TestHistory:
    def test_each_version_says_who_when_why_and_what(self, acme: Merchant) -> None:
        saved(acme, MTN, note="First try.")
        saved(acme, MTN | {"share": 50})
        words = page(acme).split("History")[1]
        newest, oldest = words.split("Version 1 ")
        assert "Version 2 Holds now" in newest
        assert "Taken out: Payments from MTN numbers by MTN, priority 1" in newest
        assert "Put in: Payments from MTN numbers by MTN, priority 1, share 50" in newest
        assert "by admin@acme.test" in oldest
        assert "First try." in oldest

    def test_going_back_asks_first_and_says_what_it_changes(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme)
        with acme.entered():
            make_payment()
        question = acme.browser().get(path(acme, f"{BACK}?to=1"))
        words = text_of(question)
        assert "Go back to version 1?" in words
        assert "Put in: Payments from MTN numbers by MTN, priority 1" in words
        assert "Of your 1 newest payments and payouts of the last 30 days, 0 would go elsewhere." in words
        assert versions(acme) == [1, 2]

    def test_the_dialog_gets_the_question_alone(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme)
        part = acme.browser().get(path(acme, f"{BACK}?to=1"), headers=HTMX).content.decode()
        assert part.strip().startswith("<form")

    def test_going_back_makes_a_new_version(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme)
        words = text_of(go_back(acme, 1, based_on=2))
        assert "Version 3 holds, with the rules of version 1." in words
        assert "Back to version 1." in words
        assert versions(acme) == [1, 2, 3]

    def test_going_back_from_a_version_one_has_not_seen_asks_again(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme)
        saved(acme, MTN | {"share": 9})
        response = go_back(acme, 1, based_on=2)
        assert response.status_code == 409
        assert "Version 3 was saved meanwhile" in text_of(response)
        assert 'name="based_on" value="3"' in response.content.decode()
        assert versions(acme) == [1, 2, 3]

    def test_to_rules_that_hold_already_there_is_no_way_back(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme)
        saved(acme, MTN)
        assert f"{BACK}?to=1" not in acme.browser().get(path(acme, "routing/")).content.decode()
        assert "these rules hold already" in text_of(go_back(acme, 1, based_on=3))
        assert versions(acme) == [1, 2, 3]

    @pytest.mark.parametrize("to", ["", "0", "9", "x", "²", "99999999999999"])
    def test_a_version_that_is_not_there_is_not_found(self, acme: Merchant, to: str) -> None:
        saved(acme, MTN)
        assert acme.browser().get(path(acme, f"{BACK}?to={to}")).status_code == 404

    def test_versions_of_the_other_mode_and_of_another_merchant_are_not_found(
        self, acme: Merchant, globex: Merchant
    ) -> None:
        saved(acme, MTN)
        saved(acme)
        assert go_back(acme, 1, based_on=2, mode="live").status_code == 404
        assert go_back(globex, 1, based_on=2).status_code == 404
        assert globex.browser().get(path(acme, f"{BACK}?to=1")).status_code == 404

    @pytest.mark.parametrize("role", ["operator", "viewer"])
    def test_who_may_only_look_cannot_go_back(self, acme: Merchant, role: str) -> None:
        saved(acme, MTN)
        saved(acme)
        assert go_back(acme, 1, based_on=2, role=role).status_code == 403
        assert versions(acme) == [1, 2]


class TestWords:
    def test_a_change_of_the_rules_has_words_in_the_audit_trail(self, acme: Merchant) -> None:
        saved(acme, MTN, note="A try.")
        words = text_of(acme.browser().get(path(acme, "audit/?action=routing.changed")))
        assert "Routing rules changed" in words
        assert "share 100, network mtn, priority 1, provider mtn, operation collect, is_enabled True" in words
        assert "{" not in words

    def test_the_audit_trail_shows_only_the_rules_that_differ(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme, MTN, MTN | {"operation": "transfer"})
        words = text_of(acme.browser().get(path(acme, "audit/?target=version 2"))).split("Before After")[1]
        assert "rules — share 100, network mtn, priority 1, provider mtn, operation transfer" in words
        assert "collect" not in words

    def test_the_audit_trail_leads_to_the_version(self, acme: Merchant) -> None:
        saved(acme, MTN)
        place = path(acme, "routing/") + "#version-1"
        assert f'href="{place}">Open version 1</a>' in acme.browser().get(path(acme, "audit/")).content.decode()
        assert 'id="version-1"' in acme.browser().get(path(acme, "routing/")).content.decode()

    def test_a_switch_to_the_next_provider_shows_in_the_payments_story_with_its_reason(self, acme: Merchant) -> None:
        reason = "mtn: The account is closed. Nothing moved there (abc is over), so Airtel is tried."
        with acme.entered():
            payment = make_payment(status="processing")
            make_audit(action="payment.rerouted", target=payment.id, actor="system:routing", reason=reason)
        words = text_of(acme.browser().get(path(acme, f"payments/{payment.id}/")))
        assert "Handed to the next provider" in words
        assert "MTN: The account is closed. Nothing moved there (abc is over), so Airtel is tried." in words
        assert "Next provider tried" in text_of(acme.browser().get(path(acme, "audit/")))

    def test_what_was_with_the_provider_before_keeps_its_name(self, acme: Merchant, airtel: None) -> None:
        now = timezone.now()
        with acme.entered():
            payment = make_payment(status="processing", provider="airtel", created_at=now - timedelta(minutes=1))
            old = make_transaction(payment, number=2, provider="mtn", state="dead")
            make_exchange(payment, transaction_id=old.id, started_at=now - timedelta(seconds=50))
            make_audit(action="payment.held", target=payment.id, created_at=now - timedelta(seconds=55))
            make_audit(action="payment.rerouted", target=payment.id, before={"provider": "mtn"}, created_at=now)
            new = payment.transactions.get(number=1)
            make_exchange(payment, transaction_id=new.id, started_at=now + timedelta(seconds=1))
        before, after = text_of(acme.browser().get(path(acme, f"payments/{payment.id}/"))).split("Handed to the next")
        assert "Waiting for MTN" in before
        assert "Asked MTN to collect" in before
        assert "Asked Airtel" not in before
        assert "Asked Airtel to collect" in after

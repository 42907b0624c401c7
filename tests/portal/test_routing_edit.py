"""Changing the routing rules: rows, mistakes, the preview, the save, and somebody else who was faster."""

import re
from typing import Any

import pytest

from payments.models import AuditEntry
from tests.portal.pages import HTMX, path, text_of
from tests.portal.rerouting import AIRTEL, EDIT, MTN, draft_of, edit, page, save, saved, versions
from tests.portal.rows import make_payment, make_payout
from tests.world import Merchant


class TestRows:
    def test_the_form_starts_with_what_holds(self, acme: Merchant) -> None:
        saved(acme, MTN | {"amount_min": "5.00", "share": 40})
        html = acme.browser().get(path(acme, EDIT)).content.decode()
        assert 'name="rule-0-amount_min" value="5.00"' in html
        assert 'name="rule-0-share" value="40"' in html
        assert 'name="based_on" value="1"' in html

    def test_a_row_is_added_without_losing_what_was_typed(self, acme: Merchant) -> None:
        response = edit(acme, "add", MTN | {"share": "7x"})
        assert response.status_code == 200
        assert 'value="7x"' in response.content.decode()
        assert "Airtel is cheaper." in text_of(response)
        assert "Rule 2" in text_of(response)

    def test_the_row_that_was_meant_is_removed(self, acme: Merchant) -> None:
        response = edit(acme, "remove-0", MTN | {"share": 11}, MTN | {"share": 22})
        html = response.content.decode()
        assert 'name="rule-0-share" value="22"' in html
        assert 'value="11"' not in html
        assert "Rule 2" not in text_of(response)

    def test_htmx_gets_the_same_form_alone(self, acme: Merchant) -> None:
        whole = edit(acme, "add", MTN).content.decode()
        part = edit(acme, "add", MTN, headers=HTMX).content.decode()
        assert part.strip().startswith("<form")
        form = re.search(r'<form class="rules".*?</form>', whole, re.DOTALL)
        assert form
        tokens = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
        assert tokens.sub("", form[0]).split() == tokens.sub("", part).split()

    def test_pressing_enter_in_a_field_previews_and_removes_nothing(self, acme: Merchant) -> None:
        saved(acme, MTN)
        html = acme.browser().get(path(acme, EDIT)).content.decode().split('class="rules"')[1]
        first = re.search(r"<button[^>]*>", html)
        assert first
        assert 'value="preview"' in first[0]

    def test_no_more_rows_are_offered_than_can_be_sent(self, acme: Merchant, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 30
        assert "Add a rule" in text_of(edit(acme, "change", MTN))
        assert "Add a rule" not in text_of(edit(acme, "change", MTN, MTN))

    def test_fifty_rules_are_the_most(self, acme: Merchant, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
        rules = [MTN | {"amount_min": number} for number in range(1, 51)]
        assert "as many rules as there can be" in text_of(edit(acme, "change", *rules))
        refused = edit(acme, "preview", *rules, MTN)
        assert refused.status_code == 422
        assert "There are 51 rules; 50 are the most." in text_of(refused)


class TestMistakes:
    @pytest.mark.parametrize(("change", "words"), [
        ({"share": "0"}, "Rule 2: the share must be a whole number from 1 to 100."),
        ({"share": "half"}, "has at most 3 characters"),
        ({"priority": ""}, "Rule 2: the priority must be a whole number from 1 to 9."),
        ({"network": "vodafone"}, "Rule 2: the network must be one of"),
        ({"operation": "refund"}, "Rule 2: the operation must be one of collect, transfer."),
        ({"amount_min": "much"}, "Write the amount in figures"),
        ({"amount_min": "5", "amount_max": "4"}, "Rule 2: the smallest amount is above the largest."),
        ({"priority": "1"}, "Rule 2 is for the same network, operation, provider and priority as rule 1."),
    ])  # fmt: skip
    def test_a_mistake_is_said_at_its_rule_and_nothing_is_previewed(
        self, acme: Merchant, change: dict[str, str], words: str
    ) -> None:
        response = edit(acme, "preview", MTN, MTN | {"priority": 2} | change)
        assert response.status_code == 422
        rules = response.content.decode().split('class="rule"')
        assert words in rules[2]
        assert "error" not in rules[1]
        assert 'name="draft"' not in response.content.decode()

    def test_a_change_without_a_reason_is_not_previewed(self, acme: Merchant) -> None:
        response = edit(acme, "preview", MTN, note=" ")
        assert response.status_code == 422
        assert "This field is required" in text_of(response)

    def test_amounts_are_read_as_people_type_them(self, acme: Merchant) -> None:
        save(acme, draft_of(edit(acme, "preview", MTN | {"amount_max": "K 1,250.5"})))
        assert "up to K 1,250.50" in page(acme)


class TestPreview:
    def test_it_says_who_would_get_how_much_and_saves_nothing(self, acme: Merchant, airtel: None) -> None:
        with acme.entered():
            payment = make_payment(phone="260966000777")
            make_payout()
        response = edit(acme, "preview", AIRTEL)
        words = text_of(response)
        assert "1 of 2 would go to another provider." in words
        assert "Payments Airtel 0 · K 0.00 1 · K 150.00" in words
        assert "Payments MTN 1 · K 150.00 0 · K 0.00" in words
        assert "Payouts MTN 1 · K 50.00 1 · K 50.00" in words
        assert "MTN → Airtel" in words
        assert path(acme, f"payments/{payment.id}/") in response.content.decode()
        assert "260966000777" not in response.content.decode()
        assert "966 000 777" not in words
        assert versions(acme) == []

    def test_who_would_be_left_without_a_provider_is_a_warning(self, acme: Merchant) -> None:
        with acme.entered():
            make_payment()
        words = text_of(edit(acme, "preview", MTN | {"amount_max": "100"}))
        assert "1 of 1 would be refused that have a provider today" in words
        assert "MTN → nobody MTN: rule 1 does not take 150.00" in words

    def test_without_traffic_there_is_nothing_to_compare_but_it_can_be_saved(self, acme: Merchant) -> None:
        words = text_of(edit(acme, "preview", MTN))
        assert "Nothing to compare with" in words
        assert "Save as version 1" in words

    def test_more_than_are_looked_at_is_said(self, acme: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("portal.views.routing_edit.recent_traffic.__kwdefaults__", {"most": 1}, raising=False)
        with acme.entered():
            make_payment()
            make_payment()
        assert "These are the newest 5,000; there were more." in text_of(edit(acme, "preview", MTN))

    def test_the_same_rules_again_cannot_be_saved(self, acme: Merchant) -> None:
        saved(acme, MTN)
        words = text_of(edit(acme, "preview", MTN, based_on="1"))
        assert "These rules hold already" in words
        assert "Save as" not in words

    def test_one_goes_back_from_it_to_the_same_rows(self, acme: Merchant) -> None:
        response = save(acme, draft_of(edit(acme, "preview", MTN | {"share": 33})), do="change")
        assert 'name="rule-0-share" value="33"' in response.content.decode()
        assert "Airtel is cheaper." in text_of(response)


class TestSaving:
    def test_what_was_previewed_is_saved_with_its_reason_and_is_on_record(self, acme: Merchant) -> None:
        response = save(acme, draft_of(edit(acme, "preview", MTN)), role="owner")
        assert "Version 1 holds, for what is accepted from now on." in text_of(response)
        assert "Airtel is cheaper." in text_of(response)
        with acme.entered():
            entry = AuditEntry.objects.get(action="routing.changed")
        assert (entry.actor.split()[1], entry.reason) == ("owner@acme.test", "Airtel is cheaper.")
        assert entry.ip

    def test_it_changes_where_the_next_payment_goes(self, acme: Merchant, airtel: None) -> None:
        save(acme, draft_of(edit(acme, "preview", AIRTEL)))
        payment = acme.pay().json()["id"]
        assert acme.payment(payment).provider == "airtel"

    @pytest.mark.parametrize("draft", ["", "made up", "WzFd:1x:y"])
    def test_nothing_is_saved_that_was_not_previewed(self, acme: Merchant, draft: str) -> None:
        assert "Nothing was changed" in text_of(save(acme, draft))
        response = edit(acme, "save", MTN)
        assert 'name="draft"' not in response.content.decode()
        assert versions(acme) == []

    def test_a_preview_of_somebody_else_or_of_the_other_mode_saves_nothing(self, acme: Merchant) -> None:
        draft = draft_of(edit(acme, "preview", MTN))
        save(acme, draft, role="admin")
        save(acme, draft, mode="live")
        assert versions(acme) == []

    def test_a_preview_of_another_merchant_saves_nothing(self, acme: Merchant, globex: Merchant) -> None:
        save(globex, draft_of(edit(acme, "preview", MTN)))
        assert versions(globex) == []

    def test_a_preview_that_is_too_old_saves_nothing(self, acme: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
        draft = draft_of(edit(acme, "preview", MTN))
        monkeypatch.setattr("portal.routing_draft.GOOD_FOR_SECONDS", -1)
        assert "too old" in text_of(save(acme, draft))
        assert versions(acme) == []

    def test_a_second_click_saves_no_second_version(self, acme: Merchant) -> None:
        draft = draft_of(edit(acme, "preview", MTN))
        save(acme, draft)
        save(acme, draft)
        assert versions(acme) == [1]

    @pytest.mark.parametrize("role", ["operator", "viewer"])
    def test_who_may_only_look_can_neither_preview_nor_save(self, acme: Merchant, role: str) -> None:
        draft = draft_of(edit(acme, "preview", MTN))
        assert edit(acme, "preview", MTN, role=role).status_code == 403
        assert save(acme, draft, role=role).status_code == 403
        assert versions(acme) == []


class TestConflict:
    def test_what_a_colleague_saved_meanwhile_is_shown_and_nothing_is_lost(self, acme: Merchant) -> None:
        draft = draft_of(edit(acme, "preview", MTN | {"share": 33}))
        saved(acme, MTN | {"operation": "transfer"}, note="Mine.")
        response = save(acme, draft)
        words = text_of(response)
        assert response.status_code == 409
        assert "Version 1 was saved while you were editing." in words
        assert "by admin@acme.test Mine." in words
        assert "Put in: Payouts to MTN numbers by MTN, priority 1" in words
        assert 'name="rule-0-share" value="33"' in response.content.decode()
        assert versions(acme) == [1]

    def test_it_is_noticed_before_the_preview(self, acme: Merchant) -> None:
        saved(acme, MTN)
        saved(acme, MTN, MTN | {"operation": "transfer"})
        response = edit(acme, "preview", MTN, based_on="1")
        assert response.status_code == 409
        assert "Version 2 was saved while you were editing." in text_of(response)

    def test_who_has_seen_it_can_replace_it(self, acme: Merchant) -> None:
        saved(acme, MTN | {"operation": "transfer"})
        shown = edit(acme, "preview", MTN)
        seen = re.search(r'name="based_on" value="(\d+)"', shown.content.decode())
        assert seen
        save(acme, draft_of(edit(acme, "preview", MTN, based_on=seen[1])))
        assert versions(acme) == [1, 2]

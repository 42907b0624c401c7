"""The inbox's filters: from the address to what the selector takes, and to the chips people see."""

from datetime import datetime

from django import forms
from django.http import QueryDict

from payments.selectors.callbacks import CallbackFilters
from portal.chips import Chip, chips
from portal.ranges import QUICK_RANGES
from portal.words import CALLBACK_VERDICTS
from portal.zones import Zone
from providers.names import NETWORKS


class InboxFilterForm(forms.Form):
    verdict = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Any verdict"),
            *((name, look.word) for name, look in CALLBACK_VERDICTS.items() if name != "unmatched"),
            ("unmatched", "Unmatched: belongs to no payment"),
        ],
    )
    provider = forms.ChoiceField(label="Network", required=False, choices=[("", "Any network"), *NETWORKS.items()])
    range = forms.ChoiceField(
        label="Received",
        required=False,
        choices=[("", "Any time"), *((name, words) for name, (words, _) in QUICK_RANGES.items())],
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cursor = forms.RegexField(r"^cb_[0-9a-z]{1,36}$", required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, zone: Zone) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.zone, self.query = zone, data

    def filters(self, now: datetime) -> CallbackFilters:
        """Dates win over a quick range, because they are what was typed."""
        data = self.cleaned_data
        since, before = (None, None)
        if data["since"] or data["until"]:
            since = self.zone.midnight(data["since"]) if data["since"] else None
            before = self.zone.end_of(data["until"]) if data["until"] else None
        elif data["range"]:
            since, before = QUICK_RANGES[data["range"]][1](now, self.zone)
        return CallbackFilters(verdict=data["verdict"], provider=data["provider"], since=since, before=before)

    def quick_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("verdict", "provider", "range")]

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("since", "until")]

    def chips(self) -> list[Chip]:
        data = self.cleaned_data
        has_dates = data["since"] or data["until"]
        words = {
            "verdict": data["verdict"] and f"Verdict: {_verdict_word(data['verdict'])}",
            "provider": data["provider"] and f"Network: {NETWORKS[data['provider']]}",
            "range": data["range"] and not has_dates and QUICK_RANGES[data["range"]][0],
            "since": data["since"] and f"From {data['since']:%-d %b %Y}",
            "until": data["until"] and f"To {data['until']:%-d %b %Y}",
        }
        return chips(self.query, [(label, (name,)) for name, label in words.items() if label])


def _verdict_word(verdict: str) -> str:
    return "Unmatched" if verdict == "unmatched" else CALLBACK_VERDICTS[verdict].word

"""The audit trail's filters: from the address to what the selector takes, and to the chips people see."""

from django import forms
from django.http import QueryDict

from payments.selectors.audit import AuditFilters
from portal.chips import Chip, chips
from portal.words import RESULTS
from portal.zones import Zone


class AuditFilterForm(forms.Form):
    actor = forms.CharField(required=False, max_length=120)
    action = forms.CharField(required=False, max_length=60)
    target = forms.CharField(required=False, max_length=120)
    result = forms.ChoiceField(
        required=False, choices=[("", "Any result"), *((word, look.word) for word, look in RESULTS.items())]
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cursor = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: QueryDict, *, zone: Zone) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.zone, self.query = zone, data

    def filters(self) -> AuditFilters:
        data = self.cleaned_data
        until = data["until"]
        return AuditFilters(
            action=data["action"],
            actor=data["actor"],
            target=data["target"],
            result=data["result"],
            since=self.zone.midnight(data["since"]) if data["since"] else None,
            before=self.zone.end_of(until) if until else None,
        )

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("action", "target", "since", "until")]

    def chips(self) -> list[Chip]:
        data = self.cleaned_data
        words = {
            "actor": data["actor"] and f"Actor: {data['actor']}",
            "action": data["action"] and f"Action: {data['action']}",
            "target": data["target"] and f"Target: {data['target']}",
            "result": data["result"] and f"Result: {RESULTS[data['result']].word}",
            "since": data["since"] and f"From {data['since']:%-d %b %Y}",
            "until": data["until"] and f"To {data['until']:%-d %b %Y}",
        }
        return chips(self.query, [(label, (name,)) for name, label in words.items() if label])

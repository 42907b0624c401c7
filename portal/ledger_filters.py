"""The ledger's filters: from the address to what the selector takes, and to the chips people see."""

from datetime import timedelta

from django import forms
from django.http import QueryDict

from payments.selectors.ledger import EntryFilters
from portal.chips import Chip, chips
from portal.words import LEDGER_ACCOUNTS
from portal.zones import Zone


class LedgerFilterForm(forms.Form):
    object = forms.CharField(required=False, max_length=40, label="Payment, refund or payout")
    account = forms.ChoiceField(required=False, choices=[("", "Any account"), *LEDGER_ACCOUNTS.items()])
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cursor = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, data: QueryDict, *, zone: Zone) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.zone, self.query = zone, data

    def filters(self) -> EntryFilters:
        data = self.cleaned_data
        until = data["until"]
        return EntryFilters(
            object_id=data["object"].strip(),
            account=data["account"],
            created_from=self.zone.midnight(data["since"]) if data["since"] else None,
            # The selector includes its upper bound.
            created_to=self.zone.end_of(until) - timedelta(microseconds=1) if until else None,
        )

    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("since", "until")]

    def chips(self) -> list[Chip]:
        data = self.cleaned_data
        words = {
            "object": data["object"] and f"Object: {data['object']}",
            "account": data["account"] and f"Account: {LEDGER_ACCOUNTS[data['account']]}",
            "since": data["since"] and f"From {data['since']:%-d %b %Y}",
            "until": data["until"] and f"To {data['until']:%-d %b %Y}",
        }
        return chips(self.query, [(label, (name,)) for name, label in words.items() if label])

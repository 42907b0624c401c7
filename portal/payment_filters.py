"""The filters of payments, refunds and payouts: from the address to what the selector takes, and to the chips."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from payments.kinds import PaymentKind
from payments.selectors.payments import PaymentFilters
from payments.states import Status
from portal.chips import Chip, chips
from portal.ranges import QUICK_RANGES
from portal.words import STATUSES
from portal.zones import Zone
from providers.names import NETWORKS
from providers.numbers import InvalidPhoneError, normalise

SIZES = (25, 50, 100)


class PaymentFilterForm(forms.Form):
    """Everything optional; what cannot be understood is an error that the page shows, never silently ignored."""

    status = forms.ChoiceField(
        required=False, choices=[("", "All"), *((s.value, STATUSES[s.value].word) for s in Status)]
    )
    provider = forms.ChoiceField(label="Network", required=False, choices=[("", "Any network"), *NETWORKS.items()])
    phone = forms.CharField(required=False, max_length=32)
    reference = forms.CharField(required=False, max_length=64)
    range = forms.ChoiceField(
        label="Created",
        required=False,
        choices=[("", "Any time"), *((name, words) for name, (words, _) in QUICK_RANGES.items())],
    )
    created_from = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    created_to = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    amount_min = forms.DecimalField(label="Amount from", required=False, min_value=0, decimal_places=2, max_digits=18)
    amount_max = forms.DecimalField(label="Amount to", required=False, min_value=0, decimal_places=2, max_digits=18)
    metadata = forms.CharField(
        required=False, max_length=560, widget=forms.TextInput(attrs={"placeholder": "order=1001"})
    )
    cursor = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    newest = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    attention = forms.BooleanField(required=False, widget=forms.HiddenInput)
    size = forms.TypedChoiceField(required=False, coerce=int, choices=[(size, str(size)) for size in SIZES])

    def __init__(self, data: QueryDict, *, kind: PaymentKind, zone: Zone, livemode: bool) -> None:
        super().__init__(data, auto_id="filter_%s")
        self.kind, self.zone, self.livemode = kind, zone, livemode
        for name in ("amount_min", "amount_max"):
            # A number box has arrows that change money by accident.
            self.fields[name].widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def clean_size(self) -> int:
        return int(self.cleaned_data["size"] or SIZES[0])

    def clean_phone(self) -> str:
        text: str = self.cleaned_data["phone"]
        if not text:
            return ""
        try:
            return normalise(text, allow_sandbox=not self.livemode)
        except InvalidPhoneError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_metadata(self) -> tuple[tuple[str, str], ...]:
        text: str = self.cleaned_data["metadata"]
        if not text:
            return ()
        key, equals, value = text.partition("=")
        if not (key.strip() and equals):
            raise forms.ValidationError("Write it as key=value, for example order=1001.")
        return ((key.strip(), value.strip()),)

    def filters(self, now: datetime) -> PaymentFilters:
        """Dates win over a quick range, because they are what was typed."""
        data = self.cleaned_data
        since, before = self._period(now)
        return PaymentFilters(
            kind=self.kind,
            status=data["status"],
            provider=data["provider"],
            phone=data["phone"],
            reference=data["reference"],
            created_from=since,
            created_before=before,
            amount_min=data["amount_min"],
            amount_max=data["amount_max"],
            metadata=data["metadata"],
            needs_attention=data["attention"],
        )

    def quick_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("range", "provider")]

    def more_fields(self) -> list[forms.BoundField]:
        names = (
            "phone",
            "reference",
            "created_from",
            "created_to",
            "amount_min",
            "amount_max",
            "metadata",
            "attention",
        )
        return [self[name] for name in names]

    def chips(self) -> list[Chip]:
        """What narrows the list now, apart from the status, which the tabs show."""
        data = self.cleaned_data
        active: list[tuple[str, tuple[str, ...]]] = []
        for name, words in self._spoken(data):
            active.append((words, name))
        return chips(self._query(), active)

    def _spoken(self, data: dict[str, Any]) -> list[tuple[tuple[str, ...], str]]:
        words: list[tuple[tuple[str, ...], str]] = []
        if data["provider"]:
            words.append((("provider",), f"Network: {NETWORKS[data['provider']]}"))
        if data["phone"]:
            words.append((("phone",), f"Phone: +{data['phone']}"))
        if data["reference"]:
            words.append((("reference",), f"Reference: {data['reference']}"))
        words += self._spoken_period(data)
        if data["amount_min"] is not None:
            words.append((("amount_min",), f"Amount from {data['amount_min']:,.2f}"))
        if data["amount_max"] is not None:
            words.append((("amount_max",), f"Amount up to {data['amount_max']:,.2f}"))
        if data["attention"]:
            words.append((("attention",), "Waiting for a person"))
        words += [(("metadata",), f"Metadata: {key} = {value}") for key, value in data["metadata"]]
        return words

    def _spoken_period(self, data: dict[str, Any]) -> list[tuple[tuple[str, ...], str]]:
        if not (data["created_from"] or data["created_to"]):
            return [(("range",), QUICK_RANGES[data["range"]][0])] if data["range"] else []
        words: list[tuple[tuple[str, ...], str]] = []
        if data["created_from"]:
            words.append((("created_from", "range"), f"From {data['created_from']:%-d %b %Y}"))
        if data["created_to"]:
            words.append((("created_to", "range"), f"To {data['created_to']:%-d %b %Y}"))
        return words

    def _period(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        first, last = self.cleaned_data["created_from"], self.cleaned_data["created_to"]
        if first or last:
            since = self.zone.midnight(first) if first else None
            before = self.zone.end_of(last) if last else None
            return since, before
        if self.cleaned_data["range"]:
            return QUICK_RANGES[self.cleaned_data["range"]][1](now, self.zone)
        return None, None

    def _query(self) -> QueryDict:
        data = self.data
        if not isinstance(data, QueryDict):
            raise TypeError("The filters come from an address.")
        return data

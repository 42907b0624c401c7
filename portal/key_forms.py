"""Forms of the API keys page: make one, revoke one."""

import ipaddress
from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from payments.keys import SCOPES

EXPIRIES = (("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"))


class KeyForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="Where it will live, such as “till 3” or “web shop”.", label="Name")
    scopes = forms.MultipleChoiceField(
        choices=list(SCOPES.items()),
        initial=list(SCOPES),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the key may do."},
    )
    expires_in = forms.ChoiceField(label="Expires", choices=EXPIRIES, required=False)
    allowed_ips = forms.CharField(
        label="Allowed addresses",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "203.0.113.0/24"}),
        help_text="One address or range per line. Empty: the key works from anywhere.",
    )

    def clean_allowed_ips(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["allowed_ips"].splitlines() if line.strip()]
        try:
            return [str(ipaddress.ip_network(line, strict=False)) for line in lines]
        except ValueError as error:
            raise forms.ValidationError(f"{error}. Write an address or a range such as 203.0.113.0/24.") from error

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["expires_in"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class RevokeForm(forms.Form):
    """Typing the name is the confirmation: whoever mixes up two keys notices here."""

    name = forms.CharField(max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: object, expected: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.expected = expected
        self.fields["name"].label = f"Type “{expected}” to confirm"

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"].strip()
        if name != self.expected:
            raise forms.ValidationError("That is not the key's name. Check that you are revoking the right one.")
        return name

"""A form that moves money at most once, however often its confirmation is sent: double click, reload, back button."""

import re
import secrets
from typing import Any

from django import forms
from django.http import QueryDict

from payments.errors import DuplicateReference, InvalidState, KeyReused, NoRoute, Refusal
from portal.words import with_network_names

_TOKEN = re.compile(r"[0-9a-f]{32}")
# What the buttons say: look at it once more, do it, or go back to the fields.
REVIEW, CONFIRM, CHANGE = "review", "confirm", "change"


class OneTimeForm(forms.Form):
    """`token` is made with the empty form and travels through the confirmation: it is the idempotency key."""

    token = forms.CharField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: QueryDict | None = None, **kwargs: Any) -> None:
        self.has_own_token = data is None or bool(_TOKEN.fullmatch(data.get("token", "")))
        if data is not None and not self.has_own_token:
            data = data.copy()
            data["token"] = secrets.token_hex(16)
        super().__init__(data, **kwargs)
        self.fields["token"].initial = secrets.token_hex(16)

    def clean(self) -> dict[str, Any]:
        if not self.has_own_token:
            raise forms.ValidationError("The form came without its one-time token, so nothing was done. Send it again.")
        return super().clean() or self.cleaned_data

    @property
    def key(self) -> str:
        """The idempotency key. The prefix keeps it apart from what merchants' servers choose."""
        return f"portal-{self.cleaned_data['token']}"

    def wish(self) -> dict[str, str]:
        """What is wished for: a repeat of the same token must ask for the same."""
        return {name: str(value) for name, value in self.data.items() if name in self.fields and name != "token"}

    def refuse(self, refusal: Refusal) -> None:
        """Show what the engine refused at the field that can mend it, or on top."""
        field = next((name for kind, name in _FIELDS.items() if isinstance(refusal, kind)), None)
        self.add_error(field if field in self.fields else None, words_for(refusal))


def words_for(refusal: Refusal) -> str:
    """What was refused, and what a person at this form can do about it."""
    if isinstance(refusal, KeyReused):
        return "This form has already been used, with other details. Look at the list; start again if you need to."
    words = with_network_names(refusal.detail)
    if isinstance(refusal, NoRoute):
        return f"{words.partition(';')[0]}. Ask an owner or admin to add the credentials for paying out."
    return words


_FIELDS: dict[type[Refusal], str] = {DuplicateReference: "reference", InvalidState: "amount"}

"""Forms of the Reconcile pages: a file, and what people say about single lines and about proposals."""

from typing import Any

from django import forms

from payments.models import ProviderAccount, StatementException
from portal.one_time import OneTimeForm
from portal.words import network


class UploadForm(forms.Form):
    account = forms.ChoiceField(label="Provider account")
    file = forms.FileField(label="Statement as CSV", allow_empty_file=True)

    def __init__(self, *args: Any, accounts: list[ProviderAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [(row.pk, _account_words(row)) for row in accounts]  # type: ignore[attr-defined]
        self.fields["file"].widget.attrs["accept"] = ".csv,.txt,text/csv,text/plain"
        self.fields["file"].help_text = "Up to 8 MB and 50,000 lines. Encoding and delimiter are found out."


class LinkForm(forms.Form):
    payment = forms.CharField(
        label="Payment, payout or refund", max_length=64, help_text="Its id, your reference or the provider's.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class ProposeForm(forms.Form):
    action = forms.ChoiceField(
        label="What to do with it",
        choices=[
            ("", "Choose…"),
            (StatementException.ACCEPT, "Accept: the difference is right as it is"),
            (StatementException.WRITE_OFF, "Write off: the money will not come"),
        ],
    )
    reason = forms.CharField(label="Reason", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    alike = forms.BooleanField(required=False)

    def __init__(self, *args: Any, others: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["alike"].label = f"Also for the {others:,} other open line{'' if others == 1 else 's'} of this kind"
        self.offers_alike = others > 0


class SettleForm(forms.Form):
    reason = forms.CharField(
        label="How you know", max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Say where the bank shows it, so that the second person can look.",
    )  # fmt: skip


class NoteForm(forms.Form):
    note = forms.CharField(label="Note", max_length=300, required=False)


class TogetherForm(OneTimeForm):
    """Which proposals of one kind are approved in one step. Nothing is chosen beforehand."""

    proposals = forms.MultipleChoiceField(
        label="Proposals", error_messages={"required": "Choose at least one of them."}
    )  # fmt: skip
    note = forms.CharField(label="Note", max_length=300, required=False)

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proposals"].choices = [(pk, pk) for pk in offered]  # type: ignore[attr-defined]


def _account_words(row: ProviderAccount) -> str:
    retired = ", retired" if row.retired_at else ""
    return f"{network(row.provider)} · {row.pk[-8:]}{retired}"

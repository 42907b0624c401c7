"""Forms of what people settle: an unknown outcome, an alarm, a message without an owner, a circuit."""

from django import forms

from payments.models import Resolution
from tenants.models import Circuit

CHOOSE = ("", "Choose…")


def _lines(rows: int, placeholder: str = "") -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "placeholder": placeholder})


class ProposalForm(forms.Form):
    outcome = forms.ChoiceField(
        label="How it ended",
        choices=[CHOOSE, ("succeeded", "It succeeded: the money moved"), ("failed", "It failed: no money moved")],
    )
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        help_text="One sentence. It is shown in the timeline and in the API.",
    )
    evidence = forms.CharField(
        max_length=4000,
        widget=_lines(6, "What the network's staff said, to whom and when; the line of the statement; a ticket number"),
        help_text="What a second person needs to come to the same conclusion.",
    )
    provider_reference = forms.CharField(
        label="The network's reference",
        max_length=Resolution._meta.get_field("provider_reference").max_length,
        required=False,
        help_text="If it gave you one.",
    )


class DecisionForm(forms.Form):
    note = forms.CharField(max_length=300, required=False, widget=_lines(2))


class SeenForm(forms.Form):
    note = forms.CharField(
        label="What you found",
        max_length=300,
        widget=_lines(3, "Called MTN: the payer paid once. Order 1001 is delivered."),
        help_text="It is kept in the audit trail and in the timeline.",
    )


class LinkForm(forms.Form):
    text = forms.CharField(
        label="Payment, payout or refund",
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "pay_… or a reference"}),
        help_text="Its id, your reference, our reference at the network, or the network's own.",
    )


class OverrideForm(forms.Form):
    """The empty choice means the breaker's own judgement, so that "nothing chosen" needs a word of its own."""

    BREAKER = "breaker"
    operation = forms.CharField(max_length=12, widget=forms.HiddenInput)
    to = forms.ChoiceField(
        label="From now on",
        choices=[
            CHOOSE,
            (Circuit.OPEN, "Stop: no call goes out"),
            (Circuit.CLOSED, "Let through: every call goes out, whatever happens"),
            (BREAKER, "Leave it to the breaker"),
        ],
    )
    reason = forms.CharField(
        max_length=300, widget=_lines(2), help_text="Whoever finds it like this tomorrow will ask."
    )

    def forced(self) -> str:
        chosen: str = self.cleaned_data["to"]
        return "" if chosen == self.BREAKER else chosen

"""The forms of money that goes out: a payout, and a refund of a payment."""

import re
from decimal import Decimal

from django import forms

from payments.create import NewPayment
from payments.money import CURRENCIES, TEST_ONLY_CURRENCIES, InvalidAmount, Money, parse_money
from payments.refunds import NewRefund
from portal.one_time import OneTimeForm
from providers.numbers import InvalidPhoneError, network_of, normalise

_FIGURES = re.compile(r"[0-9]{1,10}(\.[0-9]+)?")
_GROUPED = re.compile(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def read_money(text: str, currency: str) -> Money:
    """From what people type, such as "1,250.00" or "K 50". Raises ValidationError."""
    text = text.replace(" ", "").removeprefix("K")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _FIGURES.fullmatch(text):
        raise forms.ValidationError("Write the amount in figures, such as 150.00.")
    try:
        return parse_money(text, currency)
    except InvalidAmount as error:
        raise forms.ValidationError(f"The amount {error}.") from error


def _amount_field() -> forms.CharField:
    # Text: a number box has arrows and a wheel that change money by accident.
    return forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), label="Amount"
    )


class PayoutForm(OneTimeForm):
    phone = forms.CharField(
        max_length=32,
        label="Phone",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "placeholder": "0961 234 567"}),
        help_text="Whose wallet receives the money. The network is found from the number.",
    )
    amount = _amount_field()
    currency = forms.ChoiceField()
    reference = forms.CharField(
        required=False, max_length=64, help_text="Your own number for it. It can be used once, for ever."
    )
    description = forms.CharField(
        required=False, max_length=255, help_text="Words for the recipient, as far as the network shows them."
    )

    def __init__(self, *args: object, livemode: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.livemode = livemode
        codes = [code for code in CURRENCIES if not (livemode and code in TEST_ONLY_CURRENCIES)]
        self.fields["currency"] = forms.ChoiceField(choices=[(code, code) for code in codes])
        if len(codes) == 1:
            self.fields["currency"].widget = forms.HiddenInput()
            self.fields["currency"].initial = codes[0]

    def clean_phone(self) -> str:
        try:
            phone = normalise(self.cleaned_data["phone"], allow_sandbox=not self.livemode)
        except InvalidPhoneError as error:
            raise forms.ValidationError(f"{error} Write it like 0961 234 567 or +260 96 123 4567.") from error
        if network_of(phone) is None:
            raise forms.ValidationError("This number belongs to no network with a wallet that we reach.")
        return phone

    def clean_currency(self) -> str:
        """With the currency known, the amount can be read."""
        currency: str = self.cleaned_data["currency"]
        if "amount" in self.cleaned_data:
            try:
                self.cleaned_data["amount"] = read_money(self.cleaned_data["amount"], currency).amount
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return currency

    def new_payout(self) -> NewPayment:
        """Of a valid form."""
        data = self.cleaned_data
        return NewPayment(
            money=Money(data["amount"], data["currency"]),
            phone=data["phone"],
            network=network_of(data["phone"]) or "",
            provider="",
            reference=data["reference"] or None,
            description=data["description"],
            metadata={},
        )


class RefundForm(OneTimeForm):
    amount = _amount_field()
    reason = forms.CharField(
        required=False, max_length=255, help_text="Words for the payer, as far as the network shows them."
    )
    reference = forms.CharField(
        required=False, max_length=64, help_text="Your own number for it. It can be used once, for ever."
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency

    def clean_amount(self) -> Decimal:
        return read_money(self.cleaned_data["amount"], self.currency).amount

    def new_refund(self, payment_id: str) -> NewRefund:
        """Of a valid form."""
        data = self.cleaned_data
        return NewRefund(
            payment_id=payment_id,
            amount=data["amount"],
            reason=data["reason"],
            reference=data["reference"] or None,
            metadata={},
        )

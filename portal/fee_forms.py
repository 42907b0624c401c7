"""The form that changes what an operation costs."""

from decimal import Decimal

from django import forms

from payments.models import FeeRule
from payments.money import LARGEST_AMOUNT


class FeeForm(forms.Form):
    percentage = forms.DecimalField(
        label="Percentage of the amount",
        min_value=0,
        max_value=100,
        max_digits=7,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="2.5 means K 2.50 on K 100.00.",
    )
    fixed = forms.DecimalField(
        label="Fixed part",
        min_value=0,
        max_value=LARGEST_AMOUNT,
        max_digits=18,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Added to every operation, in its currency.",
    )

    def changes(self, rule: FeeRule | None) -> bool:
        """Whether a valid form says something else than the rule that holds."""
        before = (rule.percentage, rule.fixed) if rule else (Decimal(0), Decimal(0))
        return (self.cleaned_data["percentage"], self.cleaned_data["fixed"]) != before

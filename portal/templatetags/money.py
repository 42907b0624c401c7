"""Amounts, networks and phone numbers as people read them."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.words import SIGNS, network

register = template.Library()
register.filter("network", network)


@register.simple_tag
def money(amount: Decimal, currency: str) -> SafeString:
    """`K 1,250.00`, with the currency's code on hover; `20.00 EUR` where a currency has no sign of its own."""
    return format_html('<span class="amount" title="{}">{}</span>', currency, plain_money(amount, currency))


@register.simple_tag
def plain_money(amount: Decimal, currency: str) -> str:
    """The same as text, for titles and sentences."""
    sign = SIGNS.get(currency)
    minus = "\N{MINUS SIGN}" if amount < 0 else ""
    return f"{minus}{sign} {abs(amount):,.2f}" if sign else f"{minus}{abs(amount):,.2f} {currency}"


@register.simple_tag
def signed_money(amount: Decimal, currency: str) -> SafeString:
    """For ledgers and differences: `+K 150.00`, `-K 3.75` with a real minus sign, and a plain `K 0.00`."""
    sign = "\N{MINUS SIGN}" if amount < 0 else "+" if amount > 0 else ""
    return format_html(
        '<span class="amount" title="{}">{}{}</span>', currency, sign, plain_money(abs(amount), currency)
    )


@register.filter
def plain_number(number: Decimal) -> str:
    """`2.5000` → `2.5`, `100.0000` → `100`."""
    return f"{number.normalize():f}"


@register.filter
def masked(phone: str) -> str:
    """`260971234321` → `+260 97•••• 321`. The whole number is shown only after an audited reveal."""
    if len(phone) == 12 and phone.startswith("260"):
        return f"+260 {phone[3:5]}•••• {phone[-3:]}"
    return f"+{phone[:3]} •••• {phone[-3:]}"


@register.filter
def spaced(phone: str) -> str:
    """`260971234321` → `+260 97 123 4321`."""
    if len(phone) == 12 and phone.startswith("260"):
        return f"+260 {phone[3:5]} {phone[5:8]} {phone[8:]}"
    return f"+{phone}"

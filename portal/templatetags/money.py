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
    return f"{sign} {amount:,.2f}" if sign else f"{amount:,.2f} {currency}"


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

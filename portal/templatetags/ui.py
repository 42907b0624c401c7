"""Icons, looks of machine words, and addresses within the merchant and mode of the page."""

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from payments.kinds import PaymentKind
from payments.models import Payment
from payments.selectors.payments import PaymentRow
from payments.states import Status
from portal.kind_words import page_of
from portal.words import (
    LEDGER_ACCOUNTS,
    OPERATIONS,
    Look,
    action_words,
    actor_words,
    alarm_words,
    look,
    with_network_names,
)

register = template.Library()
register.filter("actor_words", actor_words)
register.filter("action_words", action_words)
register.filter("alarm_words", alarm_words)
register.filter("with_network_names", with_network_names)


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A symbol of static/img/icons.svg. It is decoration: words beside it say what it means."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag(name="look")
def look_of(kind: str, word: str) -> Look:
    return look(kind, word)


@register.simple_tag(takes_context=True)
def m_url(context: dict[str, Any], name: str, *args: str, **kwargs: str) -> str:
    """The address of a page of this merchant in this mode."""
    shell = context["shell"]
    place = {"slug": shell.merchant.slug, "mode": shell.mode, **kwargs}
    if args:
        place["object_id"] = args[0]
    return reverse(f"portal:{name}", kwargs=place)


@register.simple_tag(takes_context=True)
def object_url(context: dict[str, Any], object_id: str) -> str:
    """The page of a payment, refund or payout."""
    return m_url(context, page_of(object_id), object_id)


@register.filter
def status_word(payment: Payment | PaymentRow) -> str:
    """The word to look up: its status, or that it waits to be sent, and for which provider if that one is down."""
    if payment.is_held:
        return f"held-{payment.provider}"
    is_waiting = payment.status == Status.PENDING and PaymentKind(payment.kind).waits
    return "waiting" if is_waiting else payment.status


@register.filter
def account_words(account: str) -> str:
    return LEDGER_ACCOUNTS.get(account, account)


@register.filter
def operation_words(operation: str) -> str:
    return OPERATIONS.get(operation, operation)


@register.filter
def percent(part: float | None) -> str:
    return "—" if part is None else f"{part:.1f}%"


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's widget in our look. Django itself links it to its hint and errors."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        style = "form-check-input"
    elif isinstance(widget, Select):
        style = "form-select"
    else:
        style = "form-control"
    return field.as_widget(attrs={"class": f"{style} is-invalid" if field.errors else style})


@register.filter
def control_that_submits(field: BoundField) -> SafeString:
    """For the few filters that apply at once; without JavaScript a button shows."""
    return field.as_widget(attrs={"class": "form-select", "data-submit-on-change": ""})


@register.filter
def control_with_placeholder(field: BoundField, placeholder: str) -> SafeString:
    return field.as_widget(attrs={"class": "form-control", "placeholder": placeholder})


@register.simple_tag
def key_revoke_url(shell: Any, key_id: str) -> str:
    """For the key table, which is included without the page's context."""
    return m_url({"shell": shell}, "key_revoke", key_id)


@register.filter
def thousands(number: int) -> str:
    return f"{number:,}"


@register.simple_tag
def docs_url() -> str:
    """The documentation is another door; CONTRACT.md section 2 promises its address."""
    return "/docs/"

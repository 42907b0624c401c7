"""What the documentation's templates need: code spans from backticks."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_SPAN = re.compile(r"`([^`]+)`")


@register.filter
def spans(text: str) -> SafeString:
    """Escaped text, with what stands between backticks as code."""
    return mark_safe(_SPAN.sub(r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 (escaped before)

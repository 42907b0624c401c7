"""Small words of the pages where people settle things: kinds, claims, circuits, how well they serve, short ids."""

from collections.abc import Mapping
from math import floor

from django import template

from payments.kinds import PaymentKind
from payments.selectors.circuits import OperationState
from portal.kind_words import KIND_WORDS

register = template.Library()


@register.filter
def kind_word(kind: str) -> str:
    return KIND_WORDS[PaymentKind(kind)].one.capitalize()


@register.filter
def claim_word(claims: str) -> str:
    """`not_found` → "not found", as in "Says not found"."""
    return claims.replace("_", " ")


@register.filter
def short_id(object_id: str) -> str:
    """`pay_01kb3v9x…7f2q`: enough to tell two apart in a list."""
    return object_id if len(object_id) <= 20 else f"{object_id[:12]}…{object_id[-4:]}"


@register.filter
def circuit_word(state: OperationState) -> str:
    """The key of the table `circuit` in portal/words.py."""
    return f"forced-{state.forced}" if state.forced else state.state


@register.filter
def share_words(share: float | None) -> str:
    """`0.9762` → "97.6%". Rounded down: only what never failed is 100.0%."""
    return "—" if share is None else f"{floor(round(share * 1000, 6)) / 10:.1f}%"


@register.filter
def milliseconds(count: float | None) -> str:
    """`118.4` → "118 ms", `1234.5` → "1.2 s"."""
    if count is None:
        return "—"
    return f"{count:.0f} ms" if count < 1000 else f"{count / 1000:.1f} s"


@register.filter
def get(words: Mapping[str, str], name: str) -> str:
    return words.get(name, name)

"""Where MTN puts its code words."""

from collections.abc import Mapping
from typing import Any

from providers.parsing import word_of


def code_of(body: Mapping[str, Any]) -> str:
    """The API calls it `code`, the sign-in `error`."""
    return word_of(body.get("code")) or word_of(body.get("error"))


def reason_of(value: Any) -> str:
    """Live systems send a bare string, older descriptions an object."""
    return word_of(value.get("code")) if isinstance(value, dict) else word_of(value)

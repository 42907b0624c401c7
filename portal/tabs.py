"""A tab above a list: a real address with a count."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    count: str
    is_current: bool

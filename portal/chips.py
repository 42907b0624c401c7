"""The filters that are on, each with the address of the same list without it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

# Paging is not a filter: whoever changes the filters starts again at the top.
PAGING = ("cursor",)


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    without_url: str


def without(query: QueryDict, *names: str, **added: object) -> str:
    """The query string less these parameters and the empty ones, plus the added ones.

    It is "?" when nothing is left, because an empty href would keep them all.
    """
    rest = QueryDict(mutable=True)
    for name, values in query.lists():
        kept = [value for value in values if value]
        if kept and name not in (*names, *added, *PAGING):
            rest.setlist(name, kept)
    for name, value in added.items():
        rest[name] = str(value)
    return f"?{rest.urlencode()}"


def chips(query: QueryDict, active: Iterable[tuple[str, tuple[str, ...]]]) -> list[Chip]:
    """One chip per (label, the parameters behind it)."""
    return [Chip(label, without(query, *names)) for label, names in active]

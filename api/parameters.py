"""Query strings: no parameter that a call does not know, none twice, and all of them 400 when they are wrong."""

import re
from collections.abc import Collection

from django.http import HttpRequest

from api.problems import FieldError, Problem

MOST_METADATA_FILTERS = 5
_METADATA = re.compile(r"metadata\[(?P<key>[^\]]{1,40})\]")


def only_parameters(request: HttpRequest, known: Collection[str] = (), *, metadata: bool = False) -> None:
    """Raises Problem when the query string has anything but `known`, each once, and metadata[key] where allowed."""
    errors = []
    for name, values in request.GET.lists():
        if name not in known and not (metadata and _METADATA.fullmatch(name)):
            errors.append(FieldError(name[:100], "unknown_field", "is not a parameter of this call"))
        elif len(values) > 1:
            errors.append(FieldError(name[:100], "invalid", "must be given once"))
        elif "\x00" in name or "\x00" in values[0]:
            errors.append(FieldError(name[:100], "invalid", "must not contain the character U+0000"))
    if errors:
        detail = "; ".join(f"{error.field} {error.message}" for error in errors[:3])
        raise Problem("validation_failed", f"{detail}.", status=400, errors=errors)


def metadata_filters(request: HttpRequest) -> dict[str, str]:
    """The `metadata[key]=value` pairs. Raises Problem when there are too many."""
    pairs = {
        match["key"]: str(value)
        for name, value in request.GET.items()
        if isinstance(name, str) and (match := _METADATA.fullmatch(name))
    }
    if len(pairs) > MOST_METADATA_FILTERS:
        message = f"can be filtered by at most {MOST_METADATA_FILTERS} keys at once"
        errors = [FieldError("metadata", "too_long", message)]
        raise Problem("validation_failed", f"metadata {message}.", status=400, errors=errors)
    return pairs

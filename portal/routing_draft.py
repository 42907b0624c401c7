"""Rules that were looked at in a preview, sealed: what is saved is what was previewed, and nothing else can be."""

from dataclasses import dataclass
from typing import Any

from django.core import signing

from portal.access import MerchantRequest

GOOD_FOR_SECONDS = 3600  # the traffic that it was compared with grows old


@dataclass(frozen=True, slots=True)
class Draft:
    """rules: as payments/routing/rules.py stores them. based_on: the version that the editor saw."""

    rules: list[dict[str, Any]]
    note: str
    based_on: int


def seal_draft(request: MerchantRequest, draft: Draft) -> str:
    """For this person, merchant and mode only."""
    return signing.dumps([draft.rules, draft.note, draft.based_on], salt=_salt(request), compress=True)


def open_draft(request: MerchantRequest, text: str) -> Draft | None:
    """None for what was changed, is of somebody or somewhere else, or is too old."""
    try:
        return Draft(*signing.loads(text, salt=_salt(request), max_age=GOOD_FOR_SECONDS))
    except signing.BadSignature:
        return None


def _salt(request: MerchantRequest) -> str:
    mode = "live" if request.livemode else "test"
    return f"draft of routing rules:{request.merchant.schema_name}:{mode}:{request.user.pk}"

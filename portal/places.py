"""Addresses within the merchant and mode of a request."""

import re

from django.urls import reverse

from portal.access import MerchantRequest
from portal.kind_words import page_of

# What portal/urls.py takes for an id; a target in the audit trail may be anything.
OBJECT_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{1,36}")


def url_of(request: MerchantRequest, page: str, object_id: str = "") -> str:
    """The page of that name in portal/urls.py; object_id for pages about one thing."""
    place = {"slug": request.merchant.slug, "mode": "live" if request.livemode else "test"}
    if object_id:
        place["object_id"] = object_id
    return reverse(f"portal:{page}", kwargs=place)


def url_of_object(request: MerchantRequest, object_id: str) -> str:
    """The page of a payment, refund or payout; "" for an id of anything else."""
    page = page_of(object_id)
    return url_of(request, page, object_id) if page and OBJECT_ID.fullmatch(object_id) else ""

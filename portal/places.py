"""Addresses within the merchant and mode of a request."""

from django.urls import reverse

from portal.access import MerchantRequest


def url_of(request: MerchantRequest, page: str, object_id: str = "") -> str:
    """The page of that name in portal/urls.py; object_id for pages about one thing."""
    place = {"slug": request.merchant.slug, "mode": "live" if request.livemode else "test"}
    if object_id:
        place["object_id"] = object_id
    return reverse(f"portal:{page}", kwargs=place)

"""Addresses within the merchant and mode of a request."""

from django.urls import reverse

from portal.access import MerchantRequest


def url_of(request: MerchantRequest, page: str, object_id: str = "") -> str:
    """The page of that name in portal/urls.py; object_id for pages about one thing."""
    place = {"slug": request.merchant.slug, "mode": "live" if request.livemode else "test"}
    if object_id:
        place["object_id"] = object_id
    return reverse(f"portal:{page}", kwargs=place)


def url_of_object(request: MerchantRequest, object_id: str) -> str:
    """The page of a payment, payout or refund, by what its id begins with; "" for anything else."""
    page = _PAGES_OF.get(object_id.partition("_")[0])
    return url_of(request, page, object_id) if page else ""


_PAGES_OF = {"pay": "payment", "out": "payment", "ref": "payment"}

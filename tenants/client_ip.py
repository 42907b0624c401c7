"""The address a request came from, believing exactly as many proxies as we run."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The caller's address. Each proxy of ours appends one hop to X-Forwarded-For; the rest anybody can write."""
    trusted: int = settings.TRUSTED_PROXIES
    if trusted:
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(hops) >= trusted and (address := _address(hops[-trusted].strip())):
            return address
    return _address(request.META.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=1024)
def _address(text: str) -> str:
    """The address in its usual form, or "" when it is none; an IPv4 address inside IPv6 counts as itself."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)

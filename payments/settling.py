"""How long a request whose answer we lost may still be on its way to a provider."""

from django.conf import settings

from providers.registry import get_provider


def settle_seconds(provider: str) -> float:
    """Until then, "not found" proves nothing. SETTLE_SECONDS, or what the adapter says."""
    return settings.SETTLE_SECONDS or get_provider(provider).settle_seconds

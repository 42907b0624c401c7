"""How long a request whose answer we lost may still be on its way to a provider."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from payments.models import Transaction
from providers.registry import get_provider


def settle_seconds(provider: str) -> float:
    """Until then, "not found" proves nothing. SETTLE_SECONDS, or what the adapter says.

    Never less than twice a call: one leaves within half of this time, and may be under way for all of its own.
    """
    twice_a_call = 2.0 * settings.PROVIDER_TIMEOUTS[provider]
    return settings.SETTLE_SECONDS or max(get_provider(provider).settle_seconds, twice_a_call)


def is_call_over(operation: Transaction) -> bool:
    """Whether the last send has been answered or cut off by now, wherever its process is: by the database's clock."""
    longest = settle_seconds(operation.provider) / 2 + settings.PROVIDER_TIMEOUTS[operation.provider]
    over_before = Now() - timedelta(seconds=longest)
    return not Transaction.objects.filter(pk=operation.pk, last_sent_at__gt=over_before).exists()


def is_send_settled(operation: Transaction) -> bool:
    """Whether what was last sent has arrived by now or never will: by the database's clock alone, for two workers'
    hosts may disagree."""
    settled_before = Now() - timedelta(seconds=settle_seconds(operation.provider))
    return Transaction.objects.filter(pk=operation.pk, last_sent_at__lte=settled_before).exists()

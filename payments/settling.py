"""How long a request whose answer we lost may still be on its way to a provider."""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from payments.models import Transaction
from providers.registry import get_provider


def settle_seconds(provider: str) -> float:
    """Until then, "not found" proves nothing. SETTLE_SECONDS, or what the adapter says."""
    return settings.SETTLE_SECONDS or get_provider(provider).settle_seconds


def is_send_settled(operation: Transaction) -> bool:
    """Whether what was last sent has arrived by now or never will: by the database's clock alone, for two workers'
    hosts may disagree."""
    settled_before = Now() - timedelta(seconds=settle_seconds(operation.provider))
    return Transaction.objects.filter(pk=operation.pk, last_sent_at__lte=settled_before).exists()

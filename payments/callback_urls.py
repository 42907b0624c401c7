"""The address a provider calls back: ours alone to make, one per operation, signed because MTN signs nothing."""

import hashlib
import hmac

from django.conf import settings


def callback_url(*, provider: str, merchant: str, transaction_id: str) -> str:
    """`<PUBLIC_URL>/hooks/mtn/<merchant>/<transaction>/<signature>`; merchant is the tenant's public id."""
    signature = sign(provider=provider, merchant=merchant, transaction_id=transaction_id)
    return f"{settings.PUBLIC_URL}/hooks/{provider}/{merchant}/{transaction_id}/{signature}"


def sign(*, provider: str, merchant: str, transaction_id: str) -> str:
    """HMAC-SHA256 with WEBHOOK_SECRET over provider, merchant and transaction; 64 hex digits."""
    message = f"callback|{provider}|{merchant}|{transaction_id}".encode()
    return hmac.new(settings.WEBHOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()


def is_signed_by_us(signature: str, *, provider: str, merchant: str, transaction_id: str) -> bool:
    expected = sign(provider=provider, merchant=merchant, transaction_id=transaction_id)
    return hmac.compare_digest(signature.encode(), expected.encode())

"""The address a provider calls back: ours alone to make and signed, one per operation or one per account.

MTN takes an address with each instruction. Airtel has one per application, which a person enters in its portal.
"""

import hashlib
import hmac

from django.conf import settings


def callback_url(*, provider: str, merchant: str, place: str) -> str:
    """`<PUBLIC_URL>/hooks/mtn/<merchant>/<place>/<signature>`.

    merchant: the tenant's public id. place: the id of our operation, or of the account at the provider.
    """
    signature = sign(provider=provider, merchant=merchant, place=place)
    return f"{settings.PUBLIC_URL}/hooks/{provider}/{merchant}/{place}/{signature}"


def sign(*, provider: str, merchant: str, place: str) -> str:
    """HMAC-SHA256 with WEBHOOK_SECRET over provider, merchant and place; 64 hex digits."""
    message = f"callback|{provider}|{merchant}|{place}".encode()
    return hmac.new(settings.WEBHOOK_SECRET.encode(), message, hashlib.sha256).hexdigest()


def is_signed_by_us(signature: str, *, provider: str, merchant: str, place: str) -> bool:
    expected = sign(provider=provider, merchant=merchant, place=place)
    return hmac.compare_digest(signature.encode(), expected.encode())

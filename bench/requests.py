"""Ready-made requests, so that making them costs the load generator nothing."""

import uuid
from collections.abc import Callable, Sequence
from itertools import count, cycle

from tests.world import Merchant

_BODY = b'{"amount": "150.00", "currency": "ZMW", "phone": "+260966000123", "metadata": {"order": "1001"}}'


def posts(merchants: Sequence[Merchant], *, key: str = "") -> Callable[[], bytes]:
    """POSTs of payments, to the merchants in turn, that differ in nothing else but the idempotency key."""
    heads = cycle([_head(merchant) for merchant in merchants])
    run, numbers = uuid.uuid4().hex, count()

    def make() -> bytes:
        return next(heads) + (key or f"{run}-{next(numbers)}").encode() + b"\r\n\r\n" + _BODY

    return make


def _head(merchant: Merchant) -> bytes:
    return (
        "POST /v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {merchant.test_key}\r\nContent-Length: {len(_BODY)}\r\nIdempotency-Key: "
    ).encode()

"""The command that sends a first payment, ready to paste."""

import secrets

from django.conf import settings

PLACEHOLDER = "YOUR_KEY"
# The network's sandbox and our simulator let this number pay (PROVIDERS.md 1.9 and 1.11).
PAYER = "+260961234567"


def first_payment(key: str = PLACEHOLDER) -> str:
    """Each call has an Idempotency-Key and a reference of its own, so that pasting it twice never meets an old one."""
    mark = secrets.token_hex(3)
    return (
        f"curl {settings.PUBLIC_URL}/v1/payments \\\n"
        f'  -H "Authorization: Bearer {key}" \\\n'
        f'  -H "Idempotency-Key: first-{mark}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d '{{\n"
        f'    "amount": "25.00", "currency": "ZMW",\n'
        f'    "phone": "{PAYER}", "reference": "INV-{mark}"\n'
        f"  }}'"
    )

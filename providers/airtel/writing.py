"""How Airtel wants to have phone numbers, amounts and texts written."""

import re
import unicodedata
from decimal import Decimal

import orjson

from providers.base import Instruction

# Production answers "Something went wrong" to a reference of 32 characters.
LONGEST_TEXT = 24
SHORTEST_TEXT = 4
_NOT_ALLOWED = re.compile(r"[^A-Za-z0-9]+")


def national(phone: str) -> str:
    """Airtel takes no country code: 260977000123 becomes 977000123."""
    return phone[-9:]


def number(amount: Decimal) -> orjson.Fragment:
    """A JSON number with the very digits of the amount; as a binary float, 150.10 may come out otherwise."""
    text = format(amount, "f")
    return orjson.Fragment(text.rstrip("0").rstrip(".") if "." in text else text)


def goods_text(instruction: Instruction) -> str:
    """The merchant's text in the 4 to 24 letters and digits that Airtel takes, or our reference where too few stay."""
    plain = unicodedata.normalize("NFKD", instruction.payer_message)
    text = _NOT_ALLOWED.sub("", plain)[:LONGEST_TEXT]
    return text if len(text) >= SHORTEST_TEXT else instruction.reference

"""Amounts: an exact decimal with its currency, never a float, never a bare number."""

import re
from dataclasses import dataclass
from decimal import Decimal

# Decimals per currency. EUR exists because MTN's sandbox knows no other currency; it is refused in live mode.
CURRENCIES: dict[str, int] = {"ZMW": 2, "EUR": 2}
TEST_ONLY_CURRENCIES = frozenset({"EUR"})
LARGEST_AMOUNT = Decimal("9999999999.99")
_PLAIN_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]+)?")


class InvalidAmount(ValueError):
    """What is wrong with an amount, in words for the caller."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` in major units with exactly the currency's decimals: Money(Decimal("150.00"), "ZMW")."""

    amount: Decimal
    currency: str

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def text(self) -> str:
        """The amount as the API shows it: "150.00"."""
        return str(self.amount)


def parse_money(amount: str, currency: str) -> Money:
    """Money from the API's decimal string. Raises InvalidAmount, or KeyError for a currency that is not known."""
    decimals = CURRENCIES[currency]
    if not _PLAIN_DECIMAL.fullmatch(amount):
        raise InvalidAmount('must be a plain decimal string such as "150.00"')
    _, _, fraction = amount.partition(".")
    if len(fraction) > decimals:
        raise InvalidAmount(f"has {len(fraction)} decimals, but {currency} has {decimals}")
    value = Decimal(amount).quantize(Decimal(1).scaleb(-decimals))
    if value <= 0:
        raise InvalidAmount("must be more than zero")
    return Money(value, currency)

"""What an Airtel account is made of, and what it can do with that."""

from collections.abc import Mapping

from providers.base import Operation

REQUIRED: tuple[str, ...] = ("client_id", "client_secret")
OPTIONAL: tuple[str, ...] = ("public_key", "pin", "callback_secret", "message_signing")
IDENTITY: tuple[str, ...] = ("client_id",)
SECRETS = ("client_secret", "pin", "callback_secret")

NEEDED: Mapping[Operation, tuple[str, ...]] = {
    Operation.COLLECT: REQUIRED,
    Operation.REFUND: REQUIRED,
    Operation.TRANSFER: (*REQUIRED, "pin"),  # the wallet's PIN, encrypted, approves a payout
}


def missing(credentials: Mapping[str, str], operation: Operation = Operation.COLLECT) -> list[str]:
    """The names of what this operation needs and the account lacks; every question needs what COLLECT needs."""
    return [name for name in NEEDED[operation] if not credentials.get(name)]


def signs(credentials: Mapping[str, str]) -> bool:
    """Whether the account's application at Airtel has message signing switched on."""
    return credentials.get("message_signing", "").strip().lower() == "on"


def needs_public_key(credentials: Mapping[str, str], operation: Operation) -> bool:
    """Airtel's key encrypts the PIN of a payout and what a signature is made with."""
    return operation is Operation.TRANSFER or (operation is Operation.COLLECT and signs(credentials))

"""What an account at Zamtel consists of, and what of it is secret."""

from collections.abc import Mapping

from providers.base import Operation

CALLER: tuple[str, ...] = ("third_party_id", "password", "shortcode")
INITIATOR: tuple[str, ...] = ("initiator", "initiator_credential")  # who pays out, in the merchant's organisation
SHAPE = "shape"  # "a" or "b": which of the two interfaces the account speaks
SECRETS = ("third_party_id", "password", "initiator_credential")

NEEDED: Mapping[Operation, tuple[str, ...]] = {
    Operation.COLLECT: CALLER,
    Operation.TRANSFER: (*CALLER, *INITIATOR),
}


def unusable(credentials: Mapping[str, str], operation: Operation) -> list[str]:
    """Names of those that are missing, or hold what neither an address nor XML can carry."""
    return [name for name in NEEDED[operation] if not _is_usable(credentials.get(name, ""))]


def secrets_of(credentials: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(credentials[name] for name in SECRETS if credentials.get(name))


def _is_usable(value: str) -> bool:
    return value != "" and value.isprintable()

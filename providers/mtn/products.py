"""MTN's products: each has its own address, subscription key, API user and tokens."""

from collections.abc import Mapping
from dataclasses import dataclass

from providers.base import Operation

CREDENTIALS: tuple[str, ...] = ("subscription_key", "api_user", "api_key", "target_environment")
SECRETS = ("api_key", "subscription_key")


@dataclass(frozen=True, slots=True)
class Product:
    """`prefix` sets this product's credentials apart in an account that holds those of several."""

    name: str
    prefix: str

    @property
    def credential_names(self) -> tuple[str, ...]:
        return tuple(self.prefix + name for name in CREDENTIALS)

    def missing(self, credentials: Mapping[str, str]) -> list[str]:
        return [name for name in self.credential_names if not credentials.get(name)]

    def credentials(self, credentials: Mapping[str, str]) -> dict[str, str]:
        """This product's own, by their names without the prefix."""
        return {name: credentials[self.prefix + name] for name in CREDENTIALS}


COLLECTION = Product("collection", "")
DISBURSEMENT = Product("disbursement", "disbursement_")
PRODUCTS = (COLLECTION, DISBURSEMENT)


@dataclass(frozen=True, slots=True)
class Resource:
    """Where an operation is asked for; its state is below the same path, by our reference."""

    product: Product
    path: str
    party: str  # what the body calls the other wallet; "" where the original transaction names it


RESOURCES: Mapping[Operation, Resource] = {
    Operation.COLLECT: Resource(COLLECTION, "/collection/v1_0/requesttopay", "payer"),
    Operation.TRANSFER: Resource(DISBURSEMENT, "/disbursement/v1_0/transfer", "payee"),
    Operation.REFUND: Resource(DISBURSEMENT, "/disbursement/v1_0/refund", ""),
}

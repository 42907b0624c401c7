"""A second provider for the pages that let people choose between two."""

import pytest

from payments.models import ProviderAccount
from tests.world import Merchant


@pytest.fixture
def airtel(acme: Merchant) -> None:
    """An account of acme's at Airtel, in test mode, that can collect."""
    with acme.entered():
        ProviderAccount.objects.create(
            id="pa_airtel", livemode=False, provider="airtel", base_url="http://127.0.0.1:9", sealed_credentials=b"",
            operations=["collect"],
        )  # fmt: skip

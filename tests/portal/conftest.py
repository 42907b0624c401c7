"""A second provider for the pages that let people choose between two."""

import pytest

from payments.models import ProviderAccount
from providers.registry import PROVIDERS
from tests.world import Merchant


@pytest.fixture
def airtel(acme: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second provider that rules may name, with an account of acme's in test mode that can collect."""
    monkeypatch.setitem(PROVIDERS, "airtel", "providers.mtn.adapter:MtnAdapter")
    with acme.entered():
        ProviderAccount.objects.create(
            id="pa_airtel", livemode=False, provider="airtel", base_url="http://127.0.0.1:9", sealed_credentials=b"",
            operations=["collect"],
        )  # fmt: skip

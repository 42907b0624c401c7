"""The port itself: what its dataclasses promise, and that every registered adapter fits it."""

from math import inf

import pytest

from providers.airtel.adapter import AirtelAdapter
from providers.base import Account, Provider, Timeouts
from providers.mtn.adapter import MtnAdapter
from providers.registry import PROVIDERS, UnknownProviderError, get_provider
from providers.zamtel.adapter import ZamtelAdapter


def test_an_account_never_shows_its_secrets() -> None:
    account = Account("pa_1", "https://mtn.example", {"api_key": "hush", "api_user": "me"}, Timeouts(1, 2, 3))
    assert repr(account) == "Account(id='pa_1', base_url='https://mtn.example', credentials=<api_key, api_user>)"


@pytest.mark.parametrize(
    "bounds", [(0, 1, 1), (1, inf, 1), (1, 1, inf), (1, 1, -1), (1, 1, 1, inf), (2, 1, 1), (1, 2, 1)]
)
def test_no_call_is_made_without_an_end_to_each_of_its_phases(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a call"):
        Timeouts(*bounds)


def test_the_longest_operation_covers_two_tokens_and_two_calls() -> None:
    assert Timeouts(1, 2, 3, token_seconds=30).longest_operation_seconds == 66


def test_the_adapters_fit_the_port_for_the_type_checker() -> None:
    adapters: list[Provider] = [MtnAdapter(), AirtelAdapter(), ZamtelAdapter()]
    assert {adapter.name for adapter in adapters} == set(PROVIDERS)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_registered_provider_is_one_shared_adapter(name: str) -> None:
    provider = get_provider(name)
    assert provider is get_provider(name)
    assert provider.name == name
    assert provider.settle_seconds > 0
    assert provider.required_credentials
    assert provider.operations(dict.fromkeys(provider.required_credentials, "x"))
    assert provider.operations({}) == frozenset()


def test_an_unknown_provider_is_named_in_the_error() -> None:
    with pytest.raises(UnknownProviderError, match="nowhere"):
        get_provider("nowhere")

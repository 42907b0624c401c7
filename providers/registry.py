"""Which provider code is served by which adapter class."""

import os
from functools import cache
from importlib import import_module
from typing import cast

from providers.base import Provider

PROVIDERS = {
    "mtn": "providers.mtn.adapter:MtnAdapter",
    "airtel": "providers.airtel.adapter:AirtelAdapter",
    "zamtel": "providers.zamtel.adapter:ZamtelAdapter",
}


class UnknownProviderError(LookupError):
    """No adapter is registered under this code."""


@cache
def get_provider(name: str) -> Provider:
    """The one adapter of this process for a provider code: it carries the token cache."""
    try:
        module_name, class_name = PROVIDERS[name].split(":")
    except KeyError:
        raise UnknownProviderError(f"No provider is called {name!r}.") from None
    return cast(Provider, getattr(import_module(module_name), class_name)())


# A forked child must not wait for a token that a thread of its parent was fetching.
os.register_at_fork(after_in_child=get_provider.cache_clear)

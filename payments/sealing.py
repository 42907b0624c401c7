"""Seals provider credentials at rest: MultiFernet over ENCRYPTION_KEYS, each value bound to the row it belongs to."""

import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Unsealable(Exception):
    """The value was sealed with a key we no longer have, or it was moved here from another row."""


def seal(secrets: Mapping[str, str], *, owner: str) -> bytes:
    """Encrypt the secrets for `owner` ("m_ab12cd34/pa_01…"): opened for another owner, they are refused."""
    return _box().encrypt(json.dumps({"owner": owner, "secrets": dict(secrets)}).encode())


def unseal(sealed: bytes | memoryview, *, owner: str) -> dict[str, str]:
    """The secrets again. Raises Unsealable."""
    content = _open(bytes(sealed))
    if content["owner"] != owner:
        raise Unsealable("these credentials belong to another account")
    return dict(content["secrets"])


def forget() -> None:
    """As a process that has just started: the keys are read again from the settings."""
    _box.cache_clear()
    _open.cache_clear()


@lru_cache(maxsize=1024)
def _open(sealed: bytes) -> dict[str, Any]:
    """Remembered, because every call to a provider needs it; the tokens made from it are in memory, too."""
    try:
        return dict(json.loads(_box().decrypt(sealed)))
    except InvalidToken as error:
        raise Unsealable("sealed with a key that ENCRYPTION_KEYS does not hold") from error


@cache
def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])

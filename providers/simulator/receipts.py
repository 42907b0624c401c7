"""The networks by name, and how each numbers the money that it moved."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

NETWORKS = ("mtn", "airtel", "zamtel")
FIRST_NUMBER = 1_870_000_000
_AIRTEL_KINDS = {"collection": "MP", "transfer": "CI", "refund": "CI"}


def receipt(network: str, kind: str, number: int, at: float) -> str:
    """The network's own id of its `number`-th ended order. at: seconds since the epoch."""
    return _RECEIPTS[network](kind, number, at)


def _mtn(_: str, number: int, __: float) -> str:
    return str(FIRST_NUMBER + number)


def _airtel(kind: str, number: int, at: float) -> str:
    return f"{_AIRTEL_KINDS[kind]}{datetime.fromtimestamp(at, UTC):%y%m%d.%H%M}.B{number:05}"


def _zamtel(_: str, number: int, __: float) -> str:
    return f"{number:012}"


_RECEIPTS: Mapping[str, Callable[[str, int, float], str]] = {"mtn": _mtn, "airtel": _airtel, "zamtel": _zamtel}

"""Chance that repeats: what is drawn depends on the seed and on what it is drawn for, never on the order of arrival."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from providers.simulator.scripts import SCRIPTS, Script

_RANGE = float(1 << 64)


def draw(seed: int, *what: object) -> float:
    """A number from 0 to 1 (not included), always the same for the same arguments."""
    text = "\0".join(map(str, (seed, *what)))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / _RANGE


class Attempts:
    """How often each operation was asked for with each reference. Sign-ins have none and are counted together."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()

    def next(self, operation: str, reference: str) -> int:
        """0 for the first time."""
        key = hash((operation, reference))  # the text itself would cost five times the memory
        self._counts[key] += 1
        return self._counts[key] - 1

    def clear(self) -> None:
        self._counts.clear()


class Mix:
    """Scripts and the share of requests that each befalls, among the requests that it acts on."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self.shares = dict(shares)
        self._by_operation: dict[str, list[tuple[float, Script]]] = {}
        for name, share in shares.items():
            _check(name, share)
            for operation in SCRIPTS[name].on if share else ():
                steps = self._by_operation.setdefault(operation, [])
                steps.append(((steps[-1][0] if steps else 0.0) + share, SCRIPTS[name]))
        _check_sums(steps[-1][0] for steps in self._by_operation.values())

    def choose(self, operation: str, reference: str, attempt: int, seed: int) -> Script | None:
        steps = self._by_operation.get(operation)
        if not steps:
            return None
        drawn = draw(seed, "mix", operation, reference, attempt)
        return next((script for end, script in steps if drawn < end), None)


def _check(name: str, share: object) -> None:
    if name not in SCRIPTS:
        raise ValueError(f"mix: no script is called {name!r}; there are {', '.join(SCRIPTS)}")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(f"mix: the share of {name} is a number from 0 to 1")


def _check_sums(sums: Iterable[float]) -> None:
    if any(total > 1 + 1e-9 for total in sums):
        raise ValueError("mix: the shares of scripts that act on one operation are more than 1 together")

"""What a chaos run is asked to do, from the environment: `make chaos N=100000 KILL_EVERY=8 SEED=7`."""

import os
from dataclasses import dataclass

# One call may take so long; what arrives may be carried out so much later still.
CALL_SECONDS, LATE_SECONDS = 1.5, 2.0
# "Not found" is believed only after this: a send leaves within half of it (payments/dispatch.py), is under way for a
# call's time and may be carried out late. Were it shorter than these together, a late one would be charged twice.
SETTLE_SECONDS = 9.0


@dataclass(frozen=True, slots=True)
class Options:
    """Traffic goes on until `payments` are accepted or `seconds` are over, whichever comes first."""

    payments: int = 100_000
    seconds: float = 7200.0
    seed: int = 1
    faults: float = 0.4  # the share of exchanges with the network that something is wrong with
    kill_every: float = 2.0  # seconds
    merchants: int = 3
    clients: int = 8
    redis: bool = False  # as the broker, instead of PostgreSQL
    # Merchants offer no more than the workers get done; the rest would only wait in a queue.
    most_waiting: int = 60
    weights: tuple[int, int, int, int, int] = (76, 10, 10, 2, 2)  # of pay, pay out, refund, cancel, check

    @classmethod
    def from_environment(cls) -> "Options":
        usual = cls()
        return cls(
            payments=_number("N", usual.payments),
            seconds=_number("SECONDS", usual.seconds),
            seed=_number("SEED", usual.seed),
            faults=_number("FAULTS", usual.faults),
            kill_every=_number("KILL_EVERY", usual.kill_every),
            redis=os.environ.get("REDIS", "") not in {"", "0"},
        )


def _number[N: (int, float)](name: str, default: N) -> N:
    text = os.environ.get(name)
    return type(default)(text) if text else default

"""What is measured of one operation of one provider account: plain numbers, no judgement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sends:
    """Orders as they were sent, repeats included: in the last day, and (`recent_…`) in the last quarter of an hour.

    A send failed when the network did not do its job: no connection, no answer, a broken one. An order that it refused,
    and a payer who declined, were served well.
    """

    count: int = 0
    failed: int = 0
    median_ms: float | None = None  # of those that were answered; None without any
    p95_ms: float | None = None
    recent_count: int = 0
    recent_failed: int = 0
    # Only answers that waited for no person: a network that answers after its payer has is not slow.
    recent_timed: int = 0
    recent_p95_ms: float | None = None

    @property
    def share(self) -> float | None:
        """From 0 to 1: how many the network served. None when nothing was sent."""
        return _share(self.count - self.failed, self.count)

    @property
    def recent_share(self) -> float | None:
        return _share(self.recent_count - self.recent_failed, self.recent_count)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Of the orders of the last day that the network had taken and that have ended: whose callback came, and when."""

    ended: int = 0
    came: int = 0
    median_seconds: float | None = None  # from the last send to the first callback, a payer's own time included

    @property
    def share(self) -> float | None:
        """From 0 to 1. None when nothing has ended."""
        return _share(self.came, self.ended)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

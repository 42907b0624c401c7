"""How a number moved since the period before: a direction, an amount, and whether that is good."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delta:
    words: str  # "12.4%" or "1.8 pt"
    direction: str  # up, down or flat
    mood: str  # better, worse or even

    @property
    def icon(self) -> str:
        return {"up": "arrow-up-right", "down": "arrow-down-right", "flat": "minus"}[self.direction]


def change(now: float | None, before: float | None, *, more_is_better: bool = True) -> Delta | None:
    """In per cent of before. None where there is nothing to compare with."""
    if now is None or not before:
        return None
    share = 100 * (now - before) / before
    return _delta(share, f"{abs(share):,.1f}%", more_is_better)


def difference(now: float | None, before: float | None) -> Delta | None:
    """Between two percentages, in points."""
    if now is None or before is None:
        return None
    return _delta(now - before, f"{abs(now - before):.1f} pt", more_is_better=True)


def _delta(value: float, words: str, more_is_better: bool) -> Delta:
    if abs(value) < 0.05:
        return Delta(words, "flat", "even")
    direction = "up" if value > 0 else "down"
    return Delta(words, direction, "better" if (value > 0) == more_is_better else "worse")

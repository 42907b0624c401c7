"""When to ask the provider again: dense while a payer may be typing a PIN, thinning over days, never stopping."""

from itertools import accumulate

PLAN_SECONDS = (5, 10, 15, 30, 30, 30, 60, 60, 60, 120, 180, 300, 600, 900, 1800, 3600)
FOREVER_SECONDS = 6 * 3600
# After a failure that may yet be taken back; counted down.
FOLLOW_UP_SECONDS = (60, 600, 3600, 6 * 3600, 24 * 3600)
ATTENTION_AFTER_SECONDS = 24 * 3600


def next_poll_seconds(age_seconds: float, *, retry_after_seconds: float | None = None) -> float:
    """The pause before the next poll of what was sent so long ago; never shorter than what the provider asked for."""
    until = accumulate(PLAN_SECONDS)
    planned = next(
        (pause for pause, end in zip(PLAN_SECONDS, until, strict=True) if age_seconds < end), FOREVER_SECONDS
    )
    return max(float(planned), retry_after_seconds or 0.0)


def next_follow_up_seconds(left: int) -> float:
    """The pause before the next look at a payment that has failed, with `left` looks to go."""
    return float(FOLLOW_UP_SECONDS[len(FOLLOW_UP_SECONDS) - left])

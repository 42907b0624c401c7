"""How long to wait before a repetition: exponential with full jitter, so that many who failed at once spread out."""

from tenacity import RetryCallState
from tenacity.wait import wait_random_exponential

LONGEST_SECONDS = 900.0
_WAIT = wait_random_exponential(multiplier=2, max=LONGEST_SECONDS)


def delay_seconds(attempts: int) -> float:
    """After so many attempts, from 1: between nothing and 2^attempts seconds, capped."""
    state = RetryCallState(retry_object=None, fn=None, args=(), kwargs={})  # type: ignore[arg-type]
    state.attempt_number = max(attempts, 1)
    return float(_WAIT(state))

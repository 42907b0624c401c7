"""The few kinds of outcome that the adapters' tables are made of."""

from typing import Any

from providers.base import Kind, Outcome

PAUSE_SECONDS = 2.0  # before the same request is sent again, where the provider named no time

# The provider's word stands, but is asked for once more, and nobody is told that trying anew is safe.
UNTRUSTED = {"low_trust": True, "retry_safe": False}


def failed(code: str, message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.FAILED, code=code, message=message, **{"retry_safe": True, **flags})


def refused(code: str, message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.REFUSED, code=code, message=message, **{"retry_safe": True, **flags})


def not_now(message: str, **flags: Any) -> Outcome:
    """Never accepted: the same request, with the same reference, may be sent again after a pause."""
    return refused("provider_error", message, **{"retry_after_seconds": PAUSE_SECONDS, **flags})


def pending(message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.PENDING, message=message, **flags)


def unknown(message: str, **flags: Any) -> Outcome:
    return Outcome(Kind.UNKNOWN, message=message, **flags)


# See Instruction.send_before. It may be sent again at once, as a new send with a window of its own.
TOO_LATE = refused(
    "provider_error", "It was not sent: too much time had passed since it was meant to be.", retry_after_seconds=0.0
)

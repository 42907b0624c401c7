"""Where a worker may die, and where it may fall asleep: patches that hold while one job runs."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from unittest.mock import patch

from payments import dispatch
from payments.circuits import CircuitIsOpen


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a kill -9."""


class Asleep(BaseException):
    """The worker stops here, alive; what it was about to do is done when it wakes up."""


def _die(*_: Any, **__: Any) -> None:
    raise PowerCut


def _commit_and_die(*arguments: Any) -> None:
    _COMMIT(*arguments)
    raise PowerCut


def _call_and_die(circuit: Any, attempt: Callable[[], Any], **_: Any) -> None:
    if circuit.is_blocked:
        raise CircuitIsOpen
    attempt()
    raise PowerCut


_COMMIT = dispatch._commit

Patch = tuple[str, Callable[..., Any]]
CRASHES: dict[str, tuple[Patch, ...]] = {
    "before the commit of the intent": (("payments.dispatch._commit", _commit_and_die),),
    "before the call": (("payments.dispatch.send", _die),),
    "during the call": (("payments.circuits.call", _call_and_die),),
    "before the answer is applied": (
        ("payments.dispatch.apply_outcome", _die),
        ("payments.polling.apply_outcome", _die),
    ),
    "before the commit of the answer": (("payments.reconciliation._plan_next_look", _die),),
    "before the job is deleted": (("tenants.jobs._delete", _die),),
}


# What becomes of the worker that runs a job.
LIVES, SLEEPS_BEFORE_THE_CALL, SLEEPS_ON_THE_ANSWER = "lives", "sleeps before the call", "sleeps on the answer"
FATES = (LIVES, LIVES, LIVES, LIVES, LIVES, LIVES, SLEEPS_BEFORE_THE_CALL, SLEEPS_ON_THE_ANSWER, *sorted(CRASHES))


def patched(patches: tuple[Patch, ...]) -> AbstractContextManager[Any]:
    stack = ExitStack()
    for target, replacement in patches:
        stack.enter_context(patch(target, replacement))
    return stack

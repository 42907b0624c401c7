"""Mistakes that an engine like ours could have, each planted in the running processes to prove that it is found.

A sabotage is a name and a function that spoils the product in this process. What it spoils runs in real workers
and web servers; the checker knows nothing of it.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

SABOTAGE = "CHAOS_SABOTAGE"


def install() -> None:
    """Plant the one that the environment names, if it names one."""
    if name := os.environ.get(SABOTAGE):
        SABOTAGES[name].plant()


def unknown_is_a_failure() -> None:
    """A lost answer is taken for a no."""
    _decide("unknown", lambda outcome, _facts: _fail(outcome))


def unknown_is_sent_anew() -> None:
    """What was not answered is sent again, under a reference that the network has not seen."""
    from payments import decisions, dispatch  # noqa: PLC0415 (each needs Django to be ready)

    send = dispatch.operation_to_send

    def under_a_new_reference(payment: Any) -> Any:
        planned = send(payment)
        if planned is not None and planned.operation.sends:
            planned.operation.reference = str(uuid4())
        return planned

    def resend_at_once(_outcome: Any, facts: Any) -> Any:
        return decisions.Decision(because="Tried again.", to=decisions._doubt(facts), resend_after_seconds=0)

    _decide("unknown", resend_at_once)
    dispatch.operation_to_send = under_a_new_reference


def not_found_is_believed_at_once() -> None:
    """No settle window, no second look, no second send: what is not there yet never was."""
    _decide("not_found", lambda outcome, _facts: _fail(outcome))


def callbacks_are_believed() -> None:
    """Whatever a callback says is applied, without asking the network itself."""
    from payments import callbacks  # noqa: PLC0415
    from payments.models import Callback, Transaction  # noqa: PLC0415
    from payments.reconciliation import Source, apply_outcome  # noqa: PLC0415
    from providers.base import Outcome  # noqa: PLC0415
    from providers.registry import get_provider  # noqa: PLC0415

    def process(job: Any) -> None:
        callback = Callback.objects.get(pk=job.subject)
        payment = Transaction.objects.get(pk=callback.transaction_id).payment
        claim = get_provider(callback.provider).read_callback(bytes(callback.body))
        outcome = Outcome(claim.kind, amount=payment.amount, currency=payment.currency, phone=payment.phone)
        apply_outcome(transaction_id=callback.transaction_id, outcome=outcome, source=Source.CALLBACK)

    callbacks.process = process


def successes_are_not_booked() -> None:
    """The status says succeeded and the ledger says nothing, now and then."""
    from payments import ledger  # noqa: PLC0415

    _now_and_then(ledger, "post_success", instead=None)


def nobody_looks_again() -> None:
    """An outcome that is not final plans no next look."""
    from payments import reconciliation  # noqa: PLC0415

    reconciliation._plan_next_look = lambda *_: None


def answered_before_written() -> None:
    """201 is said, and the row is lost, now and then."""
    from payments import create  # noqa: PLC0415

    _now_and_then(create, "_insert", instead=True)


def keys_are_ignored() -> None:
    """Each try of a request is a request of its own."""
    from payments import create  # noqa: PLC0415

    accept = create.accept
    create.accept = lambda *args, key, **kwargs: accept(*args, key=f"{key}-{uuid4().hex}", **kwargs)


@dataclass(frozen=True, slots=True)
class Sabotage:
    """How it is planted, and what a finding about it has to say: that something is wrong would be no proof.

    guard: the trigger by which the database itself refuses such a mistake. It is taken away first.
    """

    plant: Callable[[], None]
    found_by: str
    guard: str = ""


CONTRADICTED = "is failed, but the network moved|was said to be failed, then succeeded"
SABOTAGES: dict[str, Sabotage] = {
    sabotage.plant.__name__: sabotage
    for sabotage in (
        Sabotage(unknown_is_a_failure, CONTRADICTED),
        Sabotage(unknown_is_sent_anew, "the network moved .* times", guard="guard_transaction ON payments_transaction"),
        Sabotage(not_found_is_believed_at_once, CONTRADICTED),
        Sabotage(callbacks_are_believed, f"{CONTRADICTED}|succeeded with .*, but the network moved"),
        Sabotage(
            successes_are_not_booked, "is booked with None", guard="payment_success_is_posted ON payments_payment"
        ),
        Sabotage(nobody_looks_again, "is still"),
        Sabotage(answered_before_written, "was accepted and is gone"),
        Sabotage(keys_are_ignored, "exists without an accepted request"),
    )
}


def _decide(kind: str, decision: Any) -> None:
    from payments import decisions  # noqa: PLC0415
    from providers.base import Kind  # noqa: PLC0415

    decisions._OPEN_DECISIONS[Kind(kind)] = decision


def _fail(outcome: Any) -> Any:
    from payments import decisions  # noqa: PLC0415

    return decisions.Decision(
        because="Taken for a failure.",
        to=decisions.Status.FAILED,
        failure=decisions._failure(replace(outcome, code="provider_error")),
        transaction_state=decisions.Transaction.DEAD,
    )


def _now_and_then(module: Any, name: str, *, instead: object) -> None:
    act = getattr(module, name)
    setattr(module, name, lambda *args, **kwargs: instead if random.random() < 0.1 else act(*args, **kwargs))

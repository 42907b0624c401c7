"""Mistakes that such engines are known to make, each planted for the time of one run. The machine must find them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from payments import callbacks, circuits, decisions, dispatch, polling, reconciliation, resolutions
from payments import ids as new_ids
from payments.decisions import Decision, Facts
from payments.models import Callback, Payment, Transaction
from payments.operations import Planned, operation_to_send
from payments.reconciliation import Source, apply_outcome
from payments.states import Status
from payments.transitions import FailureFacts
from providers.base import Kind, Operation, Outcome
from providers.mtn import wire
from providers.registry import get_provider
from providers.verdicts import failed
from tenants import jobs
from tenants.jobs import Claim

Plant = Callable[[], AbstractContextManager[Any]]


def a_duplicate_is_called_failed() -> AbstractContextManager[Any]:
    """Alone it does no harm: a failure of one send is not believed while an earlier one is unaccounted for."""
    stack, reading = ExitStack(), failed("provider_error", "Duplicate.")
    stack.enter_context(an_earlier_send_is_forgotten())
    for operation in Operation:
        stack.enter_context(patch.dict(wire.SENDING[operation].rows, {(409, wire.ANY): reading}))
    return stack


def not_found_is_believed_at_once() -> AbstractContextManager[Any]:
    stack = ExitStack()
    for module in (polling, reconciliation):
        stack.enter_context(patch.object(module, "is_send_settled", lambda _: True))
    return stack


def a_lost_answer_is_called_failed() -> AbstractContextManager[Any]:
    failure = FailureFacts(code="provider_error", message="No answer.")

    def fail(outcome: Outcome, facts: Facts) -> Decision:
        if not facts.is_answer:
            return Decision(because="Nothing was learned.")
        return Decision(because="No answer.", to=Status.FAILED, failure=failure, transaction_state=Transaction.DEAD)

    return patch.dict(decisions._OPEN_DECISIONS, {Kind.UNKNOWN: fail})


def a_callback_is_believed() -> AbstractContextManager[Any]:
    def process(job: Claim) -> None:
        callback = Callback.objects.get(pk=job.subject)
        operation = Transaction.objects.get(pk=callback.transaction_id)
        claim, payment = get_provider("mtn").read_callback(bytes(callback.body)), operation.payment
        outcome = Outcome(claim.kind, code="unspecified", amount=payment.amount, currency=payment.currency)
        apply_outcome(transaction_id=operation.id, outcome=outcome, source=Source.CALLBACK)

    return patch.object(callbacks, "process", process)


def it_is_sent_again_under_a_new_reference() -> AbstractContextManager[Any]:
    def start_anew(payment: Payment) -> Planned | None:
        planned = operation_to_send(payment)
        if planned is None or not planned.operation.sends:
            return planned
        old = planned.operation
        Transaction.objects.filter(pk=old.pk).update(state=Transaction.DEAD)
        fresh = Transaction(
            id=new_ids.transaction_id(), payment=payment, number=old.number + 1, operation=old.operation,
            provider=old.provider, account_id=old.account_id, base_url=old.base_url, reference=str(uuid4()),
        )  # fmt: skip
        return replace(planned, operation=fresh)

    return patch.object(dispatch, "operation_to_send", start_anew)


def an_earlier_send_is_forgotten() -> AbstractContextManager[Any]:
    real = reconciliation._gather
    return patch.object(
        reconciliation,
        "_gather",
        lambda *arguments, **named: replace(real(*arguments, **named), earlier_send_is_open=False),
    )


def a_late_success_is_ignored() -> AbstractContextManager[Any]:
    real = decisions._succeeded

    def ignore(outcome: Outcome, facts: Facts) -> Decision:
        return Decision(because="It is over.") if facts.status == Status.FAILED else real(outcome, facts)

    return patch.object(decisions, "_succeeded", ignore)


def nothing_follows_up_an_intent() -> AbstractContextManager[Any]:
    def add(**job: Any) -> None:
        """dispatch.py plans one job: the poll that finds out what became of a call."""

    return patch.object(dispatch, "jobs", _Replaced(jobs, add=add))


def polls_go_through_an_open_circuit() -> AbstractContextManager[Any]:
    return patch.object(circuits, "call", lambda _, attempt, **__: attempt())


def old_evidence_is_good_enough() -> AbstractContextManager[Any]:
    return patch.object(resolutions, "_outdated", lambda *_: "")


def people_need_not_wait() -> AbstractContextManager[Any]:
    return patch.object(resolutions, "_too_early", lambda *_: "")


class _Replaced:
    """A module with some of its names replaced."""

    def __init__(self, module: Any, **names: Any) -> None:
        self._module = module
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


# What is wrong is in the database: SQL run inside each example's transaction, in the merchant's schema.
REFUNDS_WITHOUT_A_LIMIT = "ALTER TABLE payments_payment DROP CONSTRAINT payment_refunds_within_amount"

IN_CODE: tuple[Plant, ...] = (
    a_duplicate_is_called_failed,
    not_found_is_believed_at_once,
    a_lost_answer_is_called_failed,
    a_callback_is_believed,
    it_is_sent_again_under_a_new_reference,
    an_earlier_send_is_forgotten,
    a_late_success_is_ignored,
    nothing_follows_up_an_intent,
    polls_go_through_an_open_circuit,
    old_evidence_is_good_enough,
    people_need_not_wait,
)

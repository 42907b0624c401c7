"""What people and merchant servers may do with an existing payment. Each verb checks, changes and records as one."""

import threading
import time

from django.db import transaction

from payments import audit
from payments.errors import InvalidState, NotFound
from payments.kinds import kind_of_id
from payments.models import Payment, Transaction
from payments.states import Status
from payments.transitions import lock_payment, move
from tenants import doorbell, jobs
from tenants.current import current_tenant

CHECK_WAIT_SECONDS = 4.0
CHECK_LOOK_SECONDS = 0.05
# Only this many threads of a process may wait for a check; whoever comes then gets the payment as it is.
_check_waiters = threading.BoundedSemaphore(2)


def get_payment(*, payment_id: str, livemode: bool) -> Payment:
    """The payment, payout or refund in this mode of the current merchant. Raises NotFound, also for the other mode."""
    payment = Payment.objects.filter(pk=payment_id, livemode=livemode).first()
    if payment is None:
        raise NotFound(f"There is no {_word_for(payment_id)} {payment_id}.")
    return payment


def cancel_payment(*, payment_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> Payment:
    """Withdraw a payment that no provider has yet. Raises NotFound, InvalidState."""
    get_payment(payment_id=payment_id, livemode=livemode)
    with transaction.atomic():
        payment = lock_payment(payment_id)
        if payment.status == Status.PENDING:
            move(
                payment,
                to=Status.CANCELED,
                because=f"Canceled by {actor}.",
                actor=actor,
                ip=ip,
                request_id=request_id,
            )
            return payment
    audit.record(
        actor=actor, action="payment.cancel", target=payment_id, livemode=livemode, result="failed", ip=ip,
        request_id=request_id, reason=f"It is {payment.status}.",
    )  # fmt: skip
    raise InvalidState(f"Only a pending {_word_for(payment_id)} can be canceled; {payment_id} is {payment.status}.")


def check_payment(*, payment_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> Payment:
    """Have a worker ask the provider now and wait a few seconds for what it says. Raises NotFound.

    The call itself stays a job, so that a slow provider cannot hold our web threads for longer than the wait.
    """
    payment = get_payment(payment_id=payment_id, livemode=livemode)
    audit.record(
        actor=actor, action="payment.check", target=payment_id, livemode=livemode, ip=ip, request_id=request_id
    )
    operation = payment.transactions.order_by("-number").first()
    if payment.is_final or operation is None:
        return payment
    jobs.add(
        kind="poll", tenant_id=current_tenant().pk, subject=payment_id, lane=operation.provider,
        request_id=request_id, once=True,
    )  # fmt: skip
    doorbell.ring()
    _wait_for_a_look(operation)
    payment.refresh_from_db()
    return payment


def reveal_phone(*, payment_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> str:
    """The payer's full number as +260…, with an audit entry for having seen it. Raises NotFound."""
    payment = get_payment(payment_id=payment_id, livemode=livemode)
    audit.record(
        actor=actor, action="payment.reveal_phone", target=payment_id, livemode=livemode, ip=ip, request_id=request_id
    )
    return f"+{payment.phone}"


def _word_for(object_id: str) -> str:
    kind = kind_of_id(object_id)
    return kind.object_name if kind else "payment"


def _wait_for_a_look(operation: Transaction) -> None:
    if not _check_waiters.acquire(blocking=False):
        return
    try:
        deadline = time.monotonic() + CHECK_WAIT_SECONDS
        while time.monotonic() < deadline:
            seen = Transaction.objects.values_list("polls", "state").get(pk=operation.pk)
            if seen != (operation.polls, operation.state):
                return
            time.sleep(CHECK_LOOK_SECONDS)
    finally:
        _check_waiters.release()

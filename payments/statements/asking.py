"""Has the provider asked about a payment that its statement contradicts. The statement alone moves nothing."""

from django.db import transaction

from payments import audit
from payments.errors import InvalidState
from payments.models import Transaction
from payments.services import check_payment
from payments.statements.findings import FINDINGS
from payments.statements.linking import find_item
from payments.states import Status
from payments.transitions import lock_payment
from tenants import doorbell, jobs
from tenants.current import current_tenant


def ask_provider(*, item_id: str, livemode: bool, actor: str, ip: str = "", request_id: str = "") -> str:
    """Ask now about the payment of a line. Returns its id. Raises NotFound, InvalidState."""
    item = find_item(item_id=item_id, livemode=livemode)
    if item.payment is None or not FINDINGS[item.finding].may_ask:
        raise InvalidState("There is nothing to ask the provider about this line.")
    payment_id = item.payment.pk
    if item.payment.status == Status.FAILED:
        _ask_about_failed(payment_id, livemode=livemode, actor=actor, ip=ip, request_id=request_id)
    else:
        check_payment(payment_id=payment_id, livemode=livemode, actor=actor, ip=ip, request_id=request_id)
    return payment_id


def _ask_about_failed(payment_id: str, *, livemode: bool, actor: str, ip: str, request_id: str) -> None:
    """One more look at what had ended, by the way that doubtful failures take (DECISIONS.md 22)."""
    with transaction.atomic():
        payment = lock_payment(payment_id)
        operation = payment.transactions.select_for_update(of=("self",)).order_by("-number").first()
        if operation is None:
            raise InvalidState("No provider was ever asked for this payment, so none can know it.")
        Transaction.objects.filter(pk=operation.pk, follow_ups_left=0).update(follow_ups_left=1)
        audit.record(
            actor=actor, action="payment.check", target=payment_id, livemode=livemode, ip=ip, request_id=request_id,
            reason="A provider's statement says that the money moved.",
        )  # fmt: skip
        jobs.add(
            kind="poll", tenant_id=current_tenant().pk, subject=payment_id, lane=operation.provider,
            request_id=request_id, once=True,
        )  # fmt: skip
    doorbell.ring()

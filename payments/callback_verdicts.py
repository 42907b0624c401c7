"""Judges what a callback claimed by what the provider itself said when asked."""

from django.utils import timezone

from payments.models import Callback, Payment
from payments.states import Status
from providers.base import Kind
from providers.names import network_name

FINAL_CLAIMS = {Kind.SUCCEEDED: Status.SUCCEEDED, Kind.FAILED: Status.FAILED}


def judge(
    callback: Callback, *, claimed: Kind, status: Status, moved_to: Status | None, heard: Kind, has_switched: bool
) -> bool:
    """Write the verdict on a callback after its read-back. Returns whether it is still open.

    status: the payment's status now; moved_to: what the read-back changed it to; heard: what the provider answered;
    has_switched: whether that ended its turn, and the payment went to the next provider.
    """
    wanted = FINAL_CLAIMS.get(claimed)
    if wanted is None:
        verdict, reason = Callback.NO_CHANGE, "It claims nothing final."
    elif has_switched and claimed == heard:
        verdict = Callback.APPLIED
        reason = f"Read back from {network_name(callback.provider)}: {heard}. The next provider is tried."
    elif status == wanted:
        verdict = Callback.APPLIED if moved_to == wanted else Callback.NO_CHANGE
        reason = f"Read back from {network_name(callback.provider)}: {heard}."
    elif heard in FINAL_CLAIMS:
        verdict = Callback.REJECTED
        reason = _contradiction(callback, claimed, heard)
    else:
        verdict = Callback.UNCONFIRMED
        reason = (
            f"It says {claimed}; {network_name(callback.provider)} itself says {heard} so far. Nothing is believed yet."
        )
    # A repeat of what moved the payment finds it moved already.
    if not (callback.verdict == Callback.APPLIED and verdict == Callback.NO_CHANGE):
        _write(callback, verdict, reason)
    return verdict == Callback.UNCONFIRMED


def judge_of_before(callback: Callback, *, claimed: Kind, heard: Kind) -> None:
    """The same of a provider that had the payment before the one that has it now; an alarm was raised if it paid."""
    network = network_name(callback.provider)
    if claimed == heard or claimed not in FINAL_CLAIMS:
        _write(callback, Callback.NO_CHANGE, f"Read back from {network}: {heard}. Another provider has it now.")
    elif heard in FINAL_CLAIMS:
        _write(callback, Callback.REJECTED, _contradiction(callback, claimed, heard))
    else:
        _write(callback, Callback.UNCONFIRMED, f"It says {claimed}; {network} itself says {heard} so far.")


def _contradiction(callback: Callback, claimed: Kind, heard: Kind) -> str:
    network = network_name(callback.provider)
    if claimed == heard:
        return f"{network} itself says {heard} as well, but of another amount, currency or number than ours."
    return f"It says {claimed}, but {network} itself says {heard}. Nothing was changed."


def reject(callback: Callback, reason: str) -> None:
    _write(callback, Callback.REJECTED, reason)


def unmatched(callback: Callback, reason: str) -> None:
    _write(callback, Callback.UNMATCHED, reason)


def settle_unconfirmed(payment: Payment) -> None:
    """Once a payment is final, callbacks that ran ahead are confirmed or exposed."""
    waiting = Callback.objects.filter(payment_id=payment.id, verdict=Callback.UNCONFIRMED)
    for callback in waiting:
        if FINAL_CLAIMS.get(Kind(callback.claims)) == payment.status:
            _write(callback, Callback.NO_CHANGE, "It ran ahead of the provider's own word, which came later.")
        else:
            _write(callback, Callback.REJECTED, f"It said {callback.claims}, but the payment ended {payment.status}.")


def _write(callback: Callback, verdict: str, reason: str) -> None:
    """Unless a person has linked the message since it was read: then it is judged once more, by that."""
    callback.verdict, callback.reason = verdict, reason[:300]
    Callback.objects.filter(pk=callback.pk, linked_at=callback.linked_at).update(
        payment_id=callback.payment_id, claims=callback.claims, verdict=verdict, reason=callback.reason,
        processed_at=timezone.now(),
    )  # fmt: skip

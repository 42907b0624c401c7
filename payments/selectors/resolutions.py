"""Proposals of how an unknown outcome ended, as the pages show them."""

from payments.models import Payment, Resolution


def get_resolution(*, livemode: bool, resolution_id: str) -> Resolution | None:
    """With its payment. None for an id that this mode does not have."""
    rows = Resolution.objects.select_related("payment").filter(payment__livemode=livemode)
    return rows.filter(pk=resolution_id).first()


def waiting_resolution(payment: Payment) -> Resolution | None:
    """The proposal that somebody has to decide about."""
    return Resolution.objects.filter(payment=payment, state=Resolution.PROPOSED).first()


def resolutions_of(payment: Payment) -> list[Resolution]:
    """All proposals for a payment, newest first; at most one of them waits."""
    return list(Resolution.objects.filter(payment=payment).order_by("-id")[:20])

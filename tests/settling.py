"""What tests of unknown outcomes need: one, people who settle it, and the provider's late word."""

from typing import Any

from payments import resolutions
from payments.models import AuditEntry, Payment, Resolution
from payments.people import Person
from tests.simulated_mtn import SimulatedMtn
from tests.world import Merchant, let_settle, run_jobs

PHONE = "+260966000123"


def lost_payment(merchant: Merchant, mtn: SimulatedMtn, **fields: Any) -> str:
    """A payment that MTN has, while its answer got lost and it has said nothing since: unknown, and settled."""
    mtn.misbehave(operation="collect", times=1, answer="reset", executes="now", approve_seconds=None)
    mtn.misbehave(operation="lookup", answer="error_500")
    payment_id: str = merchant.pay(phone=PHONE, **fields).json()["id"]
    run_jobs()
    let_settle(merchant)
    assert merchant.payment(payment_id).status == "unknown"
    return payment_id


def person(merchant: Merchant, role: str = "operator") -> Person:
    user = merchant.users[role]
    return Person(user_id=user.pk, actor=f"user:{user.pk} {user.email}", ip="203.0.113.9", request_id="req_1")


def propose(merchant: Merchant, payment_id: str, outcome: str = "succeeded", *, role: str = "operator") -> Resolution:
    with merchant.entered():
        return resolutions.propose(
            payment_id=payment_id, livemode=False, outcome=outcome, reason="MTN's staff confirmed it by phone.",
            evidence="Spoke to Bwalya at MTN, ticket 4711.", provider_reference="1870000001",
            person=person(merchant, role),
        )  # fmt: skip


def approve(merchant: Merchant, resolution: Resolution, *, role: str = "owner") -> None:
    with merchant.entered():
        resolutions.approve(
            resolution_id=resolution.id, livemode=False, note="Heard it, too.", person=person(merchant, role)
        )


def state_of(merchant: Merchant, resolution: Resolution) -> str:
    with merchant.entered():
        return str(Resolution.objects.values_list("state", flat=True).get(pk=resolution.pk))


def alarms(merchant: Merchant, payment_id: str) -> list[str]:
    """What the alarms of a payment said, in order; and it must be on the list of what needs a person."""
    with merchant.entered():
        said = AuditEntry.objects.filter(action="payment.alarm", target=payment_id).order_by("position")
        assert bool(said) <= (Payment.objects.get(pk=payment_id).attention_at is not None)
        return list(said.values_list("reason", flat=True))

"""What must be true after every step, whatever happened. Each names what it found."""

from decimal import Decimal
from itertools import pairwise

from payments.kinds import PaymentKind
from payments.states import FINAL, TRANSITIONS, Status
from tests.model.network import Network
from tests.model.ours import MOVEMENT_OF, Snapshot, expected_ledger
from tests.model.workers import Workers


def check(ours: Snapshot, before: Snapshot | None, network: Network, workers: Workers) -> None:
    """Compare our books with the network's, and with what they were a step ago."""
    nothing_moved_twice(network)
    no_refund_beyond_what_was_collected(ours, network)
    refunds_are_accounted_for(ours)
    the_ledger_holds_what_we_know_to_have_moved(ours)
    history_is_gapless_and_legal(ours)
    for payment_id in ours.payments:
        seen = len(before.events[payment_id]) if before and payment_id in before.payments else 0
        for _, status in ours.events[payment_id][seen:]:
            if status == Status.FAILED:
                it_did_not_move_and_will_not(payment_id, ours, network, workers)
    nothing_is_left_alone(ours)
    for payment_id, payment in ours.payments.items():
        moved = network.times_moved()[MOVEMENT_OF[PaymentKind(payment.kind)], payment_id]
        if payment.status == Status.SUCCEEDED:
            assert moved == 1, f"{payment_id} succeeded, but nothing moved"
        if payment.status in {Status.PENDING, Status.CANCELED}:
            assert not ours.references[payment_id], f"{payment_id} is {payment.status}, but may have been sent"
            assert not moved, f"{payment_id} is {payment.status}, but moved"


def nothing_moved_twice(network: Network) -> None:
    twice = {what: times for what, times in network.times_moved().items() if times > 1}
    assert not twice, f"moved more than once: {twice}"


def no_refund_beyond_what_was_collected(ours: Snapshot, network: Network) -> None:
    for payment in ours.payments.values():
        for reference in ours.references[payment.id] if payment.kind == PaymentKind.COLLECTION else ():
            refunded = network.refunded(reference)
            assert refunded <= payment.amount, f"{payment.id}: {refunded} of {payment.amount} were paid back"


def refunds_are_accounted_for(ours: Snapshot) -> None:
    for payment in ours.payments.values():
        if payment.kind != PaymentKind.COLLECTION:
            continue
        refunds = [each for each in ours.payments.values() if each.original_id == payment.id]
        refunded = sum((each.amount for each in refunds if each.status == Status.SUCCEEDED), Decimal(0))
        reserved = sum((each.amount for each in refunds if each.status not in FINAL), Decimal(0))
        assert (payment.amount_refunded, payment.amount_reserved) == (refunded, reserved), payment.id
        assert refunded + reserved - payment.refund_excess <= payment.amount, payment.id
        assert payment.refund_excess <= max(Decimal(0), refunded + reserved - payment.amount), (
            f"{payment.id}: an excess of {payment.refund_excess} lets more be refunded than was collected"
        )


def the_ledger_holds_what_we_know_to_have_moved(ours: Snapshot) -> None:
    assert sum(ours.ledger.values()) == 0
    assert {account: amount for account, amount in ours.ledger.items() if amount} == expected_ledger(ours.payments)


def history_is_gapless_and_legal(ours: Snapshot) -> None:
    for payment_id, payment in ours.payments.items():
        versions = [version for version, _ in ours.events[payment_id]]
        statuses = [Status(status) for _, status in ours.events[payment_id]]
        assert versions == list(range(1, payment.version + 1)), f"{payment_id}: events {versions}"
        assert statuses[0] == Status.PENDING
        assert statuses[-1] == payment.status
        assert all(edge in TRANSITIONS for edge in pairwise(statuses)), f"{payment_id}: {statuses}"


def it_did_not_move_and_will_not(payment_id: str, ours: Snapshot, network: Network, workers: Workers) -> None:
    """The one reason to call anything failed: the network said so, or never had it and never will."""
    for reference in ours.references[payment_id]:
        if network.has_said_failed(reference):
            continue
        order = network.knows(reference)
        assert order is None, f"{payment_id} failed, but the network has it and says {order and order.status}"
        assert not network.may_yet_take(reference), f"{payment_id} failed, but it is still on its way"
        assert not workers.may_yet_send(reference), f"{payment_id} failed, but a worker is about to send it"


def nothing_is_left_alone(ours: Snapshot) -> None:
    assert not ours.orphans, f"no job will bring them on: {ours.orphans}"
    assert not ours.forgotten, f"to be looked at again, but no job will: {ours.forgotten}"
    assert not ours.open_circuits_without_probe

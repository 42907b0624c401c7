"""An alarm leaves the list when a person has looked and said what was found, and comes back with the next one."""

import pytest
from django.utils import timezone

from payments.alarms import acknowledge_alarm
from payments.errors import InvalidState, NotFound, Refusal
from payments.models import AuditEntry
from tests.portal.rows import make_payment


def acknowledge(payment, *, note="Called MTN.", livemode=False):
    acknowledge_alarm(payment_id=payment.id, livemode=livemode, note=note, actor="user:1 owner@acme.test")


def test_it_takes_the_alarm_off_and_keeps_the_note(acme):
    with acme.entered():
        payment = make_payment(attention_at=timezone.now())
        acknowledge(payment)
        payment.refresh_from_db()
        entry = AuditEntry.objects.get(action="payment.alarm_seen")
    assert payment.attention_at is None
    assert (entry.target, entry.reason, entry.result) == (payment.id, "Called MTN.", "ok")


@pytest.mark.parametrize(("status", "has_alarm"), [("unknown", True), ("processing", True), ("succeeded", False)])
def test_it_is_refused_while_it_goes_on_or_when_there_is_none_and_that_is_recorded(acme, status, has_alarm):
    with acme.entered():
        payment = make_payment(status=status, attention_at=timezone.now() if has_alarm else None)
        with pytest.raises(InvalidState):
            acknowledge(payment)
        payment.refresh_from_db()
        assert AuditEntry.objects.get(action="payment.alarm_seen").result == "failed"
    assert bool(payment.attention_at) == has_alarm


def test_without_a_note_or_in_the_other_mode_nothing_happens(acme):
    with acme.entered():
        payment = make_payment(attention_at=timezone.now())
        with pytest.raises(Refusal):
            acknowledge(payment, note="  ")
        with pytest.raises(NotFound):
            acknowledge(payment, livemode=True)
        payment.refresh_from_db()
    assert payment.attention_at is not None

"""The sealer numbers and chains what was appended; any later change shows."""

import pytest
from django.db import connection

from payments import audit
from payments.chain import first_break
from payments.models import AuditEntry, Event
from payments.sealer import seal_batch
from tests.world import run_jobs


@pytest.fixture
def trail(acme):
    """Five sealed entries on top of what making the merchant left."""
    with acme.entered():
        for number in range(5):
            audit.record(actor="user:1 mary", action="test.done", target=f"thing {number}", after={"number": number})
        seal_batch()
        yield AuditEntry.objects.filter(sequence__isnull=False).order_by("sequence")


def tamper(sql, *parameters):
    """As the owner of the table, who can switch its guards off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_auditentry DISABLE TRIGGER USER")
        cursor.execute(sql, parameters)
        cursor.execute("ALTER TABLE payments_auditentry ENABLE TRIGGER USER")


def test_an_untouched_trail_is_whole_and_gapless(trail):
    assert first_break(trail) is None
    assert [entry.sequence for entry in trail] == list(range(1, trail.count() + 1))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_auditentry SET actor = 'user:2 eve' WHERE target = 'thing 2'",
        "UPDATE payments_auditentry SET after = '{\"number\": 7}' WHERE target = 'thing 2'",
        "UPDATE payments_auditentry SET created_at = created_at - interval '1 day' WHERE target = 'thing 2'",
        "DELETE FROM payments_auditentry WHERE target = 'thing 2'",
        "UPDATE payments_auditentry SET sequence = -sequence WHERE target = 'thing 2'",
        "UPDATE payments_auditentry SET hash = repeat('0', 64) WHERE target = 'thing 2'",
    ],
)
def test_a_change_behind_our_back_breaks_the_chain(trail, sql):
    tamper(sql)
    assert first_break(trail.all()) is not None


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payments_auditentry SET actor = 'eve'",
        "UPDATE payments_auditentry SET sequence = NULL, hash = ''",
        "DELETE FROM payments_auditentry",
        "TRUNCATE payments_auditentry",
        "DELETE FROM payments_event",
        "TRUNCATE payments_event",
    ],
)
def test_the_database_refuses_to_change_records(acme, trail, sql):
    Event.objects.create(
        livemode=False,
        type="payment.created",
        object_id="pay_x",
        object_version=1,
        status="pending",
        actor="x",
        data={},
    )
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute(sql)


def test_sealing_is_asked_for_by_what_is_appended_and_survives_being_run_twice(acme):
    with acme.entered():
        audit.record(actor="user:1 mary", action="test.done")
    run_jobs(rounds=3)
    with acme.entered():
        assert not AuditEntry.objects.filter(sequence__isnull=True).exists()
        assert first_break(AuditEntry.objects.order_by("sequence")) is None


def test_event_numbers_are_gapless_in_each_mode(acme):
    with acme.entered():
        for number in range(6):
            Event.objects.create(
                livemode=number % 2 == 0, type="payment.created", object_id=f"pay_{number}", object_version=1,
                status="pending", actor="x", data={},
            )  # fmt: skip
        seal_batch()
        for livemode in (True, False):
            numbers = Event.objects.filter(livemode=livemode).order_by("position").values_list("sequence", flat=True)
            assert list(numbers) == [1, 2, 3]

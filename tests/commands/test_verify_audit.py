"""verify_audit finds what somebody with all rights over the database did to a trail, and names the entry."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from payments import audit
from payments.models import AuditEntry
from payments.sealer import seal_batch
from tests.commands.conftest import Manage
from tests.world import Merchant

ENTRIES = 6


@pytest.fixture
def trail(acme: Merchant, globex: Merchant) -> dict[int, int]:
    """Sealed trails of two merchants; the position of each entry of acme by its number."""
    for merchant in (acme, globex):
        with merchant.entered():
            for number in range(ENTRIES):
                audit.record(actor="user:1 alice", action="thing.changed", target=f"thing {number}")
            seal_batch()
    with acme.entered():
        return {entry.sequence or 0: entry.position for entry in AuditEntry.objects.exclude(sequence=None)}


@contextmanager
def guards_off(merchant: Merchant) -> Iterator[None]:
    """As the owner of the tables can, without leaving a trace in the trail."""
    with merchant.entered(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_auditentry DISABLE TRIGGER USER")
        yield
        cursor.execute("ALTER TABLE payments_auditentry ENABLE TRIGGER USER")


def tamper(merchant: Merchant, *statements: str) -> None:
    with guards_off(merchant), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0


def test_a_whole_trail_is_counted(manage: Manage, acme: Merchant, trail: dict[int, int]) -> None:
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert (said.status, said.err) == (0, "")
    assert said.json == {"verified": {"acme": len(trail)}}


def test_without_a_name_every_merchants_trail_is_checked(manage: Manage, trail: dict[int, int]) -> None:
    assert manage("verify_audit", "--json").json["verified"].keys() >= {"acme", "globex"}


EDITS = {
    "who": "actor = 'user:2 eve'",
    "what": "action = 'thing.viewed'",
    "which": "target = 'thing 99'",
    "result": "result = 'denied'",
    "when": "created_at = created_at + interval '1 microsecond'",
    "from where": "ip = '10.0.0.1'",
    "mode": "livemode = coalesce(NOT livemode, true)",
    "before": "before = '{}'",
    "after": """after = '{"amount": "1.00"}'""",
    "its hash": "hash = repeat('0', 64)",
    "its link": "prev_hash = repeat('0', 64)",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_entry_that_was_edited_is_named(manage: Manage, acme: Merchant, trail: dict[int, int], edit: str) -> None:
    position = sorted(trail.values())[3]
    tamper(acme, f"UPDATE payments_auditentry SET {EDITS[edit]} WHERE position = {position}")
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert (said.status, said.out) == (1, "")
    assert f"The trail of acme is broken at entry {position}: " in said.err


def test_the_entry_after_one_that_was_deleted_is_named(manage: Manage, acme: Merchant, trail: dict[int, int]) -> None:
    tamper(acme, f"DELETE FROM payments_auditentry WHERE position = {trail[3]}")
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert said.status == 1
    assert f"broken at entry {trail[4]}: sequence 4 stands where 3 should" in said.err


def test_closing_the_gap_after_a_deletion_does_not_help(manage: Manage, acme: Merchant, trail: dict[int, int]) -> None:
    tamper(
        acme,
        f"DELETE FROM payments_auditentry WHERE position = {trail[3]}",
        "UPDATE payments_auditentry SET sequence = -sequence WHERE sequence > 3",
        "UPDATE payments_auditentry SET sequence = -sequence - 1 WHERE sequence < 0",
    )
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert said.status == 1
    assert f"broken at entry {trail[4]}: it does not follow the entry before it" in said.err


def test_entries_that_changed_places_are_named(manage: Manage, acme: Merchant, trail: dict[int, int]) -> None:
    tamper(
        acme,
        "UPDATE payments_auditentry SET sequence = 9999 WHERE sequence = 3",
        "UPDATE payments_auditentry SET sequence = 3 WHERE sequence = 4",
        "UPDATE payments_auditentry SET sequence = 4 WHERE sequence = 9999",
    )
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert said.status == 1
    assert f"broken at entry {trail[4]}: " in said.err


def test_an_entry_that_was_put_in_is_named(manage: Manage, acme: Merchant, trail: dict[int, int]) -> None:
    tamper(
        acme,
        "UPDATE payments_auditentry SET sequence = -sequence WHERE sequence > 3",
        "UPDATE payments_auditentry SET sequence = 1 - sequence WHERE sequence < 0",
        """INSERT INTO payments_auditentry (sequence, actor, action, target, result, reason, ip, request_id,
                                            prev_hash, hash)
           SELECT 4, 'user:2 eve', 'thing.changed', 'thing 7', 'ok', '', '', '', hash, repeat('a', 64)
             FROM payments_auditentry WHERE sequence = 3""",
    )
    said = manage("verify_audit", "--json", "--merchant", "acme")
    assert said.status == 1
    assert "its contents were changed after it was sealed" in said.err


def test_another_merchants_break_is_found_and_named_too(
    manage: Manage, globex: Merchant, trail: dict[int, int]
) -> None:
    tamper(globex, "UPDATE payments_auditentry SET actor = 'user:2 eve' WHERE sequence = 2")
    assert manage("verify_audit", "--json", "--merchant", "acme").status == 0
    said = manage("verify_audit", "--json")
    assert said.status == 1
    assert "The trail of globex is broken at entry" in said.err


def test_a_merchant_that_does_not_exist_is_refused(manage: Manage, acme: Merchant) -> None:
    said = manage("verify_audit", "--json", "--merchant", "nobody")
    assert (said.status, said.out) == (1, "")
    assert said.err == "CommandError: There is no merchant nobody.\n"


def test_wrong_usage_is_status_2(manage: Manage) -> None:
    assert manage("verify_audit", "--merchants", "acme").status == 2

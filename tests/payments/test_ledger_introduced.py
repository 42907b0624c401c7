"""A merchant who took payments before there was a ledger has them booked once there is one."""

from decimal import Decimal

from django.core.management import call_command

from payments.models import LedgerEntry
from tenants.provisioning import migrate_all
from tests.world import run_jobs


def without_a_ledger(merchant):
    """The merchant's schema as the release before the ledger left it."""
    schema = merchant.tenant.schema_name
    call_command("migrate_schemas", "payments", "0002", schema_name=schema, interactive=False, verbosity=0)


def test_earlier_successes_are_booked_and_nothing_else_is(committed, mtn):
    paid = committed.pay(amount="150.00").json()["id"]
    run_jobs(rounds=3)
    mtn.set(approve_seconds=None)
    under_way = committed.pay(amount="20.00").json()["id"]
    run_jobs()
    assert [committed.payment(each).status for each in (paid, under_way)] == ["succeeded", "processing"]
    without_a_ledger(committed)
    migrate_all()
    with committed.entered():
        entries = LedgerEntry.objects.order_by("amount")
        booked = [(entry.object_id, entry.account, entry.amount) for entry in entries]
    assert booked == [(paid, "collected", Decimal(-150)), (paid, "provider_balance", Decimal(150))]
    # From here on it is a merchant like any other, as soon as the account is connected again with all it can do.
    assert committed.refund(paid, amount="1.00").status_code == 422
    committed.connect(base_url=committed.simulator_url)
    assert committed.refund(paid, amount="1.00").status_code == 201
    assert committed.api("GET", "/v1/balance").json()["data"][0]["collected"] == "150.00"

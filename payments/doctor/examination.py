"""Makes every check that can be made: those that need the database, or its tables, are left out without them."""

from collections.abc import Iterator

from payments.doctor import configuration, database, machine, merchants, migrations, queue
from payments.doctor.finding import Finding, Level
from tenants.current import leave_merchant


def examine() -> Iterator[Finding]:
    """One finding after the other, so that a slow check does not hold back what is known already."""
    yield from configuration.check()
    yield machine.check_disk()
    reached = database.reach()
    yield reached
    if reached.level == Level.FAIL:
        return
    leave_merchant()
    yield from database.check()
    yield database.check_clock()
    migrated = migrations.check()
    yield migrated
    yield queue.check_broker()
    if migrated.level == Level.FAIL:
        return
    yield from queue.check()
    yield from merchants.check()

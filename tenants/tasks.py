"""The Huey tasks: a ring that makes a worker run what is due, and a sign of life. No other task exists."""

from django.conf import settings
from django.db import close_old_connections
from django.db.models.functions import Now

from tenants import jobs
from tenants.current import leave_merchant
from tenants.models import Heartbeat

huey = settings.HUEY


@huey.task()
def work() -> None:
    """Run every due job, then go back to waiting."""
    close_old_connections()
    leave_merchant()
    jobs.run_due()


@huey.task()
def beat() -> None:
    """Proof for /readyz that messages reach a worker and that it reaches the database."""
    close_old_connections()
    leave_merchant()
    Heartbeat.objects.update_or_create(name="worker", defaults={"beaten_at": Now()})

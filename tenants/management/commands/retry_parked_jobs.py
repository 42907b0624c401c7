"""Gives every job that was given up one more try, now instead of within the hour."""

from typing import Any

from tenants import doorbell, jobs
from tenants.management.json_command import JsonCommand


class Command(JsonCommand):
    help = "Run jobs again that failed too often, once their cause is mended; one that fails again is parked again."

    def run(self, **options: Any) -> dict[str, Any]:
        retried = jobs.revive_parked(after_seconds=0)
        if retried:
            doorbell.ring()
        return {"retried": retried}

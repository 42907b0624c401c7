"""Brings the shared schema, the template and every merchant's schema to the code's migrations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants.provisioning import MigrationFailed, migrate_all


class Command(BaseCommand):
    help = "Migrate every schema; does next to nothing when all are up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            migrate_all()
        except MigrationFailed as error:
            raise CommandError(f"Not migrated: {error}") from error

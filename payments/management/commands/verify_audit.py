"""Checks the hash chain of one merchant's audit trail, or of every merchant's."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django_tenants.utils import tenant_context

from payments.chain import first_break
from payments.management.arguments import add_merchant, find_merchant
from payments.models import AuditEntry
from tenants.management.json_command import JsonCommand
from tenants.models import Tenant


class Command(JsonCommand):
    help = "Check that no audit entry was changed, removed or inserted; exit 1 at the first break."

    def add_own_arguments(self, parser: CommandParser) -> None:
        add_merchant(parser, required=False)

    def run(self, **options: Any) -> dict[str, Any]:
        slug = options["merchant"]
        tenants = [find_merchant(slug)] if slug else list(Tenant.objects.all())
        return {"verified": {tenant.slug: self._verify(tenant) for tenant in tenants}}

    def _verify(self, tenant: Tenant) -> int:
        with tenant_context(tenant):
            sealed = AuditEntry.objects.filter(sequence__isnull=False).order_by("sequence")
            found = first_break(sealed.iterator(chunk_size=2000))
            if found:
                position, why = found
                raise CommandError(f"The trail of {tenant.slug} is broken at entry {position}: {why}.")
            return sealed.count()

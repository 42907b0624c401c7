"""The job that asks a provider behind an open circuit, by a call that moves nothing, whether it is back."""

import structlog

from payments import circuits
from payments.accounts import open_account
from payments.models import ProviderAccount
from providers.base import Operation
from providers.registry import get_provider
from tenants.jobs import Claim
from tenants.models import Circuit

log = structlog.get_logger("circuits")


def probe(job: Claim) -> None:
    """Job handler; the subject is a circuit. Its failure plans the next probe, through the circuit's own storage."""
    circuit = Circuit.objects.filter(pk=job.subject, tenant_id=job.tenant_id).first()
    if circuit is None or circuit.forced or circuit.state == Circuit.CLOSED:
        return
    account = open_account(ProviderAccount.objects.get(pk=circuit.account_id))
    provider = get_provider(circuit.provider)
    operation = Operation(circuit.operation)
    outcome = circuits.call_as_probe(circuit, lambda: provider.probe(account, operation))
    log.info("probe", provider=circuit.provider, operation=operation, trouble=outcome.trouble, said=outcome.message)

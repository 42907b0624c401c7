"""The net below the net: a payment without an end must have a job that brings one. None should ever be missing."""

import structlog
from django.db import connection

from payments import circuits
from payments.models import Transaction
from payments.states import Status
from tenants import jobs
from tenants.jobs import Claim
from tenants.models import Circuit

AT_MOST = 500
# Younger ones may be between two statements of somebody else's.
OLDER_THAN_SECONDS = 60.0

log = structlog.get_logger("payments")


def rescue(job: Claim) -> None:
    """Job handler: give every open payment and open circuit of the merchant that has none its job again."""
    for payment_id, status, provider in orphans(job.tenant_id, older_than_seconds=OLDER_THAN_SECONDS):
        kind = "dispatch" if status == Status.PENDING or _is_between_providers(payment_id) else "poll"
        log.error("payment_without_job", payment=payment_id, status=status)
        jobs.add(kind=kind, tenant_id=job.tenant_id, subject=payment_id, lane=provider, once=True)

    for circuit in Circuit.objects.filter(tenant_id=job.tenant_id, forced="").exclude(state=Circuit.CLOSED):
        circuits.plan_probe(circuit)


def _is_between_providers(payment_id: str) -> bool:
    """Its operations so far are over, and the next one has not begun."""
    return not Transaction.objects.filter(payment_id=payment_id).exclude(state=Transaction.DEAD).exists()


def orphans(tenant_id: int, *, older_than_seconds: float) -> list[tuple[str, str, str]]:
    """Id, status and provider of open payments of the current merchant that no dispatch or poll job is for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, status, provider FROM payments_payment
                WHERE status IN ('pending', 'processing', 'unknown')
                  AND created_at <= statement_timestamp() - make_interval(secs => %s)
                  AND NOT EXISTS (SELECT 1 FROM public.tenants_job
                                   WHERE tenant_id = %s AND subject = payments_payment.id
                                     AND kind IN ('dispatch', 'poll'))
                ORDER BY id LIMIT %s""",
            [older_than_seconds, tenant_id, AT_MOST],
        )
        return list(cursor.fetchall())

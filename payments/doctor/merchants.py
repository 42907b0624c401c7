"""What each merchant owns: credentials can be opened, the audit trail's end is whole, no open payment is forgotten."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import Now
from django_tenants.utils import tenant_context

from payments.accounts import open_account
from payments.chain import link
from payments.doctor.finding import Finding, fail, ok, warn
from payments.models import AuditEntry, LedgerEntry, Payment, ProviderAccount
from payments.sealing import Unsealable
from payments.states import FINAL
from tenants.models import Circuit, Job, Tenant

ENTRIES_LOOKED_AT = 50  # of each trail, from its end; `verify_audit` checks all of it
UNSEALED_AT_MOST = timedelta(minutes=2)
NAMED_AT_MOST = 5


def check() -> Iterator[Finding]:
    tenants = list(Tenant.objects.all())
    yield _summary(
        "credentials",
        [sentence for tenant in tenants for sentence in _inside(tenant, sealed_shut)],
        good="The credentials of every provider account can be opened.",
        do="Put the key they were sealed with back into ENCRYPTION_KEYS, or connect the accounts again.",
    )
    yield _summary(
        "audit",
        [sentence for tenant in tenants for sentence in _inside(tenant, broken_trail)],
        good="The newest entries of every audit trail are sealed and whole.",
        do="Run `manage.py verify_audit`. Should it name an entry, keep the database as it is for an investigation.",
    )
    yield _summary(
        "open_payments",
        [sentence for tenant in tenants for sentence in _inside(tenant, forgotten)],
        good="Every open payment has a job that will bring the next word about it.",
        do="Check these payments on their pages; that asks the provider.",
    )
    yield _summary(
        "ledger",
        [sentence for tenant in tenants for sentence in _inside(tenant, unbalanced)],
        good="Every ledger sums to zero.",
        do="Keep the database as it is for an investigation: its constraints were switched off at some time.",
    )
    yield check_circuits()


def check_circuits() -> Finding:
    blocked = Circuit.objects.exclude(state=Circuit.CLOSED, forced="").exclude(forced=Circuit.CLOSED)
    named = [
        f"{each.tenant.slug} cannot {each.operation} at {each.provider} since {each.opened_at:%Y-%m-%d %H:%M} UTC"
        + (f", stopped by {each.forced_by}" if each.forced else "")
        for each in blocked.select_related("tenant").order_by("opened_at")[:NAMED_AT_MOST]
    ]
    if not named:
        return ok("circuits", "No provider account is held back.")
    return warn(
        "circuits",
        f"{'; '.join(named)}.",
        do="Nothing, where the provider is down: it is probed, and what waits goes on by itself.",
    )


def sealed_shut() -> Iterator[str]:
    """The current merchant's accounts whose credentials cannot be opened."""
    for row in ProviderAccount.objects.order_by("id"):
        try:
            open_account(row)
        except Unsealable as error:
            yield f"{row}: {error}"


def broken_trail() -> Iterator[str]:
    """What is wrong with the newest entries of the current merchant's trail."""
    sealed = AuditEntry.objects.filter(sequence__isnull=False)
    newest = list(sealed.order_by("-sequence")[:ENTRIES_LOOKED_AT])
    if newest and (count := sealed.count()) != newest[0].sequence:
        yield f"its trail has {count} sealed entries, but the last one has the number {newest[0].sequence}"
    for entry, before in pairwise(newest):
        if entry.prev_hash != before.hash or entry.hash != link(entry.prev_hash, entry):
            yield f"its trail is broken at entry {entry.position}"
            break
    if AuditEntry.objects.filter(sequence=None, created_at__lt=Now() - UNSEALED_AT_MOST).exists():
        yield "its trail has entries that wait to be sealed for minutes"


def forgotten() -> Iterator[str]:
    """Payments of the current merchant that are not final and that no job will ever look at."""
    job = Job.objects.filter(subject=OuterRef("pk"), parked_at=None)
    lost = Payment.objects.exclude(status__in=FINAL).exclude(Exists(job)).order_by("pk")
    if first := lost.first():
        yield f"{lost.count()} open payments have no job, the first is {first.pk}"


def unbalanced() -> Iterator[str]:
    """Books of the current merchant that do not sum to zero."""
    books = LedgerEntry.objects.values("livemode", "currency").annotate(total=Sum("amount")).exclude(total=0)
    for row in books:
        yield f"its {'live' if row['livemode'] else 'test'} ledger in {row['currency']} sums to {row['total']}"


def _inside(tenant: Tenant, look: Callable[[], Iterator[str]]) -> list[str]:
    with tenant_context(tenant):
        # Evaluated here: a generator that outlives the context would read another merchant's rows.
        return [f"{tenant.slug}: {sentence}" for sentence in look()]


def _summary(name: str, troubles: list[str], *, good: str, do: str) -> Finding:
    if not troubles:
        return ok(name, good)
    more = f"; and {len(troubles) - NAMED_AT_MOST} more" if len(troubles) > NAMED_AT_MOST else ""
    return fail(name, f"{'; '.join(troubles[:NAMED_AT_MOST])}{more}.", do=do)

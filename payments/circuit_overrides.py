"""A person's word over a circuit breaker's: stop an account, let it through, or leave it to the breaker again."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from payments import circuits
from payments.circuit_news import tell
from payments.errors import NotFound, Refusal
from payments.models import ProviderAccount
from tenants.current import current_tenant
from tenants.models import Circuit


def override_circuit(
    *, account_id: str, livemode: bool, operation: str, to: str, reason: str, actor: str, ip: str = "",
    request_id: str = "",
) -> Circuit:  # fmt: skip
    """Force a circuit `open` (no call goes out) or `closed` (all do), or "" to let the breaker decide. Audited.

    Raises NotFound for an account that is not in this mode, Refusal without a reason or for an operation it cannot do.
    """
    account = ProviderAccount.objects.filter(pk=account_id, livemode=livemode).first()
    if account is None:
        raise NotFound(f"There is no provider account {account_id}.")
    if operation not in account.operations:
        raise Refusal(f"This account cannot {operation}.")
    if to not in {"", Circuit.OPEN, Circuit.CLOSED}:
        raise Refusal("A circuit is forced open, forced closed, or left to itself.")
    if not reason.strip():
        raise Refusal("Say why: whoever finds it like this tomorrow will ask.")
    with transaction.atomic():
        circuit, _ = Circuit.objects.select_for_update().get_or_create(
            tenant_id=current_tenant().pk, account_id=account.id, operation=operation,
            defaults={"livemode": livemode, "provider": account.provider},
        )  # fmt: skip
        was_blocked = circuit.is_blocked
        Circuit.objects.filter(pk=circuit.pk).update(
            forced=to, forced_by=actor if to else "", forced_reason=reason[:300] if to else "",
            forced_at=Now() if to else None, changes=F("changes") + 1,
            opened_at=Now() if to == Circuit.OPEN else F("opened_at"),
            # Taken back, it starts from the beginning rather than from what it counted before.
            state=Circuit.CLOSED, failures=0, lookup_failures=0, relapses=0,
        )  # fmt: skip
        circuit.refresh_from_db()
        # First the seal job, then those that wait: the order in which an answer takes them.
        tell(circuit, _happened(was_blocked, circuit), actor, reason, ip=ip, request_id=request_id)
        if was_blocked and not circuit.is_blocked:
            circuits.release(circuit)
    return circuit


def _happened(was_blocked: bool, circuit: Circuit) -> str:
    if circuit.is_blocked:
        return "provider.down"
    return "provider.recovered" if was_blocked else "provider.override"

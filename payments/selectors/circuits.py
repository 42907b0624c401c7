"""Provider accounts and the circuits of their operations, as people look at them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from payments.models import ProviderAccount
from providers.base import Operation
from tenants.current import current_tenant
from tenants.models import Circuit, Job


@dataclass(frozen=True, slots=True)
class BlockedCircuit:
    provider: str
    operation: str
    since: datetime | None
    is_forced: bool


@dataclass(frozen=True, slots=True)
class OperationState:
    """One operation of an account. `state`: closed, open or half-open; `forced`: "", open or closed, by a person."""

    operation: str
    state: str
    failures: int  # in a row
    last_trouble: str
    since: datetime | None  # when it opened
    probed_at: datetime | None
    next_probe_at: datetime | None
    forced: str
    forced_by: str
    forced_reason: str
    forced_at: datetime | None

    @property
    def is_blocked(self) -> bool:
        return (self.forced or self.state) != Circuit.CLOSED


@dataclass(frozen=True, slots=True)
class AccountState:
    id: str
    provider: str
    base_url: str
    created_at: datetime
    retired_at: datetime | None
    operations: list[OperationState]


def list_accounts(*, livemode: bool) -> list[AccountState]:
    """Those in use first, then the retired ones, newest first. Three statements."""
    accounts = list(
        ProviderAccount.objects.filter(livemode=livemode).order_by(F("retired_at").desc(nulls_first=True), "provider")
    )
    circuits = {(c.account_id, c.operation): c for c in _circuits(livemode)}
    due = _next_probes(list(circuits.values()))
    return [_account(account, circuits, due) for account in accounts]


def get_operation(*, livemode: bool, account_id: str, operation: str) -> tuple[AccountState, OperationState] | None:
    """One operation of an account in this mode, or None for what there is not."""
    for account in list_accounts(livemode=livemode):
        for state in account.operations:
            if account.id == account_id and state.operation == operation:
                return account, state
    return None


def blocked_circuits(*, livemode: bool) -> list[BlockedCircuit]:
    """What is held back now, at accounts in use or not: a retired one may still be asked about what it was sent."""
    blocked = [circuit for circuit in _circuits(livemode) if circuit.is_blocked]
    return [
        BlockedCircuit(
            circuit.provider, circuit.operation, circuit.forced_at or circuit.opened_at, bool(circuit.forced)
        )
        for circuit in blocked
    ]


def _circuits(livemode: bool) -> list[Circuit]:
    return list(Circuit.objects.filter(tenant_id=current_tenant().pk, livemode=livemode).order_by("id"))


def _next_probes(circuits: list[Circuit]) -> dict[str, datetime]:
    open_ones = [str(circuit.pk) for circuit in circuits if circuit.state != Circuit.CLOSED]
    jobs = Job.objects.filter(tenant_id=current_tenant().pk, kind="probe", subject__in=open_ones)
    return dict(jobs.values_list("subject", "due_at")) if open_ones else {}


def _account(
    account: ProviderAccount, circuits: dict[tuple[str, str], Circuit], due: dict[str, datetime]
) -> AccountState:
    states = []
    for operation in (each.value for each in Operation if each in account.operations):
        circuit = circuits.get((account.id, operation)) or Circuit(account_id=account.id, operation=operation)
        states.append(
            OperationState(
                operation=operation,
                state=circuit.state,
                failures=circuit.failures,
                last_trouble=circuit.last_trouble,
                since=circuit.opened_at if circuit.state != Circuit.CLOSED else None,
                probed_at=circuit.probed_at,
                next_probe_at=due.get(str(circuit.pk)) if not circuit.forced else None,
                forced=circuit.forced,
                forced_by=circuit.forced_by,
                forced_reason=circuit.forced_reason,
                forced_at=circuit.forced_at,
            )
        )
    return AccountState(
        id=account.id, provider=account.provider, base_url=account.base_url, created_at=account.created_at,
        retired_at=account.retired_at, operations=states,
    )  # fmt: skip

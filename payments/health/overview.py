"""The health of provider accounts, as the API and the dashboard show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from payments.health.figures import Callbacks, Sends
from payments.health.judging import State, judge, state_of_all
from payments.health.measuring import count_callbacks, count_sends
from payments.selectors.circuits import AccountState, OperationState
from providers.base import CallsBack
from providers.registry import get_provider


@dataclass(frozen=True, slots=True)
class OperationHealth:
    operation: str
    state: State
    because: str  # "" while it is operational
    since: datetime | None  # when it went down
    sends: Sends
    callbacks: Callbacks | None  # None: this network never calls back


@dataclass(frozen=True, slots=True)
class AccountHealth:
    id: str
    provider: str
    state: State
    operations: list[OperationHealth]


def health_of(accounts: Sequence[AccountState]) -> list[AccountHealth]:
    """Of these accounts, in their order. Two statements, however many there are."""
    now, ids = timezone.now(), [account.id for account in accounts]
    sends, callbacks = count_sends(ids, now=now), count_callbacks(ids, now=now)
    found = []
    for account in accounts:
        calls_back = get_provider(account.provider).calls_back != CallsBack.NEVER
        operations = []
        for circuit in account.operations:
            place = (account.id, circuit.operation)
            heard = callbacks.get(place, Callbacks()) if calls_back else None
            operations.append(_operation(circuit, sends.get(place, Sends()), heard))
        state = state_of_all([operation.state for operation in operations])
        found.append(AccountHealth(account.id, account.provider, state, operations))
    return found


def _operation(circuit: OperationState, sends: Sends, callbacks: Callbacks | None) -> OperationHealth:
    judgement = judge(circuit, sends)
    since = (circuit.forced_at or circuit.since) if judgement.state == State.DOWN else None
    return OperationHealth(circuit.operation, judgement.state, judgement.because, since, sends, callbacks)

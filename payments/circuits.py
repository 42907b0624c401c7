"""Circuit breakers per provider account and operation, their state shared by every process (public.tenants_circuit).

pybreaker decides; the storage below keeps what it decides in PostgreSQL, with the database's clock. While a circuit is
not closed only the probe job (payments/probing.py) may call, so there is one probe at a time in the whole installation.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pybreaker
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from payments.circuit_news import tell
from payments.models import ProviderAccount, Transaction
from providers.base import Outcome
from tenants import jobs
from tenants.current import current_tenant
from tenants.models import Circuit

# The pause before a probe grows up to so many times CIRCUIT_PROBE_SECONDS.
MOST_PATIENCE = 12


@dataclass(frozen=True, slots=True)
class CircuitKey:
    """Which circuit of the current merchant: an account at a provider, and what it is used for."""

    livemode: bool
    provider: str
    account_id: str
    operation: str


class CircuitIsOpen(Exception):
    """Nothing was called."""


class _Trouble(Exception):
    """Carries an outcome that counts as a failure through pybreaker."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


def key_of(operation: Transaction, *, livemode: bool) -> CircuitKey:
    return CircuitKey(livemode, operation.provider, operation.account_id, operation.operation)


def key_of_account(account: ProviderAccount, operation: str) -> CircuitKey:
    return CircuitKey(account.livemode, account.provider, account.id, operation)


def load(key: CircuitKey) -> Circuit:
    """The circuit as it is now, to be asked and called with at once."""
    tenant_id = current_tenant().pk
    found = Circuit.objects.raw(
        "SELECT * FROM public.tenants_circuit WHERE account_id = %s AND operation = %s AND tenant_id = %s",
        [key.account_id, key.operation, tenant_id],
    )
    return next(iter(found), None) or Circuit(
        tenant_id=tenant_id, livemode=key.livemode, provider=key.provider, account_id=key.account_id,
        operation=key.operation,
    )  # fmt: skip


def call(circuit: Circuit, attempt: Callable[[], Outcome], *, is_lookup: bool = False) -> Outcome:
    """Make an ordinary call and count how it went. Raises CircuitIsOpen, without having called."""
    if circuit.is_blocked:
        raise CircuitIsOpen
    return _call(circuit, attempt, is_lookup=is_lookup)


def call_as_probe(circuit: Circuit, attempt: Callable[[], Outcome]) -> Outcome:
    """Make the one call that an open circuit allows: it closes the circuit, or leaves it open."""
    return _call(circuit, attempt, is_lookup=False)


def _call(circuit: Circuit, attempt: Callable[[], Outcome], *, is_lookup: bool) -> Outcome:
    if circuit.forced == Circuit.CLOSED:
        return attempt()
    # A breaker of its own for each call: pybreaker holds its lock during the call, and the state is not in it anyway.
    storage = _Storage(circuit, is_lookup=is_lookup)
    breaker = pybreaker.CircuitBreaker(
        fail_max=settings.CIRCUIT_FAILURES,
        reset_timeout=0,  # when to probe is the probe job's business
        state_storage=storage,
        throw_new_error_on_trip=False,
    )
    try:
        return breaker.call(_raise_trouble, attempt, storage)
    except _Trouble as trouble:
        return trouble.outcome


def _raise_trouble(attempt: Callable[[], Outcome], storage: "_Storage") -> Outcome:
    outcome = attempt()
    if outcome.trouble:
        storage.trouble = outcome.message
        raise _Trouble(outcome)
    return outcome


_COUNTERS = ("failures", "lookup_failures", "relapses")


class _Storage(pybreaker.CircuitBreakerStorage):
    """What one call sees of its circuit, and how it changes it.

    Every write holds only while the circuit has not opened or closed since the call began: a straggler from before an
    outage must not open the circuit again after it.
    """

    def __init__(self, circuit: Circuit, *, is_lookup: bool) -> None:
        super().__init__(str(circuit))
        self._circuit, self._counter = circuit, "lookup_failures" if is_lookup else "failures"
        self.trouble = ""  # what the failure that is being counted was, for people

    @property
    def state(self) -> str:
        return self._circuit.state

    @state.setter
    def state(self, state: str) -> None:
        before, self._circuit.state = self._circuit.state, state
        if self._circuit.pk is None or before == state:
            return
        {Circuit.OPEN: self._open, Circuit.HALF_OPEN: self._half_open, Circuit.CLOSED: self._close}[state](before)

    @property
    def counter(self) -> int:
        return int(getattr(self._circuit, self._counter))

    def increment_counter(self) -> None:
        if self._circuit.pk is None:
            self._make_row()
        if self._unchanged().update(**{self._counter: F(self._counter) + 1}, last_trouble=self.trouble[:300]):
            self._circuit.refresh_from_db(fields=[self._counter])

    def _make_row(self) -> None:
        """The row of a circuit that had none when the call began; by now another call may have made and changed it."""
        began = self._circuit
        self._circuit, _ = Circuit.objects.get_or_create(
            tenant_id=began.tenant_id, account_id=began.account_id, operation=began.operation,
            defaults={"livemode": began.livemode, "provider": began.provider},
        )  # fmt: skip
        self._circuit.state, self._circuit.changes = began.state, began.changes

    def reset_counter(self) -> None:
        """A good look-up clears look-ups alone; a good order clears everything that was held against the provider."""
        counted = {"lookup_failures"} if self._counter == "lookup_failures" else {*_COUNTERS}
        if self._circuit.state == Circuit.CLOSED and any(getattr(self._circuit, name) for name in counted):
            self._unchanged().update(**dict.fromkeys(counted, 0))

    @property
    def success_counter(self) -> int:
        return 1  # one good probe is enough

    @property
    def opened_at(self) -> Any:
        return None

    @opened_at.setter
    def opened_at(self, _moment: Any) -> None:
        """The database writes its own time; see _open."""

    def _open(self, before: str) -> None:
        is_news = before == Circuit.CLOSED
        with transaction.atomic():
            changed = self._unchanged().update(
                state=Circuit.OPEN, opened_at=Now() if is_news else F("opened_at"), changes=F("changes") + int(is_news),
                relapses=F("relapses") + int(is_news),
            )  # fmt: skip
            if not changed:
                return
            self._circuit.refresh_from_db()
            plan_probe(self._circuit)
            if is_news:
                tell(self._circuit, "provider.down", "system:circuit", f"{self.counter} failures in a row.")

    def _half_open(self, _before: str) -> None:
        self._unchanged().update(state=Circuit.HALF_OPEN, probed_at=Now())

    def _close(self, _before: str) -> None:
        with transaction.atomic():
            # On probation: the next failure opens it again, the next success clears it.
            changed = self._unchanged().update(
                state=Circuit.CLOSED, failures=settings.CIRCUIT_FAILURES - 1, lookup_failures=0,
                changes=F("changes") + 1,
            )  # fmt: skip
            if not changed:
                return
            self._circuit.refresh_from_db()
            # First the seal job, then those that wait: the order in which an answer takes them.
            tell(self._circuit, "provider.recovered", "system:circuit", "The probe was answered.")
            release(self._circuit)

    def _unchanged(self) -> Any:
        return Circuit.objects.filter(pk=self._circuit.pk, changes=self._circuit.changes, forced="")


def plan_probe(circuit: Circuit) -> None:
    """The next probe of an open circuit. One is enough, however often it is planned.

    A provider that answers probes and no orders is left in peace for longer each time it opens again.
    """
    patience = min(2 ** min(max(circuit.relapses - 1, 0), 10), MOST_PATIENCE)
    jobs.add(
        kind="probe", tenant_id=circuit.tenant_id, subject=str(circuit.pk), lane=circuit.provider, once=True,
        delay_seconds=settings.CIRCUIT_PROBE_SECONDS * patience,
    )  # fmt: skip


def release(circuit: Circuit) -> None:
    """What waited for the provider goes on at once."""
    jobs.pull_forward(tenant_id=circuit.tenant_id, lane=circuit.provider, kinds=("dispatch", "poll"))

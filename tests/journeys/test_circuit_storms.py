"""Ordinary calls, probes and overrides inside one another, in any order: an open circuit always has its probe."""

import random
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection

from payments import circuits
from payments.circuit_overrides import override_circuit
from payments.circuits import CircuitIsOpen, CircuitKey
from payments.models import ProviderAccount
from providers.base import Kind, Outcome
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tenants.models import Circuit, Job
from tests.world import let_time_pass

GOOD, BAD = Outcome(Kind.PENDING), Outcome(Kind.UNKNOWN, message="502", trouble=True)


@dataclass
class Storm:
    """Steps that nest: while a call is under way, others begin and end."""

    dice: random.Random
    key: CircuitKey
    patch: Any

    def step(self, depth: int = 0) -> None:
        self.dice.choices([self.call, self.probe, self.override], [60, 25, 15])[0](depth)

    def call(self, depth: int) -> None:
        with suppress(CircuitIsOpen):
            circuits.call(circuits.load(self.key), lambda: self._attempt(depth), is_lookup=self.dice.random() < 0.4)

    def probe(self, depth: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE public.tenants_job SET due_at = now() WHERE claim_token IS NULL")
        while (job := jobs.claim()) is not None:
            if job.kind == "probe":
                self.patch.setattr(MtnAdapter, "probe", lambda *_: self._attempt(depth))
                jobs.run(job)
                return
            jobs.finish(job)

    def override(self, _depth: int) -> None:
        self.force(self.dice.choice(("", "", "open", "closed")))

    def force(self, to: str) -> None:
        override_circuit(
            account_id=self.key.account_id, livemode=False, operation="collect", to=to, reason="Storm.", actor="test"
        )

    def _attempt(self, depth: int) -> Outcome:
        while depth < 3 and self.dice.random() < 0.5:
            self.step(depth + 1)
        return self.dice.choice((GOOD, BAD, BAD))


@pytest.mark.parametrize("seed", range(20))
def test_an_open_circuit_always_has_a_probe_and_closes_when_the_network_is_well(acme, settings, monkeypatch, seed):
    settings.CIRCUIT_FAILURES = 2
    Job.objects.all().delete()
    with acme.entered():
        account = ProviderAccount.objects.get(livemode=False, retired_at=None)
        storm = Storm(random.Random(seed), CircuitKey(False, "mtn", account.pk, "collect"), monkeypatch)
        for _ in range(25):
            storm.step()
            found = circuits.load(storm.key)
            if found.state != Circuit.CLOSED and not found.forced:
                assert Job.objects.filter(kind="probe", parked_at=None).exists(), found.state
        if circuits.load(storm.key).forced:
            storm.force("")
        monkeypatch.setattr(MtnAdapter, "probe", lambda *_: GOOD)
        for _ in range(4):
            let_time_pass()
            jobs.run_due()
        assert circuits.load(storm.key).state == Circuit.CLOSED

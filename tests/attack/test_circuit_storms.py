"""Attack: ordinary calls, probes and overrides inside one another, in any order. An open circuit always has a probe."""

import random

import pytest

from payments import circuits
from payments.circuit_overrides import override_circuit
from payments.circuits import CircuitIsOpen, CircuitKey
from payments.models import ProviderAccount
from payments.probing import probe
from providers.base import Kind, Outcome
from providers.mtn.adapter import MtnAdapter
from tenants import jobs
from tenants.models import Circuit, Job
from tests.world import let_time_pass

GOOD, BAD = Outcome(Kind.PENDING), Outcome(Kind.UNKNOWN, message="502", trouble=True)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_meets_whatever(acme, settings, monkeypatch, seed):
    settings.CIRCUIT_FAILURES = 2
    dice = random.Random(seed)
    Job.objects.all().delete()
    with acme.entered():
        account = ProviderAccount.objects.get(livemode=False, retired_at=None)
        key = CircuitKey(False, "mtn", account.pk, "collect")

        def attempt(depth):
            """While this call is under way, other things happen."""
            while depth < 3 and dice.random() < 0.5:
                step(depth + 1)
            return dice.choice((GOOD, BAD, BAD))

        def step(depth=0):
            what = dice.random()
            if what < 0.6:
                try:
                    circuits.call(circuits.load(key), lambda: attempt(depth), is_lookup=dice.random() < 0.4)
                except CircuitIsOpen:
                    pass
            elif what < 0.85:
                let_time_pass_for_waiting()
                while (job := jobs.claim()) is not None:
                    if job.kind == "probe":
                        monkeypatch.setattr(MtnAdapter, "probe", lambda *_: attempt(depth))
                        jobs.run(job)
                        return
                    jobs.finish(job)
            else:
                override_circuit(
                    account_id=account.pk, livemode=False, operation="collect", to=dice.choice(("", "", "open", "closed")),
                    reason="x", actor="test",
                )  # fmt: skip

        for _ in range(25):
            step()
            found = Circuit.objects.filter(account_id=account.pk).first()
            if found and not found.forced and found.state != Circuit.CLOSED:
                assert Job.objects.filter(kind="probe", parked_at=None).exists(), found.state
        # The network is well from now on: whatever state it is in, it closes.
        override_circuit(account_id=account.pk, livemode=False, operation="collect", to="", reason="x", actor="test") if (
            Circuit.objects.filter(account_id=account.pk).exclude(forced="").exists()
        ) else None
        monkeypatch.setattr(MtnAdapter, "probe", lambda *_: GOOD)
        for _ in range(4):
            let_time_pass()
            jobs.run_due()
        assert not Circuit.objects.filter(account_id=account.pk).exclude(state=Circuit.CLOSED).exists()


def let_time_pass_for_waiting():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_job SET due_at = now() WHERE claim_token IS NULL AND parked_at IS NULL")


assert probe  # what the job runs

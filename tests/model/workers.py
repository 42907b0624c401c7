"""Our side, one step at a time: which job runs next, whether its worker survives it, and how time passes."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from payments import dispatch, reconciliation
from payments.dispatch import Intent
from payments.models import Transaction
from payments.retry_budget import budget
from providers.clock import steady_seconds
from tenants import jobs
from tenants.jobs import Claim
from tenants.models import Circuit, Job
from tests.model.behaviours import LEASE_SECONDS
from tests.model.crashes import (
    CRASHES,
    LIVES,
    SLEEPS_BEFORE_THE_CALL,
    SLEEPS_ON_THE_ANSWER,
    Asleep,
    Patch,
    PowerCut,
    patched,
)
from tests.world import Merchant, let_time_pass

KINDS = ("dispatch", "poll", "callback", "probe")


@dataclass
class Sleeper:
    """A worker that stopped before its call (`intent`), or with an answer in its hands (`answer`)."""

    request_id: str
    intent: Intent | None = None
    answer: dict[str, Any] = field(default_factory=dict)

    def wake(self) -> None:
        if self.intent:
            dispatch.send(self.intent, request_id=self.request_id)
        else:
            reconciliation.apply_outcome(**self.answer)


class Workers:
    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        self.asleep: list[Sleeper] = []

    def waiting(self) -> list[Job]:
        """Jobs that some worker could take: free ones, whenever they are due, and those whose lease has ended."""
        found = Job.objects.filter(tenant=self._merchant.tenant, kind__in=KINDS, parked_at=None).order_by("id")
        return list(found.filter(claim_token=None) | found.filter(due_at__lte=Now()))

    def run(self, job: Job, fate: str = LIVES) -> bool:
        """Run one job in a worker that lives, dies at a named place (its job stays claimed), or falls asleep.

        Returns whether the worker came to the end of it.
        """
        asleep: dict[str, tuple[Patch, ...]] = {
            SLEEPS_BEFORE_THE_CALL: (("payments.dispatch.send", self._keep_intent),),
            SLEEPS_ON_THE_ANSWER: (
                ("payments.dispatch.apply_outcome", self._keep_answer),
                ("payments.polling.apply_outcome", self._keep_answer),
            ),
        }
        with suppress(PowerCut, Asleep), patched({LIVES: (), **asleep, **CRASHES}[fate]):
            claim = self._claim(job)
            if claim is not None:
                jobs.run(claim)
            return True
        return False

    def run_all(self) -> None:
        """Every job that waits, one after the other; whether it is due yet must not depend on how fast we are."""
        jobs.revive_parked(after_seconds=0)
        for job in self.waiting():
            if Job.objects.filter(pk=job.pk, claim_token=job.claim_token).exists():
                self.run(job)

    def wake(self, sleeper: Sleeper) -> None:
        self.asleep.remove(sleeper)
        with self._merchant.entered():
            sleeper.wake()

    def may_yet_send(self, reference: str) -> bool:
        return any(
            sleeper.intent
            and sleeper.intent.operation.reference == reference
            and sleeper.intent.send_before > steady_seconds()
            for sleeper in self.asleep
        )

    def let_pass(self, seconds: float) -> None:
        """Nothing runs meanwhile. The network's own clock is not ours to set."""
        pause = timedelta(seconds=seconds)
        with self._merchant.entered():
            Transaction.objects.update(last_sent_at=F("last_sent_at") - pause)
        for sleeper in self.asleep:
            if sleeper.intent:
                sleeper.intent = replace(sleeper.intent, send_before=sleeper.intent.send_before - seconds)
        if seconds >= LEASE_SECONDS:
            let_time_pass()
            budget.forget()

    def is_blocked(self, operation: str) -> bool:
        circuits = Circuit.objects.filter(tenant=self._merchant.tenant, operation=operation, livemode=False)
        return any(circuit.is_blocked for circuit in circuits)

    def _keep_intent(self, intent: Intent, *, request_id: str) -> None:
        self.asleep.append(Sleeper(request_id, intent=intent))
        raise Asleep

    def _keep_answer(self, **answer: Any) -> None:
        self.asleep.append(Sleeper(answer["request_id"], answer=answer))
        raise Asleep

    def _claim(self, job: Job) -> Claim | None:
        """The job, ahead of all others. Should its attempts be used up, it is parked and another one comes."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE public.tenants_job SET due_at = now() - interval '1 year' WHERE id = %s", [job.pk])
        return jobs.claim()

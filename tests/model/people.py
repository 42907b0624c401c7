"""Two people who settle what stays unknown: one looks into the network's own books, the other approves."""

from contextlib import suppress
from datetime import timedelta

from django.db.models import F

from payments import resolutions
from payments.errors import InvalidState
from payments.models import Resolution
from tests.settling import approve, person, propose
from tests.world import Merchant

# The database's clock stands still within an example: what happens next must be later than a proposal all the same.
MOMENT = timedelta(milliseconds=1)


class People:
    """They tell the truth, but may be slow: what was true when it was proposed may have changed at the approval."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant

    def propose(self, payment_id: str, outcome: str) -> None:
        """Refused while something may be on its way, or while another proposal waits."""
        with suppress(InvalidState):
            proposal = propose(self._merchant, payment_id, outcome)
            with self._merchant.entered():
                Resolution.objects.filter(pk=proposal.pk).update(proposed_at=F("proposed_at") - MOMENT)

    def proposals(self) -> list[Resolution]:
        with self._merchant.entered():
            return list(Resolution.objects.filter(state=Resolution.PROPOSED).order_by("id"))

    def approve(self, proposal: Resolution) -> None:
        """If it may not be approved any more, it is out of the way."""
        try:
            approve(self._merchant, proposal)
        except InvalidState:
            with self._merchant.entered(), suppress(InvalidState):
                resolutions.withdraw(resolution_id=proposal.id, livemode=False, person=person(self._merchant))

    def let_pass(self, pause: timedelta) -> None:
        with self._merchant.entered():
            Resolution.objects.update(proposed_at=F("proposed_at") - pause)

"""Every place where the machine's workers die or fall asleep is one that they come to."""

import pytest

from tests.model.crashes import CRASHES, SLEEPS_BEFORE_THE_CALL, SLEEPS_ON_THE_ANSWER
from tests.model.machine import MoneyMachine
from tests.model.play import Play


@pytest.mark.parametrize("fate", [*sorted(CRASHES), SLEEPS_BEFORE_THE_CALL, SLEEPS_ON_THE_ANSWER])
def test_a_worker_that_hands_over_a_payment_can_end_so(machine: type[MoneyMachine], fate: str) -> None:
    play = Play(machine.merchant, machine.simulator, planted_sql="")
    try:
        play.post("/v1/payments", amount="150.00", phone="+260966000123", currency="ZMW")
        play.look()
        (job,) = [each for each in play.waiting if each.kind == "dispatch"]
        assert not play.workers.run(job, fate)
        play.look()
        play.everything_ends_as_the_network_says()
    finally:
        play.close()

"""Whatever the order of requests, outcomes, crashes and callbacks: the books agree with the network's.

The suite repeats the same examples every time; MODEL_STEPS looks for new ones:
`MODEL_STEPS=50000 make test ARGS="tests/model/test_money_machine.py -q -s"`.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import MoneyMachine

STEPS_PER_EXAMPLE = 50
STEPS = int(os.environ.get("MODEL_STEPS", "400"))
LOOKS_FOR_NEW_ONES = "MODEL_STEPS" in os.environ


def test_whatever_happens_nothing_moves_twice_and_every_end_is_the_networks(machine: type[MoneyMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_PER_EXAMPLE),
            stateful_step_count=STEPS_PER_EXAMPLE,
            derandomize=not LOOKS_FOR_NEW_ONES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

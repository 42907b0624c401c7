"""The machine is worth something: each mistake that is planted, it finds within a few hundred examples.

Too slow for every run of the suite, so it is named: `make test ARGS="tests/model/planted_bugs.py -q -s"`. With
MODEL_REPORT=1 it says what was found, and after how many examples.
"""

import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import MoneyMachine
from tests.model.planted import IN_CODE, REFUNDS_WITHOUT_A_LIMIT, Plant

WITHIN_EXAMPLES = 300


def found_in(machine: type[MoneyMachine]) -> Exception | None:
    """What the machine stumbles over, without the work of making it small."""
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=WITHIN_EXAMPLES,
                stateful_step_count=50,
                phases=[Phase.generate],
                derandomize=True,
                database=None,
                deadline=None,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as error:
        return error
    return None


def report(what: str, machine: type[MoneyMachine], error: Exception | None) -> None:
    if os.environ.get("MODEL_REPORT"):
        sys.stderr.write(f"PLANTED {what}: {machine.examples} examples: {str(error)[:200]!r}\n")


@pytest.mark.parametrize("plant", IN_CODE, ids=lambda plant: plant.__name__)
def test_it_finds_a_mistake_in_the_code(machine: type[MoneyMachine], plant: Plant) -> None:
    with plant():
        error = found_in(machine)
    report(plant.__name__, machine, error)
    assert error, f"not found in {machine.examples} examples"


def test_it_finds_a_mistake_in_the_database(machine: type[MoneyMachine]) -> None:
    machine.planted_sql = REFUNDS_WITHOUT_A_LIMIT
    error = found_in(machine)
    report("REFUNDS_WITHOUT_A_LIMIT", machine, error)
    assert error, f"not found in {machine.examples} examples"

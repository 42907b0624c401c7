"""A machine needs a merchant whose rows are committed: each example rolls back a transaction of its own."""

import pytest

from providers.simulator.server import Simulator
from tests.model.machine import MoneyMachine
from tests.world import Merchant


@pytest.fixture
def machine(committed: Merchant, simulator: Simulator) -> type[MoneyMachine]:
    """The state machine, with its merchant and its network."""

    class Machine(MoneyMachine):
        merchant = committed

    Machine.simulator = simulator
    return Machine

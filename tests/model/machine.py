"""The state machine: what the merchant, the network, the workers and the clock do, in any order.

One rule, with a table of what a step can be: of many rules, Hypothesis leaves out half in each example.
"""

from typing import Any

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from providers.simulator.server import Simulator
from tests.model.behaviours import (
    DECLINES,
    GOOD_PHONE,
    LATE_SECONDS,
    LEASE_SECONDS,
    LOOKUPS,
    REFUSED_PHONE,
    SENDS,
    SETTLED_SECONDS,
)
from tests.model.crashes import FATES, LIVES
from tests.model.play import Play
from tests.world import Merchant

WHICH = st.integers(0, 11)
AMOUNTS = st.sampled_from(["150.00", "33.33", "0.01"])
SHARES = st.sampled_from(["1", "0.5", "0.4", "1.5"])
PHONES = st.sampled_from([GOOD_PHONE, GOOD_PHONE, REFUSED_PHONE])
NETWORKS = st.sampled_from([*sorted(SENDS), "takes it", "carries it out at once", "carries it out at once"])
QUESTIONS = st.sampled_from([*sorted(LOOKUPS), "tells the truth", "tells the truth"])
FATE = st.sampled_from(FATES)
CLAIMS = st.sampled_from(["SUCCESSFUL", "FAILED", "PENDING"])
YES_OR_NO = st.booleans()

# Method of Play, its arguments, and how often it is drawn.
TABLE: tuple[tuple[str, tuple[st.SearchStrategy[Any], ...], int], ...] = (
    ("pay", (AMOUNTS, PHONES, NETWORKS, FATE, YES_OR_NO), 3),
    ("pay_out", (AMOUNTS, PHONES, NETWORKS, FATE, YES_OR_NO), 2),
    ("refund", (WHICH, SHARES, YES_OR_NO, NETWORKS, FATE, YES_OR_NO), 4),
    ("repeat", (WHICH, YES_OR_NO), 1),
    ("cancel", (WHICH,), 1),
    ("check_now", (WHICH,), 1),
    ("work", (WHICH, NETWORKS, QUESTIONS, FATE), 6),
    ("work_on", (st.lists(WHICH, min_size=1, max_size=5), NETWORKS), 2),
    ("wake_up", (WHICH, NETWORKS), 2),
    ("propose", (WHICH,), 1),
    ("approve", (WHICH,), 1),
    ("time_passes", (st.sampled_from([LATE_SECONDS + 1, SETTLED_SECONDS, LEASE_SECONDS]),), 3),
    ("weather", (st.sampled_from([True, False, False]),), 1),
    ("decide", (WHICH, st.sampled_from(["", "", *DECLINES]), YES_OR_NO), 3),
    ("change_its_mind", (WHICH, YES_OR_NO), 1),
    ("call_back", (WHICH, CLAIMS, st.sampled_from([True, True, False]), st.integers(1, 2)), 2),
)
STEPS = st.one_of(*[st.tuples(st.just(name), *takes) for name, takes, often in TABLE for _ in range(often)])


class MoneyMachine(RuleBasedStateMachine):
    merchant: Merchant
    simulator: Simulator
    planted_sql = ""  # see tests/model/planted.py
    examples = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).examples += 1
        self.play = Play(self.merchant, self.simulator, self.planted_sql)

    @initialize(attempts=st.sampled_from([1, 2, 4]))
    def begin(self, attempts: int) -> None:
        """So often a payment may be sent; and there is one that can be refunded."""
        self.play.stack.enter_context(override_settings(RETRY_MAX_ATTEMPTS=attempts))
        self.play.pay("150.00", GOOD_PHONE, "carries it out at once", LIVES, True)

    @rule(step=STEPS)
    def then(self, step: tuple[Any, ...]) -> None:
        name, *arguments = step
        getattr(self.play, name)(*arguments)

    @invariant()
    def the_books_agree(self) -> None:
        self.play.look()

    def teardown(self) -> None:
        try:
            self.play.everything_ends_as_the_network_says()
        finally:
            self.play.close()

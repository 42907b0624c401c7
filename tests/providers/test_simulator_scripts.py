"""Faults by name: for a number, for whatever a rule matches, or for a share of all traffic."""

import time
from collections import Counter
from typing import Any

import pytest

from providers.base import Account, Kind, Operation
from providers.mtn.adapter import MtnAdapter
from providers.simulator.faults import Faults
from providers.simulator.scripts import BY_ENDING, SCRIPTS
from providers.simulator.server import Simulator
from providers.simulator.switches import SWITCHES
from tests.providers.control import call

# What a caller learns from the first send, and whether the order is at the network in the end.
SENDS = [
    ("accept_then_hang", Kind.UNKNOWN, True),
    ("accept_then_reset", Kind.UNKNOWN, True),
    ("accept_then_500", Kind.UNKNOWN, True),
    ("accept_then_504", Kind.UNKNOWN, True),
    ("accept_then_garbage", Kind.UNKNOWN, True),
    ("refuse_with_503", Kind.REFUSED, False),
    ("html_403", Kind.REFUSED, False),
    ("rate_limited", Kind.REFUSED, False),
    ("hang_60_s", Kind.UNKNOWN, False),
    ("reset_before_accepting", Kind.UNKNOWN, False),
    ("late_execution", Kind.UNKNOWN, False),
]


def draws(seed: int, references: list[str], mix: dict[str, float]) -> dict[str, str]:
    faults = Faults(seed)
    faults.replace({"mix": mix})
    return {each: faults.switches("collect", reference=each)["answer"] for each in references}


def test_every_script_sets_switches_that_act_where_it_acts() -> None:
    for name, script in SCRIPTS.items():
        Faults(0).replace({"rules": [{"set": dict(script.switches)}]})
        for switch in script.switches:
            assert script.on <= SWITCHES[switch].acts_on, name


def test_every_ending_belongs_to_one_script() -> None:
    assert len(BY_ENDING) == sum(bool(script.ending) for script in SCRIPTS.values())


@pytest.mark.parametrize("operation", [Operation.COLLECT, Operation.TRANSFER])
@pytest.mark.parametrize(("name", "kind", "is_taken"), SENDS)
def test_a_magic_number_meets_its_script_once(
    *, simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any,
    operation: Operation, name: str, kind: Kind, is_taken: bool,
) -> None:  # fmt: skip
    order = make_request(operation=operation, phone=f"260966000{SCRIPTS[name].ending}")
    assert adapter.send(account, order).kind is kind
    assert bool(simulator.books.find(order.reference)) is is_taken
    again = adapter.send(account, order)
    assert again.kind is Kind.PENDING
    assert again.provider_code == ("RESOURCE_ALREADY_EXIST" if is_taken else "HTTP 202")


def test_a_wrong_amount_is_told_to_every_lookup(adapter: MtnAdapter, account: Account, collected: Any) -> None:
    paid = collected(phone="260966000709")
    told = {str(adapter.lookup(account, Operation.COLLECT, paid.reference).amount) for _ in range(3)}
    assert told == {"151.00"}


def test_a_hang_ends_when_the_client_leaves(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any
) -> None:
    before = len(simulator._server._open)
    adapter.send(account, make_request(phone="260966000713"))
    for _ in range(200):
        if len(simulator._server._open) <= before + 1:  # the token's connection is kept
            break
        time.sleep(0.01)
    assert len(simulator._server._open) <= before + 1


def test_a_rule_plays_a_script_for_what_it_matches_only(
    simulator: Simulator, adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults({"match": {"external_id": "pay_bad"}, "script": "accept_then_reset", "times": 1})
    assert adapter.send(account, make_request(external_id="pay_bad")).kind is Kind.UNKNOWN
    assert adapter.send(account, make_request(external_id="pay_bad")).kind is Kind.PENDING
    assert adapter.send(account, make_request(external_id="pay_good")).kind is Kind.PENDING
    assert simulator.faults.as_json()["rules"][0]["used"] == 1


def test_token_scripts_leave_orders_alone(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults({"script": "token_503", "times": 1})
    first = adapter.send(account, make_request())
    assert (first.kind, first.trouble, first.exchanges[-1].operation) == (Kind.REFUSED, True, "token")
    assert adapter.send(account, make_request()).kind is Kind.PENDING


def test_skewed_clocks_show_in_the_date_of_an_answer(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    faults({"match": {"operation": "collect"}, "set": {"clock_skew_seconds": -86400}})
    exchange = adapter.send(account, make_request()).exchanges[-1]
    faults()
    true = adapter.send(account, make_request()).exchanges[-1]
    assert exchange.response_headers["date"][:16] != true.response_headers["date"][:16]


def test_a_pause_may_be_named_as_a_moment_of_a_clock_that_is_wrong(
    adapter: MtnAdapter, account: Account, make_request: Any, faults: Any
) -> None:
    skewed = {"answer": "rate_limited", "retry_after_as_date": True, "clock_skew_seconds": 300}
    faults({"match": {"operation": "collect"}, "set": skewed})
    pause = adapter.send(account, make_request()).retry_after_seconds
    assert pause is not None
    assert 295 < pause < 305


# --- the mix


def test_a_mix_gives_the_same_reference_the_same_fault_in_any_order() -> None:
    references, mix = [f"r{number}" for number in range(200)], {"accept_then_hang": 0.2, "accept_then_reset": 0.2}
    forwards = draws(7, references, mix)
    assert draws(7, references[::-1], mix) == forwards
    assert draws(8, references, mix) != forwards


def test_a_mix_hits_about_its_share() -> None:
    references = [f"r{number}" for number in range(4000)]
    drawn = Counter(draws(1, references, {"accept_then_hang": 0.1, "accept_then_500": 0.3}).values())
    assert 300 < drawn["hang"] < 500
    assert 1050 < drawn["error_500"] < 1350
    assert drawn["normal"] == 4000 - drawn["hang"] - drawn["error_500"]


def test_a_mix_draws_anew_when_a_reference_comes_again() -> None:
    faults = Faults(3)
    faults.replace({"mix": {"refuse_with_503": 0.5}})
    answers = [faults.switches("collect", reference="r1")["answer"] for _ in range(40)]
    assert set(answers) == {"normal", "unavailable_503"}


def test_a_mix_touches_only_what_its_scripts_act_on() -> None:
    faults = Faults(3)
    faults.replace({"mix": {"double_callback": 1.0, "accept_then_reset": 1.0}})
    assert faults.switches("callback", reference="r1")["callback_copies"] == 2
    assert faults.switches("lookup", reference="r1")["answer"] == "normal"
    assert faults.switches("refund", reference="r1")["answer"] == "reset"


def test_rules_win_over_numbers_and_numbers_over_the_mix() -> None:
    faults = Faults(3)
    faults.replace({"mix": {"accept_then_reset": 1.0}})
    assert faults.switches("collect", phone="260966000702", reference="r1")["answer"] == "error_500"
    faults.replace({"mix": {"accept_then_reset": 1.0}, "rules": [{"set": {"answer": "garbage"}}]})
    assert faults.switches("collect", phone="260966000702", reference="r2")["answer"] == "garbage"


@pytest.mark.parametrize(
    "wanted",
    [
        {"mix": {"no_such_script": 0.1}}, {"mix": {"html_403": 1.5}}, {"mix": {"html_403": "0.1"}},
        {"mix": {"html_403": 0.6, "rate_limited": 0.6}}, {"seed": "7"}, {"seed": True},
        {"rules": [{"script": "no_such_script"}]}, {"rules": [{"script": "html_403", "set": {}}]},
    ],
)  # fmt: skip
def test_a_mistaken_script_is_refused_and_changes_nothing(simulator: Simulator, wanted: Any) -> None:
    before = simulator.faults.as_json()
    assert call(simulator.url, "PUT", "/_control/faults", wanted).status == 400
    assert simulator.faults.as_json() == before


def test_what_is_read_of_the_faults_can_be_put_back(simulator: Simulator) -> None:
    wanted = {"seed": 5, "mix": {"html_403": 0.1}, "rules": [{"match": {"phone": "1"}, "script": "hang_60_s"}]}
    put = call(simulator.url, "PUT", "/_control/faults", wanted).json()
    assert call(simulator.url, "PUT", "/_control/faults", put).json() == put
    simulator.faults.replace({"seed": 1})


def test_the_scripts_are_listed_with_their_numbers(simulator: Simulator) -> None:
    listed = call(simulator.url, "GET", "/_control/scripts").json()["scripts"]
    assert listed["accept_then_hang"]["number"] == "260966xxx700"
    assert set(listed) == set(SCRIPTS)

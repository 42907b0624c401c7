"""Which provider the rules choose, for a network, an operation and an amount."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.routing.choosing import Question, Routed, choose
from payments.routing.rules import InvalidRules, Rule, read_rules
from providers.base import Operation

COLLECT, TRANSFER = Operation.COLLECT, Operation.TRANSFER
ALL = frozenset((name, str(operation)) for name in ("mtn", "airtel", "zamtel") for operation in (COLLECT, TRANSFER))


def ask(
    *rules: Rule, amount: str = "100.00", lot: float = 0.0, network: str = "mtn", **facts: frozenset[tuple[str, str]]
) -> Routed:
    return choose(rules, Question(network, COLLECT, Decimal(amount), lot), **{"routes": ALL, **facts})


def order(routed: Routed) -> list[str]:
    return [step.provider for step in routed.choices]


def test_without_rules_the_network_itself_serves_its_numbers() -> None:
    routed = ask()
    assert order(routed) == ["mtn"]
    assert "own network" in routed.choices[0].because


def test_priority_decides_and_the_others_follow() -> None:
    routed = ask(Rule("mtn", COLLECT, "airtel", priority=2), Rule("mtn", COLLECT, "mtn", priority=1))
    assert order(routed) == ["mtn", "airtel"]


def test_rules_for_another_network_or_operation_say_nothing() -> None:
    assert order(ask(Rule("airtel", COLLECT, "zamtel"), Rule("mtn", TRANSFER, "zamtel"))) == ["mtn"]


@pytest.mark.parametrize(("amount", "provider"), [("50.00", "mtn"), ("50.01", "airtel")])
def test_amounts_are_kept_within_their_limits(amount: str, provider: str) -> None:
    rules = (
        Rule("mtn", COLLECT, "mtn", amount_max=Decimal(50)),
        Rule("mtn", COLLECT, "airtel", amount_min=Decimal("50.01")),
    )
    assert order(ask(*rules, amount=amount)) == [provider]


def test_what_cannot_be_used_is_passed_over_and_says_why() -> None:
    routed = ask(
        Rule("mtn", COLLECT, "mtn"), Rule("mtn", COLLECT, "airtel", priority=2),
        Rule("mtn", COLLECT, "zamtel", priority=3, is_enabled=False),
        routes=ALL - {("airtel", "collect")}, blocked=frozenset({("mtn", "collect")}),
    )  # fmt: skip
    assert order(routed) == []
    assert routed.is_down
    assert routed.tried == (
        "MTN: rule 1 names it, but it is down; Airtel: rule 2 names it, but no account there can do this; "
        "Zamtel: rule 3 is switched off"
    )


@given(st.floats(0, 1, exclude_max=True), st.integers(1, 99))
def test_shares_divide_the_traffic(lot: float, share: int) -> None:
    rules = Rule("mtn", COLLECT, "mtn", share=share), Rule("mtn", COLLECT, "airtel", share=100 - share)
    first = "mtn" if lot * 100 < share else "airtel"
    assert order(ask(*rules, lot=lot))[0] == first
    assert set(order(ask(*rules, lot=lot))) == {"mtn", "airtel"}


def test_a_provider_named_twice_is_tried_once() -> None:
    rules = (
        Rule("mtn", COLLECT, "mtn"),
        Rule("mtn", COLLECT, "mtn", priority=2),
        Rule("mtn", COLLECT, "airtel", priority=2),
    )
    assert order(ask(*rules)) == ["mtn", "airtel"]


class TestReading:
    def test_what_is_stored_is_read_back(self) -> None:
        rules = (
            Rule("mtn", COLLECT, "airtel", 2, 40, Decimal("1.00"), Decimal("20.00"), is_enabled=False),
            Rule("mtn", TRANSFER, "mtn"),
        )
        assert read_rules([rule.as_json() for rule in rules]) == rules

    @pytest.mark.parametrize(("change", "words"), [
        ({"network": "vodafone"}, "the network must be one of"),
        ({"operation": "refund"}, "the operation must be one of collect, transfer"),
        ({"provider": ""}, "the provider must be one of"),
        ({"priority": 0}, "the priority must be a whole number"),
        ({"share": True}, "the share must be a whole number"),
        ({"share": 101}, "from 1 to 100"),
        ({"amount_min": "1e99"}, "the smallest amount must be"),
        ({"amount_max": "NaN"}, "the largest amount must be"),
        ({"amount_max": "0.001"}, "the largest amount must be"),
        ({"amount_min": "5", "amount_max": "4"}, "above the largest"),
        ({"is_enabled": "yes"}, "true or false"),
        ({"colour": "blue"}, "no field colour"),
    ])  # fmt: skip
    def test_a_mistake_is_named_with_its_rule(self, change: dict[str, object], words: str) -> None:
        good = Rule("mtn", COLLECT, "mtn").as_json()
        with pytest.raises(InvalidRules, match=f"Rule 2: .*{words}"):
            read_rules([good, {**good, "priority": 2} | change])

    def test_twins_are_refused(self) -> None:
        with pytest.raises(InvalidRules, match="Rule 2 is for the same"):
            read_rules([Rule("mtn", COLLECT, "mtn").as_json()] * 2)

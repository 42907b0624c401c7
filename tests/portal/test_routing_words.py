"""Routing rules as sentences: every amount is spoken for once, and says what choosing would do with it."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.routing.choosing import Question, choose
from payments.routing.rules import Rule
from portal.routing_words import limit_words, rule_words, sentences
from portal.words import network
from providers.base import Operation
from providers.names import NETWORKS

COLLECT, TRANSFER = Operation.COLLECT, Operation.TRANSFER
ALL = frozenset((name, str(operation)) for name in NETWORKS for operation in (COLLECT, TRANSFER))
K = Decimal


def of_mtn(*rules: Rule, routes: frozenset[tuple[str, str]] = ALL) -> list[str]:
    """What is said of payments from MTN numbers."""
    said = [sentence.text for sentence in sentences(rules, routes)]
    return [
        text.replace(" from MTN numbers", "") for text in said if text.startswith("Payments") and " from MTN" in text
    ]


def to(provider: str, priority: int = 1, share: int = 100, least: Any = None, most: Any = None) -> Rule:
    return Rule("mtn", COLLECT, provider, priority, share, least and K(least), most and K(most))


@pytest.mark.parametrize(("rules", "said"), [
    ([], ["Payments are collected by MTN: no rule is about them."]),
    ([to("airtel")], ["Payments are collected by Airtel."]),
    ([to("airtel", 2), to("mtn", 1)], ["Payments are collected by MTN; where MTN cannot, by Airtel."]),
    ([to("mtn"), to("airtel", 2), to("zamtel", 3)],
     ["Payments are collected by MTN; where MTN cannot, by Airtel; where both cannot, by Zamtel."]),
    ([to("mtn", share=10), to("airtel", share=30), to("zamtel", 2)],
     ["Payments are collected by MTN (25 %) or Airtel (75 %); where both cannot, by Zamtel."]),
    ([to("mtn"), to("mtn", 2)], ["Payments are collected by MTN."]),
    ([to("mtn", most="50"), to("airtel", least="50.01")],
     ["Payments of up to K 50.00 are collected by MTN.", "Payments of K 50.01 and more are collected by Airtel."]),
    ([to("mtn", least="10", most="20")],
     ["Payments of up to K 9.99 are refused: no rule that can be followed takes them.",
      "Payments of K 10.00 to K 20.00 are collected by MTN.",
      "Payments of K 20.01 and more are refused: no rule that can be followed takes them."]),
    ([to("mtn", most="10"), to("mtn", 2, least="5")], ["Payments are collected by MTN."]),
])  # fmt: skip
def test_what_holds_in_words(rules: list[Rule], said: list[str]) -> None:
    assert of_mtn(*rules) == said


def test_what_no_account_can_do_is_passed_over() -> None:
    only_mtn = frozenset({("mtn", "collect")})
    assert of_mtn(to("airtel"), to("mtn", 2), routes=only_mtn) == ["Payments are collected by MTN."]
    assert of_mtn(to("airtel"), routes=only_mtn) == ["Payments are refused: no rule that can be followed takes them."]
    assert of_mtn(routes=frozenset()) == [
        "Payments are refused: no rule is about them, and no MTN account can take them."
    ]


def test_a_rule_in_a_line() -> None:
    assert rule_words(to("airtel", 2, 40, most="20")) == (
        "Payments from MTN numbers by Airtel, priority 2, share 40, up to K 20.00"
    )
    off = Rule("airtel", TRANSFER, "zamtel", is_enabled=False)
    assert rule_words(off) == "Payouts to Airtel numbers by Zamtel, priority 1, switched off"


def test_limits() -> None:
    assert limit_words(None, None) == "any amount"
    assert limit_words(K(5), None) == "from K 5.00"
    assert limit_words(K(5), K(9)) == "K 5.00 to K 9.00"


_AMOUNTS = st.integers(1, 40).map(lambda units: K(units) / 2)
_LIMITS = st.none() | _AMOUNTS
_RULES = st.builds(
    Rule, st.just("mtn"), st.just(COLLECT), st.sampled_from(list(NETWORKS)), st.integers(1, 3), st.integers(1, 100),
    _LIMITS, _LIMITS, st.booleans(),
)  # fmt: skip


@given(st.lists(_RULES, min_size=1, max_size=5), _AMOUNTS)
def test_the_words_name_whom_choosing_chooses(rules: list[Rule], amount: Decimal) -> None:
    routed = choose(rules, Question("mtn", COLLECT, amount, 0.0), routes=ALL)
    said = [text for text in of_mtn(*rules) if speaks_of(text, amount)]
    assert len(said) == 1
    assert {name for name in NETWORKS.values() if name in said[0]} == {
        network(step.provider) for step in routed.choices
    }


def speaks_of(text: str, amount: Decimal) -> bool:
    words = text.split(" are ", maxsplit=1)[0].replace("K ", "").split()
    if "more" in words:
        return amount >= K(words[2])
    if "up" in words:
        return amount <= K(words[-1])
    return len(words) == 1 or K(words[2]) <= amount <= K(words[4])

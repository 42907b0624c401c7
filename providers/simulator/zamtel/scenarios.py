"""Zamtel's magic numbers: which ending of 260955xxxNNN, and which of pawaPay's test numbers, does what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MAGIC = re.compile(r"260955[0-9]{3}(4[56][0-9])")
_PAWAPAY = re.compile(r"260953456([0-9]{3})")
UNDOCUMENTED = "E9999"


@dataclass(frozen=True, slots=True)
class Scenario:
    """How an order ends, after the time of a switch ("" is never). code: what is told, where that is not the truth."""

    words: str
    status: str = "SUCCESSFUL"
    reason: str = ""
    timing: str = "approve_seconds"
    code: str = ""
    old_name: bool = False  # the answer has `StatusCode` in place of `status`


NORMAL = Scenario("")
SCENARIOS: Mapping[str, Scenario] = {
    "450": Scenario("not enough money (2006)", "FAILED", "NOT_ENOUGH_FUNDS"),
    "451": Scenario("wrong PIN (E8003)", "FAILED", "WRONG_PIN"),
    "452": Scenario("internal error (-1), nothing moved", "FAILED", "UNSPECIFIED", code="-1"),
    "453": Scenario("takes a while", timing="ongoing_seconds"),
    "454": Scenario("never answers, and nothing moves", "PENDING", timing=""),
    "455": Scenario("not registered (E8036)", "FAILED", "PAYER_NOT_FOUND"),
    "456": Scenario("limit reached (2005)", "FAILED", "LIMIT_REACHED"),
    "457": Scenario("invalid amount (2004)", "FAILED", "AMOUNT_OUT_OF_RANGE"),
    "458": Scenario("E8027, nothing moved", "FAILED", "UNSPECIFIED", code="E8027"),
    "459": Scenario("E8027, yet moved", code="E8027"),
    "460": Scenario("internal error (-1), yet moved", code="-1"),
    "461": Scenario("a code that nobody knows, nothing moved", "FAILED", "UNSPECIFIED"),
    "462": Scenario("a code that nobody knows, yet moved", code=UNDOCUMENTED),
    "463": Scenario("the initiator is not known (2001)", "FAILED", "INITIATOR"),
    "464": Scenario("success as `StatusCode` in place of `status`", old_name=True),
}
# pawaPay's sandbox numbers for Zamtel; 260953456700 completes, as any other number does.
PAWAPAY_SCENARIOS: Mapping[str, Scenario] = {
    "704": SCENARIOS["450"],
    "712": SCENARIOS["461"],
    "789": SCENARIOS["454"],
}


def scenario(phone: str) -> Scenario:
    for pattern, table in ((_MAGIC, SCENARIOS), (_PAWAPAY, PAWAPAY_SCENARIOS)):
        if (found := pattern.fullmatch(phone)) and found[1] in table:
            return table[found[1]]
    return NORMAL

"""What really moved, read from the simulated network's own ledger."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import requests

PAGE = 20_000


@dataclass
class Truth:
    """`moved`: every movement of each of our objects; the rest as the network itself counts it."""

    moved: dict[str, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    net_by_user: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    doubles: dict[str, int] = field(default_factory=dict)
    over_refunded: dict[str, Any] = field(default_factory=dict)
    count: int = 0


def read_truth(url: str) -> Truth:
    truth, since = Truth(), 0
    while True:
        page = requests.get(f"{url}/_control/ledger", params={"since": since, "limit": PAGE}, timeout=60).json()
        truth.doubles, truth.over_refunded, truth.count = page["doubles"], page["over_refunded"], page["count"]
        for movement in page["movements"]:
            amount = Decimal(movement["amount"])
            truth.moved[movement["external_id"]].append(amount)
            sign = 1 if movement["direction"] == "in" else -1
            truth.net_by_user[movement["api_user"]] += sign * amount
        since += len(page["movements"])
        if not page["movements"] or since >= truth.count:
            return truth

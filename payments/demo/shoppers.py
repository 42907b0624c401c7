"""What demo customers do: when they pay, how much, and how it ends. Deterministic for a seed."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from payments.demo.wishes import CHECKOUT, Wish
from payments.kinds import PaymentKind

# MTN's reason, and how often of all failures.
FAILURES = {
    "NOT_ENOUGH_FUNDS": 38,
    "COULD_NOT_PERFORM_TRANSACTION": 24,
    "APPROVAL_REJECTED": 17,
    "PAYER_LIMIT_REACHED": 9,
    "PAYER_NOT_FOUND": 8,
    "INTERNAL_PROCESSING_ERROR": 4,
}
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 22, 28, 30, 32, 36, 30, 26, 26, 30, 38, 40, 30, 20, 12, 6, 2)
WEEKDAYS = (0.85, 0.85, 0.9, 1.0, 1.3, 1.45, 0.75)
BAD_DAY_AGO = 11  # the network's bad afternoon, for the charts to show
GOODS = ("School fees", "Groceries", "Airtime", "Chitenge fabric", "Solar lamp", "Mealie meal", "Bus ticket", "Lunch")


def purchases(*, seed: str, until: datetime, days: int, per_day: int) -> Iterator[Wish]:
    """Purchases of the `days` before `until`, oldest first."""
    dice = random.Random(seed)  # noqa: S311 (stories, not secrets)
    regulars = [any_phone(dice) for _ in range(per_day * 6)]
    number = 0
    for ago in range(days, -1, -1):
        day = (until - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        growth = 1 + 0.25 * (days - ago) / days
        count = int(per_day * growth * WEEKDAYS[day.weekday()] * dice.uniform(0.85, 1.15))
        moments = sorted(_moment(dice, day) for _ in range(count))
        for at in moments:
            if at < until - timedelta(minutes=10):
                number += 1
                yield _purchase(dice, at, number, regulars, ago)


def _moment(dice: random.Random, day: datetime) -> datetime:
    hour = dice.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, seconds=dice.uniform(0, 3600))


def _purchase(dice: random.Random, at: datetime, number: int, regulars: list[str], ago: int) -> Wish:
    is_bad_time = ago == BAD_DAY_AGO and 12 <= at.hour <= 18
    fails = dice.random() < (0.55 if is_bad_time else 0.13)
    failure = dice.choices(list(FAILURES), list(FAILURES.values()))[0] if fails else ""
    seconds = 300.0 if failure == "COULD_NOT_PERFORM_TRANSACTION" else min(240.0, dice.lognormvariate(2.9, 0.6))
    amount = Decimal(round(dice.lognormvariate(4.7, 0.9) / 5) * 5 or 5)
    return Wish(
        kind=PaymentKind.COLLECTION,
        at=at,
        amount=min(amount, Decimal(5000)).quantize(Decimal("0.01")),
        phone=dice.choice(regulars),
        what=dice.choice(GOODS),
        seconds_to_answer=seconds,
        failure=failure,
        reference=f"INV-{number:05}",
        metadata=(("order", str(70_000 + number)),),
        actor=CHECKOUT,
    )


def any_phone(dice: random.Random) -> str:
    return f"260{dice.choice(('96', '76'))}{dice.randrange(1_000_000, 9_999_999)}"

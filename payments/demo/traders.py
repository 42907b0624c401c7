"""What the demo's merchants do with what they earn: pay suppliers and wages, and take goods back. Seeded."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from payments.demo.shoppers import any_phone
from payments.demo.wishes import BACK_OFFICE, Wish
from payments.kinds import PaymentKind

SUPPLIES = ("Mealie meal", "Cooking oil", "Transport", "Packaging", "Solar panels", "Fabric", "Repairs")
REASONS = ("Wrong size", "Arrived broken", "Ordered twice", "Out of stock", "Came too late")
FRIDAY = 4
# MTN's reason, and how often of all failures.
PAYOUT_FAILURES = {"PAYEE_LIMIT_REACHED": 4, "PAYEE_NOT_FOUND": 3, "INTERNAL_PROCESSING_ERROR": 2}
REFUND_FAILURES = {"PAYEE_LIMIT_REACHED": 2, "INTERNAL_PROCESSING_ERROR": 1}


def payouts(*, seed: str, until: datetime, days: int, per_day: int) -> Iterator[Wish]:
    """Suppliers on working days, wages on Fridays, for a business with `per_day` purchases; oldest first."""
    dice = random.Random(f"{seed} out")  # noqa: S311 (stories, not secrets)
    suppliers = [any_phone(dice) for _ in range(6)]
    workers = [any_phone(dice) for _ in range(1 + per_day // 8)]
    number = 0
    for ago in range(days, -1, -1):
        day = (until - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        due = [(dice.choice(suppliers), dice.choice(SUPPLIES), per_day * dice.uniform(8, 30)) for _ in range(2)]
        due = due if day.weekday() <= FRIDAY else []
        if day.weekday() == FRIDAY:
            due += [(worker, f"Wages, week {day.isocalendar().week}", dice.uniform(350, 700)) for worker in workers]
        for at, (phone, what, amount) in zip(_moments(dice, day, len(due)), due, strict=True):
            if at < until - timedelta(minutes=10):
                number += 1
                yield _payout(dice, at, number, phone=phone, what=what, amount=amount)


def refunds(purchases: Iterable[Wish], *, seed: str, until: datetime) -> Iterator[Wish]:
    """Of one in thirty purchases that were paid, hours or days later; a good half of them in full."""
    dice = random.Random(f"{seed} back")  # noqa: S311 (stories, not secrets)
    number = 0
    for purchase in purchases:
        at = purchase.at + timedelta(hours=dice.uniform(1, 60))
        if purchase.failure or dice.random() > 1 / 30 or at > until - timedelta(minutes=10):
            continue
        number += 1
        share = Decimal(1) if dice.random() < 0.6 else Decimal(dice.choice(("0.5", "0.25")))
        yield Wish(
            kind=PaymentKind.REFUND,
            at=at,
            amount=(purchase.amount * share).quantize(Decimal("0.01")),
            phone=purchase.phone,
            what=dice.choice(REASONS),
            seconds_to_answer=dice.uniform(1, 6),
            failure=_failure(dice, REFUND_FAILURES, 0.06),
            reference=f"RMA-{number:04}",
            metadata=(),
            actor=BACK_OFFICE,
            refund_of=purchase.reference,
        )


def _payout(dice: random.Random, at: datetime, number: int, *, phone: str, what: str, amount: float) -> Wish:
    return Wish(
        kind=PaymentKind.PAYOUT,
        at=at,
        amount=Decimal(max(5, round(amount / 5) * 5)).quantize(Decimal("0.01")),
        phone=phone,
        what=what,
        seconds_to_answer=dice.uniform(1, 8),
        failure=_failure(dice, PAYOUT_FAILURES, 0.05),
        reference=f"PO-{number:05}",
        metadata=(("ledger", "wages" if what.startswith("Wages") else "supplies"),),
        actor=BACK_OFFICE,
    )


def _failure(dice: random.Random, reasons: dict[str, int], share: float) -> str:
    return dice.choices(list(reasons), list(reasons.values()))[0] if dice.random() < share else ""


def _moments(dice: random.Random, day: datetime, count: int) -> list[datetime]:
    """In office hours, Zambian time."""
    return sorted(day + timedelta(hours=dice.uniform(6, 15)) for _ in range(count))

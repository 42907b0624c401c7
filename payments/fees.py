"""What an operation costs the merchant: the newest rule that is valid for it, rounded half up to the currency."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.db.models.functions import Now

from payments import audit
from payments.errors import Refusal
from payments.models import FeeRule
from payments.money import CURRENCIES, LARGEST_AMOUNT
from providers.base import Operation
from providers.registry import PROVIDERS


def fee_of(*, livemode: bool, provider: str, operation: str, amount: Decimal, currency: str) -> Decimal:
    """In the amount's currency; zero where no rule says otherwise."""
    rule = current_rule(livemode=livemode, provider=provider, operation=operation, currency=currency)
    return charge(rule, amount) if rule else Decimal(0)


def charge(rule: FeeRule, amount: Decimal) -> Decimal:
    """What the rule asks for an operation of this amount."""
    fee = amount * rule.percentage / 100 + rule.fixed
    return fee.quantize(Decimal(1).scaleb(-CURRENCIES[rule.currency]), rounding=ROUND_HALF_UP)


def current_rule(*, livemode: bool, provider: str, operation: str, currency: str) -> FeeRule | None:
    """The rule that holds now."""
    rules = FeeRule.objects.filter(
        livemode=livemode, provider=provider, operation=operation, currency=currency, valid_from__lte=Now()
    )
    return rules.order_by("-valid_from").first()


def current_rules(*, livemode: bool) -> dict[tuple[str, str, str], FeeRule]:
    """The rules that hold now, by provider, operation and currency."""
    places = ("provider", "operation", "currency")
    rules = FeeRule.objects.filter(livemode=livemode, valid_from__lte=Now()).order_by(*places, "-valid_from")
    return {(rule.provider, rule.operation, rule.currency): rule for rule in rules.distinct(*places)}


def fee_history(*, livemode: bool, limit: int) -> list[FeeRule]:
    """Every rule there ever was, newest first."""
    return list(FeeRule.objects.filter(livemode=livemode).order_by("-valid_from", "-id")[:limit])


def set_fee(
    *,
    livemode: bool,
    provider: str,
    operation: str,
    currency: str,
    percentage: Decimal,
    fixed: Decimal,
    actor: str,
    valid_from: datetime | None = None,
    ip: str = "",
    request_id: str = "",
) -> FeeRule:
    """From now on, or from `valid_from`, the operation costs this. What was booked stays as it is. Raises Refusal."""
    if provider not in PROVIDERS or operation not in set(Operation) or currency not in CURRENCIES:
        raise Refusal("There is no such provider, operation or currency.")
    if not 0 <= percentage <= 100 or not 0 <= fixed <= LARGEST_AMOUNT:
        raise Refusal(f"A fee has a percentage from 0 to 100 and a fixed part from 0 to {LARGEST_AMOUNT:,}.")
    before = current_rule(livemode=livemode, provider=provider, operation=operation, currency=currency)
    rule = FeeRule.objects.create(
        livemode=livemode, provider=provider, operation=operation, currency=currency, percentage=percentage,
        fixed=fixed, created_by=actor, **({"valid_from": valid_from} if valid_from else {}),
    )  # fmt: skip
    audit.record(
        actor=actor, action="fee.changed", target=f"{provider} {operation} {currency}", livemode=livemode, ip=ip,
        request_id=request_id, before=_as_json(before), after=_as_json(rule),
    )  # fmt: skip
    return rule


def _as_json(rule: FeeRule | None) -> dict[str, str] | None:
    return {"percentage": f"{rule.percentage:f}", "fixed": f"{rule.fixed:f}"} if rule else None

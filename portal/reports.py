"""What we asked a network for beside what it reports, in one sentence."""

from decimal import Decimal
from typing import Protocol

from payments.selectors.reports import Report
from portal.templatetags.money import masked, plain_money
from portal.words import network
from providers.base import Kind


class Asked(Protocol):
    """A payment, payout or refund, or an item of the attention list."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def provider(self) -> str: ...


def reported(asked: Asked, report: Report | None) -> str:
    """`Asked for K 150.00, MTN reports K 15.00.`; "" without a report."""
    if report is None:
        return ""
    asked_for = f"Asked for {plain_money(asked.amount, asked.currency)}"
    return f"{asked_for}, {network(asked.provider)} reports {_SAYINGS[report.kind](asked, report)}."


def _moved(asked: Asked, report: Report) -> str:
    if report.amount is None:
        return "a success without saying of how much"
    amount = plain_money(report.amount, report.currency or "of no currency")
    if report.phone and report.phone != asked.phone:
        return f"{amount} of another number, {masked(report.phone)}"
    return amount


def _failed(_asked: Asked, report: Report) -> str:
    return f"that it failed ({report.code})" if report.code else "that it failed"


_SAYINGS = {
    Kind.SUCCEEDED: _moved,
    Kind.FAILED: _failed,
    Kind.PENDING: lambda _asked, _report: "that it is still working on it",
    Kind.NOT_FOUND: lambda _asked, _report: "that it has no record of it",
}

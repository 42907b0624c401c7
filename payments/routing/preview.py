"""What other rules would have done to the merchant's own traffic: routed by both, compared, and nothing written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from payments.kinds import PaymentKind
from payments.models import Payment
from payments.routing.choosing import Route, Routed
from payments.routing.rules import ROUTED, Rule
from payments.routing.selection import select
from payments.selectors.keyset import id_floor
from providers.numbers import network_of

DAYS = 30
MOST = 5_000
EXAMPLES = 10
KINDS = tuple(kind for kind in PaymentKind if kind.operation in ROUTED)


@dataclass(frozen=True, slots=True)
class Past:
    """A payment or payout as it was asked for. network: that its number began on."""

    id: str
    kind: PaymentKind
    amount: Decimal
    currency: str
    phone: str
    network: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Traffic:
    """Newest first. is_cut: there was more in that time."""

    rows: tuple[Past, ...]
    is_cut: bool = False


@dataclass(slots=True)
class Sum:
    count: int = 0
    amount: Decimal = Decimal(0)

    def add(self, amount: Decimal) -> None:
        self.count += 1
        self.amount += amount


@dataclass(frozen=True, slots=True)
class Line:
    """What one provider gets of one kind and currency. provider: "" for what nobody could take."""

    kind: PaymentKind
    currency: str
    provider: str
    today: Sum = field(default_factory=Sum)
    then: Sum = field(default_factory=Sum)


@dataclass(frozen=True, slots=True)
class Example:
    """One that would go elsewhere. Providers are "" where nobody could take it; because: of its new place."""

    past: Past
    today: str
    then: str
    because: str


@dataclass(frozen=True, slots=True)
class Preview:
    """lost: how many have a provider today and would have none. examples: of `changed`, those first."""

    count: int
    is_cut: bool
    lines: tuple[Line, ...]
    changed: int
    without_route: int
    lost: int
    examples: tuple[Example, ...]


def recent_traffic(*, livemode: bool, most: int = MOST) -> Traffic:
    """The newest payments and payouts of the last 30 days, without those whose number says no network: who asked for
    them named the provider, and no rule was looked at.
    """
    since = timezone.now() - timedelta(days=DAYS)
    found = sorted(
        (past for kind in KINDS for past in _of_kind(kind, livemode, since, most + 1)),
        key=lambda past: past.created_at,
        reverse=True,
    )
    return Traffic(tuple(past for past in found[:most] if past.network), len(found) > most)


def compare(traffic: Traffic, *, today: Sequence[Rule], then: Sequence[Rule], routes: frozenset[Route]) -> Preview:
    """Route it all by both lists of rules, with nobody down: an outage of this minute says nothing about a rule."""
    lines, examples, without_route = dict[tuple[str, ...], Line](), list[Example](), 0
    for past in traffic.rows:
        old, new = _first(_routed(past, today, routes)), _routed(past, then, routes)
        _line(lines, past, old).today.add(past.amount)
        _line(lines, past, _first(new)).then.add(past.amount)
        without_route += not new.choices
        if _first(new) != old:
            examples.append(Example(past, old, _first(new), new.choices[0].because if new.choices else new.tried))
    examples.sort(key=lambda example: bool(example.then))
    return Preview(
        count=len(traffic.rows),
        is_cut=traffic.is_cut,
        lines=tuple(sorted(lines.values(), key=_place)),
        changed=len(examples),
        without_route=without_route,
        lost=sum(not example.then for example in examples),
        examples=tuple(examples[:EXAMPLES]),
    )


def _of_kind(kind: PaymentKind, livemode: bool, since: datetime, limit: int) -> Iterable[Past]:
    rows = Payment.objects.filter(
        livemode=livemode, kind=kind, id__gte=id_floor(kind.prefix, since), created_at__gte=since
    ).order_by("-id")
    columns = rows.values_list("id", "amount", "currency", "phone", "created_at")[:limit]
    for payment_id, amount, currency, phone, created_at in columns:
        yield Past(payment_id, kind, amount, currency, phone, network_of(phone) or "", created_at)


def _routed(past: Past, rules: Sequence[Rule], routes: frozenset[Route]) -> Routed:
    """As the real thing chooses. The lot comes from the id, so that the same preview says the same again."""
    return select(
        provider="", network=past.network, operation=past.kind.operation, amount=past.amount, rules=rules,
        routes=routes, blocked=frozenset(), key=past.id,
    )  # fmt: skip


def _first(routed: Routed) -> str:
    return routed.choices[0].provider if routed.choices else ""


def _line(lines: dict[tuple[str, ...], Line], past: Past, provider: str) -> Line:
    return lines.setdefault((past.kind, past.currency, provider), Line(past.kind, past.currency, provider))


def _place(line: Line) -> tuple[int, str, bool, str]:
    """Payments before payouts; within a currency the providers by name, and last what nobody takes."""
    return KINDS.index(line.kind), line.currency, not line.provider, line.provider

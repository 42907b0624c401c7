"""What the frame of every merchant page needs: navigation, the other mode, the person's merchants."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portal.access import may
from portal.zones import Zone, zone_of
from tenants.models import Membership, Tenant


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    icon: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class NavGroup:
    title: str
    items: list[NavItem]


@dataclass(frozen=True, slots=True)
class Choice:
    """A merchant the person can switch to, in the mode they are in."""

    name: str
    url: str
    role: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    merchant: Tenant
    role: str
    livemode: bool
    is_demo: bool
    zone: Zone
    home_url: str
    test_url: str
    live_url: str
    nav: list[NavGroup]
    merchants: list[Choice]

    @property
    def mode(self) -> str:
        return "live" if self.livemode else "test"


# Group, label, icon, route and permission of each page.
_PAGES = (
    ("", "Home", "home", "home", "payments.view"),
    ("", "Payments", "cash", "payments", "payments.view"),
    ("", "Refunds", "arrow-back", "refunds", "payments.view"),
    ("", "Payouts", "upload", "payouts", "payments.view"),
    ("Money", "Ledger", "notebook", "ledger", "ledger.view"),
    ("Money", "Reconcile", "scale", "statements", "reconciliation.view"),
    ("Developers", "API keys", "key", "keys", "keys.view"),
    ("Developers", "Inbox", "mail", "inbox", "callbacks.view"),
    ("Control", "Providers", "server-2", "providers", "providers.view"),
    ("Control", "Routing", "arrows-split-2", "routing", "routing.view"),
    ("Control", "Audit trail", "history", "audit", "audit.view"),
)
# A page about one object belongs to the section that lists such objects.
_SECTIONS = {
    "home": "home",
    "attention": "attention",
    "inbox": "inbox",
    "providers": "providers",
    "routing": "routing",
    "payment": "payments",
    "payments": "payments",
    "refund": "refunds",
    "refunds": "refunds",
    "payout": "payouts",
    "payouts": "payouts",
    "ledger": "ledger",
    "fee": "ledger",
    "fees": "ledger",
    "key": "keys",
    "keys": "keys",
    "audit": "audit",
    "statement": "statements",
    "statements": "statements",
}
# Sections that are no page of the navigation, and the page that leads to them.
_PARENTS = {"attention": "home"}


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `shell` on pages of a merchant in a mode, and `is_demo` everywhere."""
    context: dict[str, Any] = {"is_demo": settings.DEMO}
    merchant: Tenant | None = getattr(request, "merchant", None)
    if merchant is not None:
        context["shell"] = _shell(request, merchant)
    return context


def _shell(request: HttpRequest, merchant: Tenant) -> Shell:
    livemode = bool(getattr(request, "livemode", False))
    mode = "live" if livemode else "test"
    place = {"slug": merchant.slug, "mode": mode}
    return Shell(
        merchant=merchant,
        role=getattr(request, "role", ""),
        livemode=livemode,
        is_demo=settings.DEMO,
        zone=zone_of(merchant.country),
        home_url=reverse("portal:home", kwargs=place),
        test_url=_in_mode(request, merchant, "test"),
        live_url=_in_mode(request, merchant, "live"),
        nav=_nav(request, place),
        merchants=_choices(request, merchant, mode),
    )


def _nav(request: HttpRequest, place: dict[str, str]) -> list[NavGroup]:
    section = _section(request)
    groups: dict[str, list[NavItem]] = {}
    for group, label, icon, route, permission in _PAGES:
        if may(request, permission):
            is_current = route == _PARENTS.get(section, section)
            item = NavItem(label, icon, reverse(f"portal:{route}", kwargs=place), is_current=is_current)
            groups.setdefault(group, []).append(item)
    return [NavGroup(title, items) for title, items in groups.items()]


def _section(request: HttpRequest) -> str:
    """`payment_cancel` → `payments`; Home for an address that leads nowhere."""
    route = request.resolver_match.url_name if request.resolver_match else None
    return _SECTIONS.get((route or "").partition("_")[0], "home")


def _in_mode(request: HttpRequest, merchant: Tenant, mode: str) -> str:
    """The same page in a mode. A page about one object has no twin there, so its list is shown instead."""
    return reverse(f"portal:{_section(request)}", kwargs={"slug": merchant.slug, "mode": mode})


def _choices(request: HttpRequest, merchant: Tenant, mode: str) -> list[Choice]:
    if not request.user.is_authenticated:
        return []
    memberships = Membership.objects.filter(user=request.user).select_related("tenant").order_by("tenant__name")
    return [
        Choice(
            name=membership.tenant.name,
            url=reverse("portal:home", kwargs={"slug": membership.tenant.slug, "mode": mode}),
            role=membership.role,
            is_current=membership.tenant_id == merchant.pk,
        )
        for membership in memberships
    ]

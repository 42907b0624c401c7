"""The demo's merchants: their people, accounts, keys and history. Made once; made again in whatever is missing."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from payments.accounts import connect_provider
from payments.demo.history import write_history
from payments.demo.shoppers import purchases
from payments.keys import issue_key
from tenants.models import Membership, Tenant, User
from tenants.provisioning import create_merchant
from tenants.roles import Role

ACTOR = "system:demo"
DAYS = 61  # Home compares 30 days with the 30 before


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    slug: str
    name: str
    payments_per_day: int


MERCHANTS = (
    DemoMerchant("acme", "Acme Market", 42),
    DemoMerchant("globex", "Globex Energy", 28),
)
# Every merchant's staff, one for each role; the owner is made with the merchant.
STAFF = (Role.ADMIN, Role.DEVELOPER, Role.OPERATOR, Role.VIEWER)


def seed_admin() -> dict[str, str]:
    """The platform's administrator, with a new password."""
    return _sign_in(_user("admin@ndalama.test", name="Platform admin", is_platform_admin=True))


def seed_merchant(demo: DemoMerchant) -> dict[str, Any]:
    """One merchant as `demo.json` describes it, with new passwords and keys; its data is kept if it is there."""
    owner = _user(f"owner@{demo.slug}.test", name="Mwansa Banda")
    with transaction.atomic():
        tenant = Tenant.objects.filter(slug=demo.slug).first()
        if tenant is None:
            tenant, _ = create_merchant(slug=demo.slug, name=demo.name, owner_email=owner.email)
            with tenant_context(tenant):
                _stock(demo)
    people = {role: _staff(tenant, role) for role in STAFF}
    with tenant_context(tenant):
        keys = {
            f"{mode}_key": issue_key(livemode=mode == "live", name=f"Demo {mode} key", actor=ACTOR)[1]
            for mode in ("test", "live")
        }
    return {
        "slug": demo.slug,
        "owner": _sign_in(owner),
        **{str(role): _sign_in(user) for role, user in people.items()},
        **keys,
    }


def _stock(demo: DemoMerchant) -> None:
    """Accounts at the simulator for both modes, and two months of business in them."""
    for livemode, per_day in ((True, demo.payments_per_day), (False, 4)):
        account = connect_provider(
            provider="mtn",
            livemode=livemode,
            base_url=settings.PROVIDER_BASE_URLS["mtn"],
            credentials={
                "subscription_key": secrets.token_hex(16),
                "api_user": f"demo-{demo.slug}-{'live' if livemode else 'test'}",
                "api_key": secrets.token_hex(16),
                "target_environment": "mtnzambia",
            },
            actor=ACTOR,
        )
        business = purchases(seed=f"{demo.slug}{livemode}", until=timezone.now(), days=DAYS, per_day=per_day)
        write_history(business, account=account)


def _staff(tenant: Tenant, role: Role) -> User:
    user = _user(f"{role}@{tenant.slug}.test", name=f"{tenant.name} {role}")
    Membership.objects.get_or_create(tenant=tenant, user=user, defaults={"role": role})
    return user


def _user(email: str, **fields: Any) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email, None, **fields)


def _sign_in(user: User) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return {"email": user.email, "password": password}

"""The demo's merchants: their people, accounts, keys and history. Made once; made again in whatever is missing."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from payments.accounts import connect_provider, find_account
from payments.create import Caller, NewPayment, create_payout
from payments.demo.history import History
from payments.demo.network import Network
from payments.demo.shoppers import purchases
from payments.demo.traders import payouts, refunds
from payments.demo.wishes import BACK_OFFICE
from payments.fees import set_fee
from payments.keys import issue_key
from payments.models import FeeRule
from payments.money import Money
from providers.base import Operation
from tenants.models import Membership, Tenant, User
from tenants.provisioning import create_merchant
from tenants.roles import Role

ACTOR = "system:demo"
PREFIXES = ("", "disbursement_")
# Per cent of the amount, and Kwacha per operation.
FEES = {Operation.COLLECT: ("2.50", "0"), Operation.TRANSFER: ("1.00", "2.00"), Operation.REFUND: ("0", "1.00")}
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


def seed_merchant(demo: DemoMerchant, network: Network) -> dict[str, Any]:
    """One merchant as `demo.json` describes it, with new passwords and keys; its data is kept if it is there."""
    owner = _user(f"owner@{demo.slug}.test", name="Mwansa Banda")
    with transaction.atomic():
        tenant = Tenant.objects.filter(slug=demo.slug).first()
        if tenant is None:
            tenant, _ = create_merchant(slug=demo.slug, name=demo.name, owner_email=owner.email)
            with tenant_context(tenant):
                _stock(demo, network)
                _begin_today(tenant)
    people = {role: _staff(tenant, role) for role in STAFF}
    with tenant_context(tenant):
        _connect_others(demo)
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


def _stock(demo: DemoMerchant, network: Network) -> None:
    """Accounts at the simulator for both modes, what they cost, and two months of business in them."""
    now = timezone.now()
    for livemode, per_day in ((True, demo.payments_per_day), (False, 4)):
        credentials = _credentials(f"demo-{demo.slug}-{'live' if livemode else 'test'}")
        account = connect_provider(
            provider="mtn", livemode=livemode, base_url=settings.PROVIDER_BASE_URLS["mtn"], credentials=credentials,
            actor=ACTOR,
        )  # fmt: skip
        history = History(
            account=account,
            api_users={prefix: credentials[f"{prefix}api_user"] for prefix in PREFIXES},
            fees=_fees(livemode, since=now - timedelta(days=DAYS + 1)),
            network=network,
        )
        seed = f"{demo.slug}{livemode}"
        bought = list(purchases(seed=seed, until=now, days=DAYS, per_day=per_day))
        business = [
            *bought,
            *payouts(seed=seed, until=now, days=DAYS, per_day=per_day),
            *refunds(bought, seed=seed, until=now),
        ]
        for wish in sorted(business, key=lambda wish: wish.at):
            history.tell(wish)
        history.rows.insert()


def _connect_others(demo: DemoMerchant) -> None:
    """Accounts at the networks that the history is not about, so that their numbers can be tried."""
    for livemode in (True, False):
        name = f"demo-{demo.slug}-{'live' if livemode else 'test'}"
        wanted = {
            "airtel": {"client_id": f"{name}-app", "client_secret": secrets.token_hex(16), "pin": "4711"},
            "zamtel": {
                "third_party_id": f"{name}-caller", "password": secrets.token_hex(16), "shortcode": "000123",
                "initiator": f"{name}-initiator", "initiator_credential": secrets.token_hex(16),
            },
        }  # fmt: skip
        for provider, credentials in wanted.items():
            if find_account(provider=provider, livemode=livemode) is None:
                connect_provider(
                    provider=provider, livemode=livemode, base_url=settings.PROVIDER_BASE_URLS[provider],
                    credentials=credentials, actor=ACTOR,
                )  # fmt: skip


def _credentials(api_user: str) -> dict[str, str]:
    """Those of the collection product and of the disbursement product."""
    return {
        f"{prefix}{name}": value
        for prefix in PREFIXES
        for name, value in {
            "subscription_key": secrets.token_hex(16),
            "api_user": api_user + ("-out" if prefix else ""),
            "api_key": secrets.token_hex(16),
            "target_environment": "mtnzambia",
        }.items()
    }


def _fees(livemode: bool, *, since: datetime) -> dict[Operation, FeeRule]:
    return {
        operation: set_fee(
            livemode=livemode, provider="mtn", operation=operation, currency="ZMW", percentage=Decimal(percentage),
            fixed=Decimal(fixed), actor=ACTOR, valid_from=since,
        )
        for operation, (percentage, fixed) in FEES.items()
    }  # fmt: skip


def _begin_today(tenant: Tenant) -> None:
    """What is still open when the demo starts, through the engine itself, so that it is what it seems.

    The network tells a wrong amount about the first payout, so it becomes `unknown` and asks for a person; it never
    finishes the second one.
    """
    caller = Caller(
        tenant_id=tenant.pk, schema=tenant.schema_name, livemode=True, actor=BACK_OFFICE,
        routes=frozenset({("mtn", Operation.TRANSFER)}), blocked=frozenset(), ip="", request_id="",
    )  # fmt: skip
    for phone, amount, what, reference in (
        ("260966031709", "1840.00", "Solar panels", "PO-DOUBTFUL"),
        ("260966112454", "420.00", "Repairs", "PO-SLOW"),
    ):
        new = NewPayment(
            money=Money(Decimal(amount), "ZMW"), phone=phone, network="mtn", provider="mtn", reference=reference,
            description=what, metadata={"ledger": "supplies"},
        )  # fmt: skip
        create_payout(caller=caller, new=new, key=f"demo-{reference}", request={})


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

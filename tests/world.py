"""The small world that tests play in: merchants with staff, keys and an account at the simulator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from payments.accounts import connect_provider
from payments.keys import issue_key
from payments.models import Payment, ProviderAccount, Transaction
from tenants import jobs
from tenants.models import Membership, Tenant, User
from tenants.provisioning import create_merchant
from tenants.roles import Role

GOOD_PHONE = "+260966000123"
PASSWORD = "correct horse battery"


@dataclass
class Merchant:
    """A merchant, and the ways into it that tests take."""

    tenant: Tenant
    users: dict[str, User]
    test_key: str
    live_key: str
    simulator_url: str = ""

    @property
    def slug(self) -> str:
        return str(self.tenant.slug)

    def entered(self) -> tenant_context:
        """`with acme.entered():` runs inside the merchant's schema."""
        return tenant_context(self.tenant)

    def api(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        """A call to the JSON API with this merchant's test key, or another one."""
        headers = {"Authorization": f"Bearer {key or self.test_key}", **headers}
        return Client().generic(
            method,
            path,
            data=b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers=headers,
        )

    def pay(self, *, idempotency_key: str = "", key: str = "", **fields: Any) -> Any:
        """POST /v1/payments for K 150.00 from a good number unless `fields` say otherwise."""
        body = {"amount": "150.00", "currency": "ZMW", "phone": GOOD_PHONE, **fields}
        headers = {"Idempotency-Key": idempotency_key or uuid4().hex}
        return self.api("POST", "/v1/payments", body, key=key, **headers)

    def pay_out(self, *, idempotency_key: str = "", key: str = "", **fields: Any) -> Any:
        """POST /v1/payouts of K 50.00 to a good number unless `fields` say otherwise."""
        body = {"amount": "50.00", "currency": "ZMW", "phone": GOOD_PHONE, **fields}
        return self.api("POST", "/v1/payouts", body, key=key, **{"Idempotency-Key": idempotency_key or uuid4().hex})

    def refund(self, payment_id: str, *, idempotency_key: str = "", key: str = "", **fields: Any) -> Any:
        """POST /v1/payments/{id}/refunds of all that is left unless `fields` say otherwise."""
        headers = {"Idempotency-Key": idempotency_key or uuid4().hex}
        return self.api("POST", f"/v1/payments/{payment_id}/refunds", fields, key=key, **headers)

    def anonymous(self, method: str, path: str, body: Any) -> Any:
        """A call with no credentials at all, as a provider makes it."""
        return Client().generic(method, path, data=json.dumps(body).encode(), content_type="application/json")

    def connect(self, *, base_url: str, name: str = "") -> None:
        """Connect both modes to an account at this address: the merchant's usual one, or that of another name."""
        with self.entered():
            for livemode in (False, True):
                connect_provider(
                    provider="mtn", livemode=livemode, credentials=mtn_credentials(name or self.slug),
                    base_url=base_url,
                    actor="test",
                )  # fmt: skip

    def connect_others(self, *, base_url: str) -> dict[str, ProviderAccount]:
        """Connect Airtel and Zamtel in test mode as well. Returns the accounts by provider."""
        credentials = {"airtel": airtel_credentials(self.slug), "zamtel": zamtel_credentials(self.slug)}
        with self.entered():
            return {
                provider: connect_provider(
                    provider=provider, livemode=False, credentials=named, base_url=_address(provider, base_url),
                    actor="test",
                )
                for provider, named in credentials.items()
            }  # fmt: skip

    def payment(self, payment_id: str) -> Payment:
        with self.entered():
            return Payment.objects.get(pk=payment_id)

    def browser(self, role: str = Role.OWNER) -> Client:
        """A Django test client signed in as this merchant's person with the role."""
        client = Client()
        client.force_login(self.users[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


def make_merchant(slug: str, *, simulator_url: str = "http://127.0.0.1:9") -> Merchant:
    """A merchant with one person per role, an MTN account in both modes and a key for each."""
    users = {role.value: User.objects.create_user(f"{role}@{slug}.test", PASSWORD) for role in Role}
    tenant, _ = create_merchant(slug=slug, name=slug.title(), owner_email=f"owner@{slug}.test")
    for role in set(Role) - {Role.OWNER}:
        Membership.objects.create(user=users[role], tenant=tenant, role=role)
    with tenant_context(tenant):
        keys = []
        for livemode in (False, True):
            connect_provider(
                provider="mtn", livemode=livemode, credentials=mtn_credentials(slug), base_url=simulator_url,
                actor="test",
            )  # fmt: skip
            keys.append(issue_key(livemode=livemode, name="till 3", actor="test")[1])
    return Merchant(tenant=tenant, users=users, test_key=keys[0], live_key=keys[1], simulator_url=simulator_url)


def mtn_credentials(name: str) -> dict[str, str]:
    """Those of the collection product and of the disbursement product, which share a wallet and nothing else."""
    products = {"": name, "disbursement_": f"{name}-out"}
    return {
        f"{prefix}{field}": value
        for prefix, user in products.items()
        for field, value in {
            "subscription_key": f"{user}-subscription",
            "api_user": f"{user}-user",
            "api_key": f"{user}-key",
            "target_environment": "mtnzambia",
        }.items()
    }


def airtel_credentials(name: str) -> dict[str, str]:
    return {
        "client_id": f"{name}-client", "client_secret": f"{name}-client-secret", "pin": "4711",
        "callback_secret": f"{name}-callback-secret",
    }  # fmt: skip


def zamtel_credentials(name: str) -> dict[str, str]:
    return {
        "third_party_id": f"{name}-caller", "password": f"{name}-password", "shortcode": "000123",
        "initiator": f"{name}-initiator", "initiator_credential": f"{name}-credential",
    }  # fmt: skip


def _address(provider: str, base_url: str) -> str:
    """Zamtel's address includes the application."""
    return f"{base_url}/ZampayRestProd" if provider == "zamtel" else base_url


def run_jobs(*, rounds: int = 1) -> int:
    """Run all jobs that are due. Each further round first lets the time pass until all others are, too."""
    ran = _run_due()
    for _ in range(rounds - 1):
        let_time_pass()
        ran += _run_due()
    return ran


def _run_due() -> int:
    return jobs.run_due() + sum(jobs.run_due(lane=lane) for lane in settings.SLOW_PROVIDERS)


def let_time_pass() -> None:
    """Every waiting job becomes due."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE public.tenants_job SET due_at = now() WHERE parked_at IS NULL")


def let_settle(merchant: Merchant) -> None:
    """The settle window of every operation is over."""
    with merchant.entered():
        Transaction.objects.update(last_sent_at=timezone.now() - timedelta(hours=1))


@contextmanager
def temporary_merchant(slug: str, **kwargs: Any) -> Iterator[Merchant]:
    """A merchant whose rows are really committed, for tests with several connections; gone afterwards."""
    merchant = make_merchant(slug, **kwargs)
    try:
        yield merchant
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA "{merchant.tenant.schema_name}" CASCADE')
        Tenant.objects.filter(pk=merchant.tenant.pk).delete()
        User.objects.filter(pk__in=[user.pk for user in merchant.users.values()]).delete()

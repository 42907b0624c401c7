"""What a valid API key gives: merchant, mode and what may be done. Shared by threads and never changed."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest

from payments.create import Caller
from payments.routing.choosing import Route
from payments.routing.rules import Rule
from tenants.models import Tenant

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Access:
    """The merchant is the one the key belongs to; nothing else in a request can choose it."""

    tenant_id: int
    schema: str
    slug: str
    public_id: str
    merchant_name: str
    is_suspended: bool
    throttle_limit: int | None
    key_id: str
    key_name: str
    key_sha256: str
    scopes: frozenset[str]
    networks: tuple[Network, ...]
    expires_at: datetime | None
    is_revoked: bool
    livemode: bool
    actor: str
    routes: frozenset[Route]  # what the accounts connected in this mode can do
    blocked: frozenset[Route]  # of these, what cannot be done now: the circuit is open
    rules: tuple[Rule, ...]  # for choosing among them

    @property
    def providers(self) -> frozenset[str]:
        return frozenset(provider for provider, _ in self.routes)

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)

    def allows_ip(self, ip: str) -> bool:
        if not self.networks:
            return True
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self.networks)

    def tenant(self) -> Tenant:
        """To enter the schema with: `with tenant_context(access.tenant())`."""
        return Tenant(
            id=self.tenant_id,
            schema_name=self.schema,
            slug=self.slug,
            public_id=self.public_id,
            name=self.merchant_name,
        )

    def caller(self, request: "ApiRequest") -> Caller:
        return Caller(
            tenant_id=self.tenant_id,
            schema=self.schema,
            livemode=self.livemode,
            actor=self.actor,
            routes=self.routes,
            blocked=self.blocked,
            rules=self.rules,
            ip=request.ip,
            request_id=request.request_id,
        )


class ApiRequest(HttpRequest):
    """A request below /v1/ after the middleware let it in."""

    access: Access
    ip: str
    request_id: str

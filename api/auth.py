"""Bearer keys: from the Authorization header to the merchant, the mode and the scopes."""

import hmac
import ipaddress
from functools import partial
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured
from django.db import ProgrammingError
from django.http import HttpRequest
from ninja.security.base import AuthBase

from api.access import Access
from api.denials import deny
from api.key_cache import keys
from api.problems import Problem
from payments.keys import SCOPES, ParsedKey, parse_key
from payments.routing.plans import stored_rules
from tenants.prepared import fetch_one

MERCHANT_SQL = """
SELECT schema_name FROM public.tenants_tenant WHERE public_id = %(merchant)s"""

KEY_SQL = """
SELECT t.id, t.slug, t.public_id, t.name, t.suspended_at IS NOT NULL, t.throttle_limit,
       k.id, k.name, k.sha256, k.scopes, k.allowed_ips, k.expires_at, k.revoked_at IS NOT NULL, k.livemode,
       ARRAY(SELECT ARRAY[a.provider, can.operation,
                          CASE WHEN c.forced = 'open' OR c.forced = '' AND c.state <> 'closed' THEN 'blocked' END]
               FROM "{schema}".payments_provideraccount a
              CROSS JOIN jsonb_array_elements_text(a.operations) AS can (operation)
               LEFT JOIN public.tenants_circuit c
                 ON c.tenant_id = t.id AND c.account_id = a.id AND c.operation = can.operation
              WHERE a.livemode = k.livemode AND a.retired_at IS NULL),
       (SELECT p.rules FROM "{schema}".payments_routingplan p
         WHERE p.livemode = k.livemode ORDER BY p.version DESC LIMIT 1)
  FROM public.tenants_tenant t CROSS JOIN "{schema}".payments_apikey k
 WHERE t.public_id = %(merchant)s AND k.sha256 = %(sha256)s AND k.livemode = %(livemode)s"""

# Only real merchants get in here, and a merchant keeps its schema for life.
_schemas: dict[str, str] = {}


def authenticate(request: HttpRequest, *, ip: str) -> Access:
    """Who calls, by the key alone. Raises Problem; a mistyped key is refused without any SQL."""
    kind, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() != "bearer":
        raise _refused("Send the header Authorization: Bearer with an API key.")
    parsed = parse_key(text.strip())
    if parsed is None:
        raise _refused("This is not an API key of ours; it may have been cut or mistyped.")
    access = keys.get(parsed.sha256, partial(_look_up, parsed))
    if access is None or not hmac.compare_digest(access.key_sha256, parsed.sha256):
        raise _refused("There is no such API key.")
    return _let_in(request, access, ip)


class Scope(AuthBase):
    """Lets a key pass that has the scope. The middleware has already made sure that there is a key."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, name: str = "") -> None:
        if name and name not in SCOPES:
            raise ImproperlyConfigured(f"There is no scope {name}.")
        self.name = name
        super().__init__()

    def __call__(self, request: HttpRequest) -> bool:
        access: Access = request.access  # type: ignore[attr-defined]
        if self.name and self.name not in access.scopes:
            detail = (
                f"This needs the scope {self.name}, which the key {access.key_name} does not have. Scopes of a key "
                "never change: make a new key that has it, in the dashboard under API keys."
            )
            raise deny(request, access, "insufficient_scope", detail, ip=request.ip)  # type: ignore[attr-defined]
        return True


def _let_in(request: HttpRequest, access: Access, ip: str) -> Access:
    if access.is_revoked:
        raise deny(request, access, "invalid_api_key", "This API key was revoked.", ip=ip, headers=CHALLENGE)
    if access.has_expired:
        raise deny(request, access, "invalid_api_key", "This API key has expired.", ip=ip, headers=CHALLENGE)
    if access.is_suspended:
        raise deny(request, access, "merchant_suspended", f"{access.merchant_name} is suspended.", ip=ip)
    if not access.allows_ip(ip):
        raise deny(request, access, "ip_not_allowed", f"This API key may not be used from {ip}.", ip=ip)
    return access


def _look_up(parsed: ParsedKey) -> Access | None:
    schema = _schemas.get(parsed.merchant)
    if schema is None:
        found = fetch_one(MERCHANT_SQL, {"merchant": parsed.merchant})
        if found is None:
            return None
        schema = _schemas[parsed.merchant] = str(found[0])
    wanted = {"merchant": parsed.merchant, "sha256": parsed.sha256, "livemode": parsed.livemode}
    try:
        row = fetch_one(KEY_SQL.format(schema=schema), wanted)
    except ProgrammingError:
        # The schema was dropped under a process that knew it.
        _schemas.pop(parsed.merchant, None)
        return None
    return _access(schema, row) if row else None


def _access(schema: str, row: tuple[Any, ...]) -> Access:
    return Access(
        schema=schema,
        tenant_id=row[0],
        slug=row[1],
        public_id=row[2],
        merchant_name=row[3],
        is_suspended=row[4],
        throttle_limit=row[5],
        key_id=row[6],
        key_name=row[7],
        key_sha256=row[8],
        scopes=frozenset(orjson.loads(row[9])),
        networks=tuple(ipaddress.ip_network(text) for text in orjson.loads(row[10])),
        expires_at=row[11],
        is_revoked=row[12],
        livemode=row[13],
        actor=f'key:{row[6]} "{row[7]}"',
        routes=frozenset((provider, operation) for provider, operation, _ in row[14]),
        blocked=frozenset((provider, operation) for provider, operation, blocked in row[14] if blocked),
        rules=stored_rules(orjson.loads(row[15]) if row[15] else ()),
    )


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Ndalama"'}


def _refused(detail: str) -> Problem:
    return Problem("invalid_api_key", detail, headers=CHALLENGE)
